namespace EdgeFace.Vision;

/// <summary>The size of a picture in pixels.</summary>
public readonly record struct PictureSize(int Width, int Height);
