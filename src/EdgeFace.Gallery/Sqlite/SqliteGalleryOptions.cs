namespace EdgeFace.Gallery;

/// <summary>How a <see cref="SqliteGallery"/> is created or opened.</summary>
public readonly record struct SqliteGalleryOptions
{
    /// <summary>As the struct's fields say.</summary>
    public SqliteGalleryOptions() { }

    /// <summary>The limit of a new gallery, 1 to 1000; an existing one keeps its own.</summary>
    public int MostSamplesPerPerson { get; init; } = 10;

    /// <summary>Encrypts a new gallery, or opens an encrypted one; null for one that is not encrypted.</summary>
    public GalleryKey? Key { get; init; }

    /// <summary>How long to wait for another process that is writing.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What an existing gallery is opened for. A new one is always open for reading and writing.</summary>
    public GalleryAccess Access { get; init; }

    /// <summary>Lets the file grow to so many pages only, as if the disk were full.</summary>
    internal long? MostPages { get; init; }

    /// <summary>From so many samples on the index is written beside the gallery: fewer are indexed at once.</summary>
    internal long IndexFileFrom { get; init; } = 20_000;
}
