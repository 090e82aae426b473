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
/// <param name="Name">1 to 200 characters.</param>
public sealed record NewPerson(string Name)
{
    /// <summary>Longest name and external key, in characters.</summary>
    public const int MostCharacters = 200;

    /// <summary>Most bytes of <see cref="Metadata"/> as UTF-8.</summary>
    public const int MostMetadataBytes = 64 << 10;

    /// <summary>What another system calls them, at most 200 characters; unique in a gallery.</summary>
    public string? ExternalKey { get; init; }

    /// <summary>A JSON object, at most 64 KiB.</summary>
    public string? Metadata { get; init; }

    /// <summary>When they were added, for people who come from another gallery; null is now. Stores keep milliseconds at least.</summary>
    public DateTimeOffset? Created { get; init; }
}
