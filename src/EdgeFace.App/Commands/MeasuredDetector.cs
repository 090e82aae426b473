using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary>A detector that is measured.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="RecommendedScore">The score it is used with.</param>
/// <param name="Detector">The detector, which keeps faces of lower scores too.</param>
sealed record MeasuredDetector(string Name, double RecommendedScore, FaceDetector Detector);
