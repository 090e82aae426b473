namespace EdgeFace.Evaluation;

/// <summary>A quality score of the images of a data set.</summary>
/// <param name="Name">What the score is.</param>
/// <param name="Values">One for each image, higher is better; null where it is not known.</param>
public sealed record ImageQuality(string Name, IReadOnlyList<float?> Values);
