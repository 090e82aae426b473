namespace EdgeFace.Gallery;

/// <summary>How a gallery of any store is opened or created.</summary>
public sealed record GalleryStoreOptions
{
    /// <summary>Opens an encrypted gallery, or encrypts a new one; null for one that is not encrypted.</summary>
    public GalleryKey? Key { get; init; }

    /// <summary>What an existing gallery is opened for. A store that knows no such difference opens it for reading and writing.</summary>
    public GalleryAccess Access { get; init; } = GalleryAccess.ReadWrite;

    /// <summary>The limit of a new gallery, 1 to 1000; an existing one keeps its own.</summary>
    public int MostSamplesPerPerson { get; init; } = 10;
}
