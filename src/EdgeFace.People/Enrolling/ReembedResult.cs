namespace EdgeFace.People;

/// <summary>What came of binding a gallery to another model.</summary>
public sealed record ReembedResult
{
    /// <summary>Whether the gallery is bound to the new contract; if not, it is as it was.</summary>
    public required bool Replaced { get; init; }

    /// <summary>What it was bound to.</summary>
    public required EmbeddingContract Former { get; init; }

    /// <summary>What it is bound to now, or would be.</summary>
    public required EmbeddingContract Contract { get; init; }

    /// <summary>How many samples have, or would have, a new embedding from their stored crops.</summary>
    public required long FromCrops { get; init; }

    /// <summary>How many have, or would have, one from the pictures where they were.</summary>
    public required long FromPictures { get; init; }

    /// <summary>The samples of which no new embedding could be made, by number; deleted if <see cref="Replaced"/>.</summary>
    public required IReadOnlyList<ReembeddedSample> Failed { get; init; }

    /// <summary>
    /// The samples with a new embedding whose face the new recogniser cannot recognise, by number: others may be taken for it.
    /// </summary>
    public required IReadOnlyList<ReembeddedSample> Unrecognisable { get; init; }

    /// <summary>How many samples have, or would have, a new embedding.</summary>
    public long Samples => FromCrops + FromPictures;
}
