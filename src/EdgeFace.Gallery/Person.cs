namespace EdgeFace.Gallery;

/// <summary>A person as a gallery knows them.</summary>
/// <param name="Id">The gallery's number for them; never used twice in one gallery.</param>
/// <param name="Name">What people call them; need not be unique.</param>
/// <param name="ExternalKey">What another system calls them; unique in a gallery where given.</param>
/// <param name="Metadata">A JSON object of the caller's, or null.</param>
/// <param name="Created">When they were added, UTC.</param>
/// <param name="Samples">How many samples are stored.</param>
public sealed record Person(long Id, string Name, string? ExternalKey, string? Metadata, DateTimeOffset Created, int Samples);

/// <summary>A person to be added.</summary>
/// <param name="Name">1 to 200 characters. It is stored in NFC, without white space around it and with one space for each run of white space in
/// it.</param>
public sealed record NewPerson(string Name)
{
    /// <summary>Longest name and external key, in characters.</summary>
    public const int MostCharacters = 200;

    /// <summary>Most bytes of <see cref="Metadata"/> as UTF-8.</summary>
    public const int MostMetadataBytes = 64 << 10;

    /// <summary>How deep <see cref="Metadata"/> may be nested: the object itself is the first level.</summary>
    public const int MostMetadataDepth = 32;

    /// <summary>What another system calls them, compared exactly, at most 200 characters; unique in a gallery.</summary>
    public string? ExternalKey { get; init; }

    /// <summary>
    /// A JSON object, at most 64 KiB and 32 levels; no key twice in one object, no number beyond a double, no <c>\u0000</c> and no half of a
    /// surrogate pair.
    /// </summary>
    public string? Metadata { get; init; }

    /// <summary>When they were added, for people who come from another gallery; null is now. Stores keep milliseconds at least.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The person as any gallery would store them; what it would refuse is refused before a gallery is at hand.</summary>
    /// <exception cref="GalleryException">A field is empty, too long or malformed.</exception>
    public NewPerson Accepted() => GalleryRules.Accepted(this);
}
