using EdgeFace.Gallery;

namespace EdgeFace.People;

/// <summary>
/// Where a gallery lies, as people write it: a file, or what another store knows how to read. Its text never tells the address itself, which may
/// hold a password.
/// </summary>
public sealed class GalleryAddress
{
    readonly string _address;
    readonly GalleryKey? _key;

    /// <param name="address">A file's path, or the address of a gallery in one of the stores, such as <c>Host=...;Database=...</c>.</param>
    /// <param name="key">The key of an encrypted gallery, or to encrypt a new one.</param>
    /// <param name="stores">The stores besides files: those of packages that the program references, e.g. <c>PostgresStore.Instance</c>.</param>
    /// <exception cref="EdgeFaceException">None of the stores knows such an address.</exception>
    public GalleryAddress(string address, GalleryKey? key = null, params IEnumerable<IGalleryStore> stores)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        ArgumentNullException.ThrowIfNull(stores);
        (_address, _key) = (address, key);
        Store = stores.FirstOrDefault(s => s.Holds(address)) ?? (SqliteStore.Instance.Holds(address) ? SqliteStore.Instance
            : throw new UsageException("the address of the gallery is neither a file's path nor one that a store of this program knows: "
                + "galleries in PostgreSQL need the package EdgeFace.Gallery.Postgres and its PostgresStore."));
    }

    /// <summary>The store that knows the address.</summary>
    public IGalleryStore Store { get; }

    /// <summary>What messages may call the gallery.</summary>
    public string Name => Store.NameOf(_address);

    /// <summary>Whether a gallery is there.</summary>
    /// <exception cref="GalleryException">The store cannot be reached.</exception>
    public Task<bool> ExistsAsync(CancellationToken cancellationToken = default) => Store.ExistsAsync(_address, Options(), cancellationToken);

    /// <summary>Opens the gallery.</summary>
    /// <param name="contract">What it must be bound to; null accepts any.</param>
    /// <param name="access">What it is opened for.</param>
    /// <param name="cancellationToken">Ends the call; nothing stays open.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">There is none, or it cannot be used.</exception>
    public Task<IGallery> OpenAsync(EmbeddingContract? contract = null, GalleryAccess access = GalleryAccess.ReadWrite,
        CancellationToken cancellationToken = default)
        => Store.OpenAsync(_address, contract, Options() with { Access = access }, cancellationToken);

    /// <summary>Opens the gallery for the embeddings of a pipeline, or creates it.</summary>
    /// <param name="pipeline">Whose contract it is, or will be, bound to.</param>
    /// <param name="mostSamplesPerPerson">The limit of a new gallery, 1 to 1000; an existing one keeps its own.</param>
    /// <param name="cancellationToken">Ends the call; nothing stays open, but a new gallery may stay.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">It can neither be opened nor be created.</exception>
    public Task<OpenedGallery> OpenOrCreateAsync(
        FacePipeline pipeline, int mostSamplesPerPerson = 10, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return Store.OpenOrCreateAsync(_address, pipeline.Contract, pipeline.OpenSpace,
            Options() with { MostSamplesPerPerson = mostSamplesPerPerson }, cancellationToken);
    }

    /// <summary><see cref="Name"/>.</summary>
    public override string ToString() => Name;

    GalleryStoreOptions Options() => new() { Key = _key };
}
