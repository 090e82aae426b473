namespace EdgeFace.Vision;

/// <summary>
/// A copy of a picture at 1 / 2^Level of its width and height, rounded down: each of its pixels stands for 2^Level x 2^Level of the picture's,
/// from the picture's first pixel on.
/// </summary>
sealed record ReducedCopy(RgbImage Image, int Level);
