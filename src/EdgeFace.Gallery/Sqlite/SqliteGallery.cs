using System.Security.Cryptography;
using EdgeFace.Files;

namespace EdgeFace.Gallery;

/// <summary>A gallery in one SQLite file.</summary>
public sealed partial class SqliteGallery : IGallery
{
    const string LogLeft = "the log of the new gallery could not be brought into its file";

    readonly Lock _lock = new();
    readonly SqliteDescription _description;
    readonly byte[]? _dataKey;
    readonly Projection _projection;
    readonly GalleryAccess _access;

    // For changes and what belongs to them, under the lock.
    readonly SqliteRows _rows;
    readonly SqliteDatabase _database;
    readonly FieldCipher _cipher;

    // For everything that only reads.
    readonly SqliteReaders _readers;
    bool _disposed, _together;

    SqliteGallery(SqliteDatabase database, SqliteDescription description, byte[]? dataKey, FieldCipher cipher, SqliteGalleryOptions options)
    {
        (_database, _description, _dataKey, _cipher) = (database, description, dataKey, cipher);
        (_access, _indexFileFrom) = (options.Access, options.IndexFileFrom);
        _projection = description.OpenProjection(database, cipher);
        _rows = new(database, description, cipher, _projection);
        _readers = new(() => OpenReader(options.BusyTimeout), Math.Max(2, Environment.ProcessorCount));
        _index = new(_projection.Rank);
    }

    /// <inheritdoc/>
    public EmbeddingContract Contract => _description.Contract;

    /// <summary>The gallery's file.</summary>
    public string Path => _database.Path;

    /// <summary>Whether the gallery is open for reading only, as was asked for or because it cannot be written; changes are refused then.</summary>
    public bool IsReadOnly => _database.IsReadOnly;

    /// <inheritdoc/>
    public GalleryInfo Info => Read(rows =>
    {
        var state = rows.State();
        return new GalleryInfo("sqlite", Contract, _projection.Rank, state.Persons, state.Samples, state.Crops,
            _description.MostSamples, _description.Version, _cipher.Encrypts, _description.Created);
    });

    /// <summary>Creates a gallery. Its file appears whole or not at all.</summary>
    /// <param name="path">A file that does not exist yet, in a folder that does.</param>
    /// <param name="contract">What it is bound to for ever.</param>
    /// <param name="space">The space of the recogniser's head, <see cref="EmbeddingSpace.Of"/>.</param>
    /// <param name="options">Limit and encryption.</param>
    /// <exception cref="GalleryException">The file exists or cannot be written, or the log of a gallery lies there whose file is gone.</exception>
    public static SqliteGallery Create(string path, EmbeddingContract contract, EmbeddingSpace space, SqliteGalleryOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(contract);
        ArgumentNullException.ThrowIfNull(space);
        if (contract.Dimension != space.Dimension)
            throw new ArgumentException(
                $"the space has {space.Dimension} dimensions, embeddings of '{contract.Model}' have {contract.Dimension}", nameof(space));
        if (options.MostSamplesPerPerson is < 1 or > SqliteDescription.MostSamplesAtAll)
            throw new ArgumentOutOfRangeException(nameof(options), options.MostSamplesPerPerson, "a person may have 1 to 1000 samples");
        var full = RequireFree(path, "open it, or choose another place");
        WithPartial(path, full, "the gallery cannot be created; nothing is left of it", partial =>
        {
            CreatePrivate(partial);
            Fill(partial, contract, space, options);
            RequireWhole(partial);
            Appear(partial, full);
            return 0;
        });
        return Open(path, contract, options with { Access = GalleryAccess.ReadWrite });
    }

    /// <summary>Opens a gallery.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="contract">What it must be bound to; null accepts any.</param>
    /// <param name="options">The key, if it is encrypted, and what it is opened for.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">
    /// There is no such gallery, it is damaged or of a newer version, or the key is missing or wrong; or, opened for reading, its journal or its
    /// unshared log holds what its file lacks (<see cref="ErrorKind.Machine"/>). Nothing was changed.
    /// </exception>
    public static SqliteGallery Open(string path, EmbeddingContract? contract, SqliteGalleryOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new GalleryException($"there is no gallery at {path}");
        if (options.Access == GalleryAccess.ReadOnly) return OpenToRead(path, contract, options);
        try
        {
            return Open(new SqliteDatabase(path, options.BusyTimeout), contract, options);
        }
        catch (GalleryException e) when (e.PreventsWriting() && options.Access == GalleryAccess.ReadWriteIfPossible)
        {
            return OpenToRead(path, contract, options);
        }
    }

