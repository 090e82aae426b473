using System.Text.RegularExpressions;

namespace EdgeFace.Gallery;

/// <summary>Galleries in files: <see cref="SqliteGallery"/>. Calls block a thread of the pool.</summary>
public sealed partial class SqliteStore : IGalleryStore
{
    /// <summary>The store.</summary>
    public static SqliteStore Instance { get; } = new();

    SqliteStore() { }

    /// <inheritdoc/>
    public bool Holds(string address)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        return !address.Contains("://", StringComparison.Ordinal) && !ServerKeyword().IsMatch(address);
    }

    /// <inheritdoc/>
    public string NameOf(string address) => address;

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string address, GalleryStoreOptions options, CancellationToken cancellationToken = default)
        => Task.Run(() => File.Exists(address), cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IGallery> OpenAsync(
        string address, EmbeddingContract? contract, GalleryStoreOptions options, CancellationToken cancellationToken = default)
        => OpenedOnPool.Run<IGallery>(() => SqliteGallery.Open(address, contract, Of(options)), cancellationToken);

    /// <inheritdoc/>
    public Task<OpenedGallery> OpenOrCreateAsync(string address, EmbeddingContract contract, Func<EmbeddingSpace> space,
        GalleryStoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(space);
        return OpenedOnPool.Run(() => File.Exists(address)
            ? new OpenedGallery(SqliteGallery.Open(address, contract, Of(options)), false)
            : new(SqliteGallery.OpenOrCreate(address, contract, space(), Of(options), out var made), made), cancellationToken);
    }

    // What names a server is the address of a gallery elsewhere, and may hold a password.
    [GeneratedRegex(@"(^|;)\s*(Host|Server)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex ServerKeyword();

    static SqliteGalleryOptions Of(GalleryStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new() { Key = options.Key, Access = options.Access, MostSamplesPerPerson = options.MostSamplesPerPerson };
    }
}
