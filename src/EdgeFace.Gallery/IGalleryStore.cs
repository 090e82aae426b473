namespace EdgeFace.Gallery;

/// <summary>
/// A kind of place where galleries lie, as <see cref="SqliteStore"/>. Programs name galleries by a text; whoever opens them asks the stores that the
/// program brings whose it is.
/// </summary>
public interface IGalleryStore
{
    /// <summary>Whether a text names a gallery in this store.</summary>
    bool Holds(string address);

    /// <summary>What messages may call a gallery: never a part of the address that may be a password.</summary>
    string NameOf(string address);

    /// <summary>Whether a gallery is there.</summary>
    /// <exception cref="GalleryException">The store cannot be reached.</exception>
    Task<bool> ExistsAsync(string address, GalleryStoreOptions options, CancellationToken cancellationToken = default);

    /// <summary>Opens a gallery.</summary>
    /// <param name="address">Where.</param>
    /// <param name="contract">What it must be bound to; null accepts any.</param>
    /// <param name="options">Its key, and what it is opened for.</param>
    /// <param name="cancellationToken">Ends the call; nothing stays open.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">There is none, or it cannot be used.</exception>
    Task<IGallery> OpenAsync(
        string address, EmbeddingContract? contract, GalleryStoreOptions options, CancellationToken cancellationToken = default);

    /// <summary>Opens a gallery, or creates it where there is none.</summary>
    /// <param name="address">Where.</param>
    /// <param name="contract">What it is, or will be, bound to.</param>
    /// <param name="space">The space of the recogniser's head, of a new gallery.</param>
    /// <param name="options">Its key, and what a new gallery is to be like.</param>
    /// <param name="cancellationToken">Ends the call; nothing stays open, but a new gallery may stay.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">It can neither be opened nor be created.</exception>
    Task<OpenedGallery> OpenOrCreateAsync(string address, EmbeddingContract contract, Func<EmbeddingSpace> space, GalleryStoreOptions options,
        CancellationToken cancellationToken = default);
}

/// <summary>A gallery that was opened.</summary>
/// <param name="Gallery">It; the caller disposes of it.</param>
/// <param name="IsNew">Whether the call created it: of several processes at once, one did.</param>
public readonly record struct OpenedGallery(IGallery Gallery, bool IsNew) : IDisposable
{
    /// <summary>Closes the gallery.</summary>
    public void Dispose() => Gallery.Dispose();
}
