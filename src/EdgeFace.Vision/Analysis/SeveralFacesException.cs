namespace EdgeFace.Vision;

/// <summary>Several faces were found where one is expected.</summary>
public sealed class SeveralFacesException(string source, IReadOnlyList<Face> faces, string advice)
    : EdgeFaceException($"{source}: {faces.Count} face{(faces.Count == 1 ? "" : "s")} found ({Places(faces)}): {advice}", ErrorKind.NoAnswer)
{
    /// <summary>What the picture was called by whoever gave it: a path or a name.</summary>
    public string Picture { get; } = source;

    /// <summary>The faces, best score first.</summary>
    public IReadOnlyList<Face> Faces { get; } = faces;

    static string Places(IReadOnlyList<Face> faces)
        => string.Join("; ", faces.Take(8).Select((f, i) => FormattableString.Invariant(
                $"{i}: {f.Box.Width:f0} x {f.Box.Height:f0} at ({f.Box.Left:f0}, {f.Box.Top:f0})")))
            + (faces.Count > 8 ? "; ..." : "");
}
