namespace EdgeFace.Gallery.Postgres;

/// <summary>
/// Galleries in PostgreSQL: <see cref="PostgresGallery"/>, named by <c>Host=...;Database=...;Username=...</c> or
/// <c>postgres://user@host/database</c>.
/// </summary>
public sealed class PostgresStore : IGalleryStore
{
    readonly PostgresGalleryOptions _options;

    /// <summary>The store with its usual options.</summary>
    public static PostgresStore Instance { get; } = new(new());

    /// <param name="options">Schema, partitions and search; key and limit come from whoever opens a gallery.</param>
    public PostgresStore(PostgresGalleryOptions options) => _options = options;

    /// <inheritdoc/>
    public bool Holds(string address) => PostgresGallery.IsConnection(address);

    /// <inheritdoc/>
    public string NameOf(string address) => "the gallery in PostgreSQL";

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string address, GalleryStoreOptions options, CancellationToken cancellationToken = default)
        => Task.Run(() => PostgresGallery.Exists(address, Of(options)), cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IGallery> OpenAsync(
        string address, EmbeddingContract? contract, GalleryStoreOptions options, CancellationToken cancellationToken = default)
        => OpenedOnPool.Run<IGallery>(() => PostgresGallery.Open(address, contract, Of(options)), cancellationToken);

    /// <inheritdoc/>
    public Task<OpenedGallery> OpenOrCreateAsync(string address, EmbeddingContract contract, Func<EmbeddingSpace> space,
        GalleryStoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(space);
        return OpenedOnPool.Run(() => new OpenedGallery(
            PostgresGallery.OpenOrCreate(address, contract, space(), Of(options), out var made), made), cancellationToken);
    }

    PostgresGalleryOptions Of(GalleryStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _options with { Key = options.Key, MostSamplesPerPerson = options.MostSamplesPerPerson };
    }
}
