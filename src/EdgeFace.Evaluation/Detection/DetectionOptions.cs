namespace EdgeFace.Evaluation;

/// <summary>How detections are matched with faces, and at which points of the curve figures are given.</summary>
public sealed record DetectionOptions
{
    /// <summary>The defaults.</summary>
    public static DetectionOptions Default { get; } = new();

    /// <summary>Least intersection over union of a detection and the box of a face that it has found, in (0, 1].</summary>
    public double MinIou { get; init; } = 0.35;

    /// <summary>Where a face is annotated by points: the widest a detection that has found it may be, in distances of its eyes.</summary>
    public double MaxEyeDistances { get; init; } = 6;

    /// <summary>Numbers of false detections a picture at which the recall is told; above 0.</summary>
    public IReadOnlyList<double> FalsePositiveRates { get; init; } = [0.05, 0.1, 0.2, 0.5, 1];

    /// <summary>Least scores at which recall, precision and false detections are told, and false detections on pictures without faces.</summary>
    public IReadOnlyList<double> Scores { get; init; } = [0.5, 0.6, 0.7];

    /// <summary>The least score that the detector is used with. Landmarks are measured on faces found with it.</summary>
    public double RecommendedScore { get; init; } = 0.5;

    /// <summary>Where classes of size end and begin, in pixels of the annotated width, rising.</summary>
    public IReadOnlyList<double> SizeBounds { get; init; } = [24, 48, 96];

    /// <summary>Of so many labels at most recall is told, those of most faces first.</summary>
    public int MostLabels { get; init; } = 20;

    /// <exception cref="ArgumentOutOfRangeException">One of them is out of its range.</exception>
    internal DetectionOptions Checked()
    {
        Require(MinIou is > 0 and <= 1, nameof(MinIou), "an intersection over union in (0, 1]");
        Require(MaxEyeDistances > 0, nameof(MaxEyeDistances), "a number above 0");
        Require(FalsePositiveRates is { Count: > 0 } && FalsePositiveRates.All(IsAboveZero), nameof(FalsePositiveRates), "numbers above 0");
        Require(Scores is not null && Scores.All(double.IsFinite) && double.IsFinite(RecommendedScore), nameof(Scores), "finite numbers");
        var rising = SizeBounds is not null && SizeBounds.All(IsAboveZero) && SizeBounds.SequenceEqual(SizeBounds.Distinct().Order());
        Require(rising, nameof(SizeBounds), "rising numbers above 0");
        Require(MostLabels >= 0, nameof(MostLabels), "0 or more");
        return this with
        {
            FalsePositiveRates = [.. FalsePositiveRates.Distinct().Order()],
            Scores = [.. Scores!.Append(RecommendedScore).Distinct().Order()],
        };

        static bool IsAboveZero(double value) => value > 0 && double.IsFinite(value);

        static void Require(bool fits, string what, string range)
        {
            if (!fits) throw new ArgumentOutOfRangeException(what, $"{what} has to be {range}");
        }
    }
}
