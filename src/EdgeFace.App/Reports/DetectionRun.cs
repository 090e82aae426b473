using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Reports;

/// <summary>Detectors side by side on the same pictures.</summary>
/// <param name="Lists">The annotations as they were read.</param>
/// <param name="Set">The value of the field <c>set</c> that was asked for; null where all pictures were taken.</param>
/// <param name="By">What the groups of pictures are by; null without groups.</param>
/// <param name="Failures">Pictures that could not be decoded, or have another size than their annotations are for: they count nowhere.</param>
/// <param name="MinScore">The least score of the detections that were collected; curves end there.</param>
/// <param name="MinIou">The least intersection over union of a detection and a box it has found.</param>
/// <param name="Detectors">The results.</param>
sealed record DetectionRun(
    IReadOnlyList<AnnotatedPictures> Lists, string? Set, string? By, IReadOnlyList<string> Failures, double MinScore, double MinIou,
    IReadOnlyList<DetectorResult> Detectors)
{
    /// <summary>The lists' names, for headings.</summary>
    public string Source => string.Join(", ", Lists.Select(l => Path.GetFileName(l.Source)));
}
