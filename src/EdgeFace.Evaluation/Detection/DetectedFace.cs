namespace EdgeFace.Evaluation;

/// <summary>A face as a detector found it.</summary>
/// <param name="Box">Its box.</param>
/// <param name="Score">How sure the detector is; higher is surer, on any scale.</param>
/// <param name="Points">Four points of it, where the detector gives landmarks.</param>
public sealed record DetectedFace(FaceBox Box, float Score, FacePoints? Points = null);
