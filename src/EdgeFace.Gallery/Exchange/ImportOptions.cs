namespace EdgeFace.Gallery;

/// <summary>How an export is imported.</summary>
public readonly record struct ImportOptions
{
    /// <summary>
    /// Refuse what is told otherwise: a person whose external key belongs to somebody of another name, and an image that another person has.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Looks closer at a crop, which is known to be a PNG of 112 x 112 pixels by its first bytes alone; throws an <see
    /// cref="EdgeFaceException"/> for one that cannot be used. Null looks no closer.
    /// </summary>
    public Action<ReadOnlyMemory<byte>>? VerifyCrop { get; init; }
}
