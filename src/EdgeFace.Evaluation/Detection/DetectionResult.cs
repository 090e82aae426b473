namespace EdgeFace.Evaluation;

/// <summary>How far the points found lie from the annotated ones: the mean of four distances, in distances of the annotated eyes.</summary>
/// <param name="Faces">Faces measured: found with the recommended score, and with points on both sides.</param>
/// <param name="Mean">The mean over faces.</param>
/// <param name="Median">The median over faces.</param>
/// <param name="Percentile95">What 95 % of the faces do not exceed.</param>
public sealed record LandmarkErrors(long Faces, Estimate Mean, Estimate Median, Estimate Percentile95);

/// <summary>Figures of all faces, of those of a size, or of those with a label.</summary>
/// <param name="Name">Which faces: <c>all</c>, <c>below 24</c>, a label.</param>
/// <param name="Faces">How many are annotated, without the ignored ones.</param>
/// <param name="AveragePrecision">Area under precision over recall; not supported of labels, as a false detection has none.</param>
/// <param name="RecallAtRates">Recall for each of <see cref="DetectionResult.Rates"/>, at its score.</param>
/// <param name="RecallAtScores">Recall for each of <see cref="DetectionResult.Scores"/>.</param>
/// <param name="Landmarks">Landmark errors.</param>
public sealed record FaceFigures(
    string Name, long Faces, Estimate AveragePrecision, IReadOnlyList<Estimate> RecallAtRates, IReadOnlyList<Estimate> RecallAtScores,
    LandmarkErrors Landmarks);

/// <summary>The point of the curve with the most detections whose false ones are at most so many a picture.</summary>
/// <param name="Target">False detections a picture that are not exceeded.</param>
/// <param name="Score">The least score there; null where no detection is left, or all detections together are below the target.</param>
/// <param name="FalsePositivesPerPicture">False detections a picture there.</param>
public sealed record FalsePositiveRatePoint(double Target, double? Score, double FalsePositivesPerPicture);

/// <summary>Detections that reach a score.</summary>
/// <param name="Score">The least score.</param>
/// <param name="TruePositives">Faces found.</param>
/// <param name="FalsePositives">False detections.</param>
/// <param name="Precision">Faces found, of all detections.</param>
/// <param name="FalsePositivesPerPicture">False detections, over all pictures.</param>
/// <param name="OnPicturesWithoutFaces">Those on pictures without any annotated face.</param>
/// <param name="PerPictureWithoutFaces">The same, over the pictures without any annotated face.</param>
public sealed record DetectionScorePoint(
    double Score, long TruePositives, long FalsePositives, Estimate Precision, Estimate FalsePositivesPerPicture,
    long OnPicturesWithoutFaces, Estimate PerPictureWithoutFaces);

/// <summary>A point of the curve: all detections of at least a score.</summary>
/// <param name="Score">That score.</param>
/// <param name="Recall">Faces found, of all; 0 where there are none.</param>
/// <param name="Precision">Faces found, of all detections.</param>
/// <param name="FalsePositivesPerPicture">False detections, over all pictures.</param>
public readonly record struct DetectionCurvePoint(double Score, double Recall, double Precision, double FalsePositivesPerPicture);

/// <summary>A false detection, to be looked at: it may be a face that nobody annotated.</summary>
/// <param name="Picture">Index of the picture.</param>
/// <param name="Detection">Index into its detections.</param>
public readonly record struct FalseDetection(int Picture, int Detection);

/// <summary>What <see cref="DetectionProtocol"/> finds out about a detector. Intervals are over pictures.</summary>
public sealed record DetectionResult
{
    internal DetectionResult() { }

    /// <summary>Number of pictures.</summary>
    public required int Pictures { get; init; }

    /// <summary>Pictures without any annotated face, ignored ones included.</summary>
    public required int PicturesWithoutFaces { get; init; }

    /// <summary>Ignored faces.</summary>
    public required long IgnoredFaces { get; init; }

    /// <summary>The score the detector is used with.</summary>
    public required double RecommendedScore { get; init; }

    /// <summary>All faces.</summary>
    public required FaceFigures All { get; init; }

    /// <summary>The faces by annotated width, smallest first.</summary>
    public required IReadOnlyList<FaceFigures> Sizes { get; init; }

    /// <summary>The faces by label, those of most faces first; empty without labels.</summary>
    public required IReadOnlyList<FaceFigures> Labels { get; init; }

    /// <summary>The points of <see cref="DetectionOptions.FalsePositiveRates"/>, rising.</summary>
    public required IReadOnlyList<FalsePositiveRatePoint> Rates { get; init; }

    /// <summary>The points of <see cref="DetectionOptions.Scores"/> and the recommended one, rising.</summary>
    public required IReadOnlyList<DetectionScorePoint> Scores { get; init; }

    /// <summary>At most 2,000 points, highest score first.</summary>
    public required IReadOnlyList<DetectionCurvePoint> Curve { get; init; }

    /// <summary>The false detections of the highest scores, at most a hundred.</summary>
    public required IReadOnlyList<FalseDetection> HighestFalse { get; init; }
}