    /// <summary>Opens a gallery, or creates it if its file does not exist.</summary>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">As for opening and creating.</exception>
    public static SqliteGallery OpenOrCreate(string path, EmbeddingContract contract, EmbeddingSpace space, SqliteGalleryOptions options)
        => OpenOrCreate(path, contract, space, options, out _);

    /// <summary>As <see cref="OpenOrCreate(string, EmbeddingContract, EmbeddingSpace, SqliteGalleryOptions)"/>.</summary>
    /// <param name="path">The gallery's file.</param>
    /// <param name="contract">What it is, or will be, bound to.</param>
    /// <param name="space">Of a new gallery.</param>
    /// <param name="options">The key, and the limit of a new gallery.</param>
    /// <param name="created">Whether this call created it: of several processes at once, one did.</param>
    /// <exception cref="GalleryContractException">It is bound to another contract.</exception>
    /// <exception cref="GalleryException">As for opening and creating.</exception>
    public static SqliteGallery OpenOrCreate(
        string path, EmbeddingContract contract, EmbeddingSpace space, SqliteGalleryOptions options, out bool created)
    {
        created = false;
        if (!File.Exists(path))
        {
            try
            {
                var gallery = Create(path, contract, space, options);
                created = true;
                return gallery;
            }
            catch (GalleryException) when (File.Exists(path))
            {
                // Another process was first.
            }
        }
        return Open(path, contract, options);
    }

    /// <summary>Closes the file, once what is being read and changed is done.</summary>
    public void Dispose()
    {
        _readers.Dispose();
        lock (_lock)
        {
            if (_disposed) return;
            SaveIndex();
            _disposed = true;
            _rows.Dispose();
        }
    }

    /// <returns>The full path of a file that is to be made.</returns>
    static string RequireFree(string path, string advice)
    {
        var full = System.IO.Path.GetFullPath(path);
        // Looked for before the file, which another process may just have created.
        var left = Array.Find([full + "-wal", full + "-journal"], f => new FileInfo(f) is { Exists: true, Length: > 0 });
        if (File.Exists(full)) throw new GalleryException($"{path} exists already; {advice}");
        // SQLite would bring into a new file what lies there of another.
        if (left is not null)
            throw new GalleryException($"{path}: the gallery cannot be created: {left} holds changes of a gallery that is not there any more. "
                + "Put that gallery's file back and open it, or delete what lies there, or choose another place");
        return full;
    }

