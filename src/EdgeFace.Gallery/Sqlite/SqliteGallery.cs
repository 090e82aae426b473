using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeFace.Gallery;

/// <summary>A gallery in one SQLite file.</summary>
public sealed partial class SqliteGallery : IGallery
{
    readonly Lock _lock = new();
    readonly SqliteDatabase _database;
    readonly FieldCipher _cipher;
    readonly Projection _projection;
    readonly byte[]? _dataKey;
    readonly byte[] _id;
    readonly int _mostSamples;
    readonly DateTimeOffset _created;
    long _sameVersion = -1;
    bool _disposed, _together;

    SqliteGallery(SqliteDatabase database, EmbeddingContract contract, byte[]? dataKey, FieldCipher cipher, long indexFileFrom)
    {
        (_database, Contract, _dataKey, _cipher, _indexFileFrom) = (database, contract, dataKey, cipher, indexFileFrom);
        _id = (byte[])Meta(database, "id");
        _projection = Projection.FromBytes(_cipher.Open((byte[])Meta(database, "projection"), "projection", 0), contract.Dimension);
        _index = new(_projection.Rank);
        _mostSamples = (int)(long)Meta(database, "most samples per person");
        _created = Time((long)Meta(database, "created"));
    }

    /// <inheritdoc/>
    public EmbeddingContract Contract { get; }

    /// <summary>The gallery's file.</summary>
    public string Path => _database.Path;

