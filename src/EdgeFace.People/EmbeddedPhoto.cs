namespace EdgeFace.People;

/// <summary>The faces of a picture.</summary>
/// <param name="Width">Of the picture, in pixels.</param>
/// <param name="Height">Of the picture, in pixels.</param>
/// <param name="Faces">Best score first; none where none was found.</param>
public sealed record EmbeddedPhoto(int Width, int Height, IReadOnlyList<EmbeddedFace> Faces);
