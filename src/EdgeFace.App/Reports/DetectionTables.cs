using System.Globalization;
using EdgeFace.Evaluation;

namespace EdgeFace.App.Reports;

/// <summary>The results of detectors as rows of text: one form for the page and for the terminal.</summary>
static class DetectionTables
{
    // Of parts as many as fit beside each other.
    const int RatesOfParts = 3;

    /// <summary>One column for each detector.</summary>
    public static IEnumerable<string[]> Summary(IReadOnlyList<DetectorResult> detectors)
    {
        var first = detectors[0].Result;
        yield return Row("average precision", r => Share(r.All.AveragePrecision));
        for (var i = 0; i < first.Rates.Count; i++)
        {
            yield return Row($"recall at {Plain(first.Rates[i].Target)} false a picture",
                r => Share(r.All.RecallAtRates[i]) + At(r.Rates[i], r.All.RecallAtRates[i]));
        }
        for (var i = 0; i < first.Scores.Count; i++)
        {
            var score = first.Scores[i].Score;
            var name = $"at score {Plain(score)}{(score == first.RecommendedScore ? ", the recommended" : "")}: ";
            yield return Row(name + "recall", r => Share(r.All.RecallAtScores[i]));
            yield return Row("precision", r => Share(r.Scores[i].Precision));
            yield return Row("false a picture", r => Number(r.Scores[i].FalsePositivesPerPicture));
            if (first.PicturesWithoutFaces == 0) continue;
            yield return Row($"on {Count(first.PicturesWithoutFaces)} pictures without faces", r => OnEmpty(r.Scores[i]));
        }
        if (detectors.All(d => d.Result.All.Landmarks.Faces == 0)) yield break;
        yield return Row("landmark error, mean", r => Number(r.All.Landmarks.Mean));
        yield return Row("landmark error, median", r => Number(r.All.Landmarks.Median));
        yield return Row("landmark error, 95th percentile", r => Number(r.All.Landmarks.Percentile95));

        string[] Row(string name, Func<DetectionResult, string> value) => [name, .. detectors.Select(d => value(d.Result))];
    }

    public static string[] PartHeadings(string what, DetectionResult result) =>
        [what, "faces", "average precision", .. result.Rates.Take(RatesOfParts).Select(r => $"recall at {Plain(r.Target)}"), "landmark error"];

    public static string[] LabelHeadings(DetectionResult result) => WithoutPrecision(PartHeadings("label", result));

    /// <summary>One row for each label, without a precision: no false detection has a label.</summary>
    public static IEnumerable<string[]> Labels(DetectionResult result) => Parts(result.Labels).Select(WithoutPrecision);

    static string[] WithoutPrecision(string[] row) => [.. row[..2], .. row[3..]];

    /// <summary>One row for each class of size.</summary>
    public static IEnumerable<string[]> Parts(IReadOnlyList<FaceFigures> parts) => parts.Select(p => (string[])
        [p.Name, Count(p.Faces), Share(p.AveragePrecision), .. p.RecallAtRates.Take(RatesOfParts).Select(Share), Number(p.Landmarks.Mean)]);

    /// <summary>One row for each group of pictures.</summary>
    public static IEnumerable<string[]> Groups(IReadOnlyList<DetectionGroup> groups)
        => groups.SelectMany(g => Parts([g.Result.All with { Name = $"{g.Name} ({Count(g.Result.Pictures)} pictures)" }]));

    /// <summary>Of each group that has pictures without faces, what was detected there.</summary>
    public static IEnumerable<string[]> EmptyPictures(IReadOnlyList<DetectionGroup> groups) => groups.Where(g => g.Result.PicturesWithoutFaces > 0)
        .Select(g => (string[])[$"{g.Name} ({Count(g.Result.PicturesWithoutFaces)} pictures)", .. g.Result.Scores.Select(OnEmpty)]);

    public static string[] EmptyHeadings(string what, DetectionResult result)
        => [what, .. result.Scores.Select(s => $"detections at score {Plain(s.Score)}")];

    static string At(FalsePositiveRatePoint point, Estimate recall) => !recall.IsSupported ? ""
        : point.Score is { } score ? $", score {score.ToString("f3", CultureInfo.InvariantCulture)}"
        : $", not reached: all detections are {Plain(Math.Round(point.FalsePositivesPerPicture, 4))} a picture";

    static string OnEmpty(DetectionScorePoint point) => $"{Count(point.OnPicturesWithoutFaces)}: {Number(point.PerPictureWithoutFaces)} a picture";

    static string Plain(double value) => value.ToString(CultureInfo.InvariantCulture);

    static string Count(long count) => count.ToString("n0", CultureInfo.InvariantCulture);

    static string Share(Estimate e) => Figure(e, v => (100 * v).ToString("f2", CultureInfo.InvariantCulture), " %");

    static string Number(Estimate e) => Figure(e, v => v.ToString("f3", CultureInfo.InvariantCulture), "");

    static string Figure(Estimate e, Func<double, string> text, string unit)
        => e.Value is { } v ? text(v) + unit + (e.Interval is { } i ? $" [{text(i.Low)}, {text(i.High)}]" : "") : "unsupported";
}