    /// <inheritdoc/>
    public GalleryInfo Info => Locked(() => _database.Rows("SELECT persons, samples, crops FROM state",
        r => new GalleryInfo("sqlite", Contract, _projection.Rank, r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), _mostSamples, SqliteSchema.Version, _cipher.Encrypts, _created))[0]);

    /// <summary>Creates a gallery. Its file appears whole or not at all.</summary>
    /// <param name="path">A file that does not exist yet, in a folder that does.</param>
    /// <param name="contract">What it is bound to for ever.</param>
    /// <param name="space">The space of the recogniser's head, <see cref="EmbeddingSpace.Of"/>.</param>
    /// <param name="options">Limit and encryption.</param>
    /// <exception cref="GalleryException">The file exists or cannot be written.</exception>
    public static SqliteGallery Create(string path, EmbeddingContract contract, EmbeddingSpace space, SqliteGalleryOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(space);
        if (contract.Dimension != space.Dimension) throw new ArgumentException($"the space has {space.Dimension} dimensions, embeddings of '{contract.Model}' have {contract.Dimension}", nameof(space));
        if (options.MostSamplesPerPerson is < 1 or > 1000) throw new ArgumentOutOfRangeException(nameof(options), options.MostSamplesPerPerson, "a person may have 1 to 1000 samples");
        var full = System.IO.Path.GetFullPath(path);
        if (File.Exists(full)) throw new GalleryException($"{path} exists already; open it, or choose another place");
        var partial = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(full)!, $".{System.IO.Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        try
        {
            CreatePrivate(partial);
            Fill(partial, contract, space, options);
            File.Move(partial, full, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(full)) throw new GalleryException($"{path} exists already; open it, or choose another place", e) { Kind = ErrorKind.Request };
            throw new GalleryException($"{path}: the gallery cannot be created: {e.Message}", e);
        }
        finally
        {
            foreach (var left in new[] { partial, partial + "-wal", partial + "-shm" })
                if (File.Exists(left)) File.Delete(left);
        }
        return Open(path, contract, options);
    }

    /// <summary>Opens a gallery.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="contract">What it must be bound to; null accepts any.</param>
    /// <param name="options">The key, if it is encrypted.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">There is no such gallery, it is damaged or of a newer version, or the key is missing or wrong. Nothing was changed.</exception>
    public static SqliteGallery Open(string path, EmbeddingContract? contract, SqliteGalleryOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new GalleryException($"there is no gallery at {path}");
        var database = new SqliteDatabase(path, options.BusyTimeout);
        FieldCipher? cipher = null;
        try
        {
            RequireGallery(database);
            var bound = JsonSerializer.Deserialize((string)Meta(database, "contract"), GalleryJson.Default.EmbeddingContract)!;
            if (contract is not null && contract != bound) throw new GalleryContractException(path, bound, contract);
            var dataKey = OpenDataKey(database, options.Key);
            cipher = new(dataKey);
            database.Script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF");
            if (options.MostPages is { } pages) database.Script(FormattableString.Invariant($"PRAGMA max_page_count = {pages}"));
            SqliteSchema.Upgrade(database, SqliteSchema.Steps);
            var gallery = new SqliteGallery(database, bound, dataKey, cipher, options.IndexFileFrom);
            gallery.Start();
            return gallery;
        }
        catch (Exception e)
        {
            cipher?.Dispose();
            database.Dispose();
            if (e is JsonException or InvalidCastException) throw database.Damaged("its description cannot be read", e);
            throw;
        }
    }

    /// <summary>Opens a gallery, or creates it if its file does not exist.</summary>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">As for opening and creating.</exception>
    public static SqliteGallery OpenOrCreate(string path, EmbeddingContract contract, EmbeddingSpace space, SqliteGalleryOptions options)
    {
        if (!File.Exists(path))
        {
            try
            {
                return Create(path, contract, space, options);
            }
            catch (GalleryException) when (File.Exists(path))
            {
                // Another process was first.
            }
        }
        return Open(path, contract, options);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            SaveIndex();
            _disposed = true;
            _database.Dispose();
            _cipher.Dispose();
        }
    }

    static void Fill(string path, EmbeddingContract contract, EmbeddingSpace space, SqliteGalleryOptions options)
    {
        using var database = new SqliteDatabase(path, options.BusyTimeout);
        database.Script($"PRAGMA application_id = {SqliteSchema.ApplicationId}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        var dataKey = options.Key is null ? null : RandomNumberGenerator.GetBytes(FieldCipher.KeyBytes);
        using var cipher = new FieldCipher(dataKey);
        database.Transaction(() =>
        {
            SqliteSchema.Upgrade(database, SqliteSchema.Steps);
            SetMeta(database, "id", RandomNumberGenerator.GetBytes(16));
            SetMeta(database, "contract", JsonSerializer.Serialize(contract, GalleryJson.Default.EmbeddingContract));
            SetMeta(database, "projection", cipher.Seal(Projection.Create(space).ToBytes(), "projection", 0));
            SetMeta(database, "most samples per person", (long)options.MostSamplesPerPerson);
            SetMeta(database, "created", SqliteSchema.Now());
            if (options.Key is { } key) SetMeta(database, "data key", KeyWrap.Wrap(dataKey!, key));
            SqliteSchema.Log(database, "create", null, null, FormattableString.Invariant($"version {SqliteSchema.Version}"));
            return 0;
        });
    }

    /// <summary>For its owner alone, as far as the system knows owners; SQLite gives the files beside it the same rights.</summary>
    static void CreatePrivate(string path)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, how);
    }

    static void RequireGallery(SqliteDatabase database)
    {
        if (database.Number("PRAGMA application_id") != SqliteSchema.ApplicationId) throw new GalleryException($"{database.Path} is not a gallery: it is empty, or the SQLite database of another program") { Kind = ErrorKind.Input };
        var version = database.Number("PRAGMA user_version");
        if (version < 1) throw database.Damaged($"its tables have version {version}");
        if (version > SqliteSchema.Version)
            throw new GalleryException($"{database.Path} was written by a newer EdgeFace: its tables have version {version}, this one knows up to {SqliteSchema.Version}. Use that EdgeFace, or export there and import here") { Kind = ErrorKind.Input };
    }

    static object Meta(SqliteDatabase database, string name) => database.Value("SELECT value FROM meta WHERE name = $0", name) ?? throw database.Damaged($"its description lacks '{name}'");

    static void SetMeta(SqliteDatabase database, string name, object value) => database.Execute("INSERT INTO meta (name, value) VALUES ($0, $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);

    static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    T Locked<T>(Func<T> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            RequireSame();
            return work();
        }
    }

    /// <inheritdoc/>
    public void Together(Action changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Locked(() =>
        {
            if (_together) throw new InvalidOperationException("changes are brought together already");
            _together = true;
            try
            {
                return Changed(() =>
                {
                    changes();
                    return 0;
                });
            }
            catch
            {
                // It knows of samples that are not there.
                ForgetIndex();
                throw;
            }
            finally
            {
                _together = false;
            }
        });
    }

    T Changed<T>(Func<T> work) => Locked(() => _database.Transaction(() =>
    {
        RequireSame();
        return work();
    }));

    /// <summary>Another process may have put another gallery in the place of this one.</summary>
    void RequireSame()
    {
        var version = _database.Number("PRAGMA data_version");
        if (version == _sameVersion) return;
        if (!_id.AsSpan().SequenceEqual((byte[])Meta(_database, "id"))) throw new GalleryException($"{Path} was replaced by another gallery (re-embedded, for instance): open it anew");
        _sameVersion = version;
    }
}