    /// <summary>Makes a file beside its place, of which nothing is left unless it got its name.</summary>
    static T WithPartial<T>(string path, string full, string failed, Func<string, T> make)
    {
        var partial = System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(full)!, $".{System.IO.Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        var isNew = !File.Exists(full);
        try
        {
            return make(partial);
        }
        catch (GalleryException e)
        {
            var why = e.Message.Replace(partial, full, StringComparison.Ordinal);
            throw new GalleryException($"{path}: {failed} ({why})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (isNew && File.Exists(full))
                throw new GalleryException($"{path} exists already; open it, or choose another place", e) { Kind = ErrorKind.Request };
            throw new GalleryException($"{path}: {failed}: {e.Message}", e);
        }
        finally
        {
            foreach (var file in new[] { partial, partial + "-wal", partial + "-shm", partial + "-journal" })
                if (File.Exists(file)) File.Delete(file);
        }
    }

    static void Fill(string path, EmbeddingContract contract, EmbeddingSpace space, SqliteGalleryOptions options)
    {
        using var database = new SqliteDatabase(path, options.BusyTimeout);
        // Until it is whole there is no log: what is in the file when it gets its name is all there is.
        database.Script($"PRAGMA application_id = {SqliteSchema.ApplicationId}; PRAGMA synchronous = FULL");
        var id = RandomNumberGenerator.GetBytes(FieldCipher.GalleryIdBytes);
        var dataKey = options.Key is null ? null : RandomNumberGenerator.GetBytes(FieldCipher.KeyBytes);
        using var cipher = new FieldCipher(dataKey, id, SqliteSchema.Version);
        var created = Time(SqliteSchema.Now());
        var text = SqliteDescription.TextOf(contract);
        database.Transaction(() =>
        {
            SqliteSchema.Upgrade(database, SqliteSchema.Steps, null);
            SqliteDescription.Set(database, "id", id);
            SqliteDescription.Set(database, "contract", text);
            var place = SqliteDescription.PlaceOfProjection(text, options.MostSamplesPerPerson, created);
            SqliteDescription.Set(database, "projection", cipher.Seal(Projection.Create(space).ToBytes(), place));
            SqliteDescription.Set(database, "most samples per person", (long)options.MostSamplesPerPerson);
            SqliteDescription.Set(database, "created", created.ToUnixTimeMilliseconds());
            if (options.Key is { } key) SqliteDescription.Set(database, "data key", KeyWrap.Wrap(dataKey!, key, id, SqliteSchema.Version));
            SqliteSchema.Log(database, "create", null, null, FormattableString.Invariant($"version {SqliteSchema.Version}"));
            return 0;
        });
        database.SetJournal("wal");
        if (!database.Checkpoint()) throw new IOException(LogLeft);
    }

    /// <summary>Nothing of a new gallery may lie anywhere but in its file, and all of that must be on the disk, before it gets its name.</summary>
    static void RequireWhole(string path)
    {
        if (new FileInfo(path + "-wal") is { Exists: true, Length: > 0 }) throw new IOException(LogLeft);
        using (var database = new SqliteDatabase(path, new SqliteGalleryOptions().BusyTimeout, SqliteReach.ReadUnlocked))
        {
            if (database.Rows("PRAGMA integrity_check", r => r.Value(0) as string) is not ["ok"])
                throw new IOException("it was not written as it should be");
        }
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>For its owner alone, as far as the system knows owners; SQLite gives the files beside it the same rights.</summary>
    static void CreatePrivate(string path)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, how);
    }

    static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    SqliteRows OpenReader(TimeSpan busyTimeout)
    {
        var database = new SqliteDatabase(Path, busyTimeout, _database.ReadingReach);
        return new(database, _description, new(_dataKey, _description.Id, _description.Version), _projection);
    }

    /// <summary>Reads one state of the file, and waits for no writer. Among changes that are brought together it sees those made so far.</summary>
    T Read<T>(Func<SqliteRows, T> work) => Using(rows => rows.Database.Snapshot(() =>
    {
        rows.RequireSame();
        return work(rows);
    }));

    T Using<T>(Func<SqliteRows, T> work)
    {
        if (_lock.IsHeldByCurrentThread) return Locked(() => work(_rows));
        try
        {
            return _readers.Use(work);
        }
        finally
        {
            _database.RequireUnchanged();
        }
    }

    /// <summary>Works on the connection for changes, one caller at a time.</summary>
    T Locked<T>(Func<T> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                _rows.RequireSame();
                return work();
            }
            finally
            {
                _database.RequireUnchanged();
            }
        }
    }

    /// <summary>Refuses what changes the gallery where it is open for reading only.</summary>
    /// <param name="what">What is refused, as in "to enrol somebody".</param>
    void RequireWritable(string what)
    {
        if (!IsReadOnly) return;
        var isAsked = _access == GalleryAccess.ReadOnly;
        var (why, need) = isAsked
            ? ("as was asked for", "open it for reading and writing")
            : ("because the file or its folder cannot be written", "this process must be allowed to write both, and the disk needs room");
        throw new GalleryException($"{Path} is open for reading only, {why}: {what}, {need}")
        {
            Kind = isAsked ? ErrorKind.Request : ErrorKind.Machine,
        };
    }

    /// <inheritdoc/>
    public void Together(Action changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Locked(() =>
        {
            if (_together) throw new InvalidOperationException("changes are brought together already");
            RequireWritable("to bring changes together");
            _together = true;
            try
            {
                Changed("to bring changes together", () =>
                {
                    changes();
                    return 0;
                });
                PublishPending();
                return 0;
            }
            finally
            {
                _together = false;
                ForgetPending();
            }
        });
    }

    T Changed<T>(string what, Func<T> work) => Locked(() =>
    {
        RequireWritable(what);
        return _database.Transaction(() =>
        {
            _rows.RequireSame();
            return work();
        });
    });
}
