namespace EdgeFace.Vision;

/// <summary>No face was found where one is needed.</summary>
public sealed class NoFaceException(string source)
    : EdgeFaceException($"{source}: no face found; the face should be at least 24 pixels wide and not in strong profile", ErrorKind.NoAnswer)
{
    /// <summary>What the picture was called by whoever gave it: a path or a name.</summary>
    public string Picture { get; } = source;
}
