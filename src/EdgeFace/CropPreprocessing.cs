namespace EdgeFace;

/// <summary>
/// How a crop becomes an embedding's input: the value of <see cref="EmbeddingContract.Preprocessing"/>. Every text is the form of one value.
/// </summary>
public sealed record CropPreprocessing
{
    const string MirrorSuffix = "+mirror-sum";

    CropPreprocessing(string version, bool mirrorSum) => (Version, MirrorSum) = (version, mirrorSum);

    /// <summary>What this release does with a crop: <c>rgb112-v1</c>, or <c>rgb112-v1+mirror-sum</c>.</summary>
    /// <param name="mirrorSum">Whether the embedding of the mirror image is added.</param>
    public static CropPreprocessing Current(bool mirrorSum) => new("rgb112-v1", mirrorSum);

    /// <summary>How pixels reach the network, e.g. <c>rgb112-v1</c>.</summary>
    public string Version { get; }

    /// <summary>Whether the embedding of the mirror image is added.</summary>
    public bool MirrorSum { get; }

    /// <summary>Reads the form that contracts store; any text is one, also of another release.</summary>
    public static CropPreprocessing Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.EndsWith(MirrorSuffix, StringComparison.Ordinal) ? new(text[..^MirrorSuffix.Length], true) : new(text, false);
    }

    /// <summary>The form that contracts store.</summary>
    public override string ToString() => MirrorSum ? Version + MirrorSuffix : Version;
}
