namespace EdgeFace.Evaluation;

/// <summary>One picture: which faces it shows, and which a detector found in it.</summary>
/// <param name="Annotated">The faces that are there; none where the picture shows no face.</param>
/// <param name="Detected">The faces found, down to a score lower than any that is of interest.</param>
public sealed record DetectionPicture(IReadOnlyList<AnnotatedFace> Annotated, IReadOnlyList<DetectedFace> Detected);
