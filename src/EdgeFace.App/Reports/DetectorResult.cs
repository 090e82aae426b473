using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;

namespace EdgeFace.App.Reports;

/// <summary>The result of the pictures of one group.</summary>
/// <param name="Name">The group.</param>
/// <param name="Result">Its figures.</param>
sealed record DetectionGroup(string Name, DetectionResult Result);

/// <summary>A false detection to look at.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Face">The detection.</param>
sealed record NotedDetection(DataImage Image, DetectedFace Face);

/// <summary>What was measured of one detector.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="Version">Its models and weights.</param>
/// <param name="Result">Figures of all pictures.</param>
/// <param name="Groups">Figures of groups of pictures; empty where none were asked for.</param>
/// <param name="HighestFalse">The false detections of the highest scores.</param>
sealed record DetectorResult(
    string Name, string Version, DetectionResult Result, IReadOnlyList<DetectionGroup> Groups, IReadOnlyList<NotedDetection> HighestFalse);
