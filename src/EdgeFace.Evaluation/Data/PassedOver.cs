namespace EdgeFace.Evaluation.Data;

/// <summary>What is in a folder of pictures and is passed over.</summary>
/// <param name="IsFault">Whether it may well be a picture, or hold some, and cannot be read.</param>
readonly record struct PassedOver(string Path, string Why, bool IsFault);
