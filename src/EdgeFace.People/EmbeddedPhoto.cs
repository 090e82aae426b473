using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>The faces of a picture.</summary>
/// <param name="Size">Of the picture.</param>
/// <param name="Faces">
/// Best score first, none where none was found: each an <see cref="AnalyzedFace"/> where faces are searched for.
/// </param>
public sealed record EmbeddedPhoto(PictureSize Size, IReadOnlyList<AnalyzedCrop> Faces);
