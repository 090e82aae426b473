namespace EdgeFace.Evaluation.Data;

/// <summary>A picture of which somebody annotated the faces.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Faces">Its faces; none where it shows no face.</param>
/// <param name="Fields">What else the annotations say of it, by the name of the field or column: <c>set</c> and whatever there is.</param>
/// <param name="Size">Width and height that the annotations are for; null where they do not tell.</param>
public sealed record AnnotatedPicture(
    DataImage Image, IReadOnlyList<AnnotatedFace> Faces, IReadOnlyDictionary<string, string> Fields, (int Width, int Height)? Size);
