namespace EdgeFace.People;

/// <summary>How the samples of a gallery are embedded anew.</summary>
public sealed record ReembedOptions
{
    /// <summary>
    /// Whether samples that cannot be embedded anew are deleted; otherwise one of them leaves the gallery as it was.
    /// </summary>
    public bool DropFailed { get; init; }
}
