namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const int MostNamed = 5;

    /// <param name="database">Closed again if the gallery is refused.</param>
    static SqliteGallery Open(SqliteDatabase database, EmbeddingContract? contract, SqliteGalleryOptions options)
    {
        FieldCipher? cipher = null;
        try
        {
            var version = RequireGallery(database);
            var description = SqliteDescription.Read(database, version);
            if (contract is not null && contract != description.Contract)
                throw new GalleryContractException(database.Path, description.Contract, contract);
            var dataKey = OpenDataKey(database, description, options.Key);
            if (!database.IsReadOnly) description = Prepare(database, description, dataKey, options);
            cipher = new(dataKey, description.Id, description.Version);
            var gallery = new SqliteGallery(database, description, dataKey, cipher, options);
            gallery.Start();
            return gallery;
        }
        catch
        {
            cipher?.Dispose();
            database.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a gallery without a change to its files. Where others have it open, their log and locks are used. Otherwise SQLite would make such
    /// files, which cannot be in a folder that cannot be written, and elsewhere would belong to whoever reads: the file is read as it is, unless
    /// another one holds what belongs into it.
    /// </summary>
    static SqliteGallery OpenToRead(string path, EmbeddingContract? contract, SqliteGalleryOptions options)
    {
        var full = System.IO.Path.GetFullPath(path);
        FileInfo journal = new(full + "-journal"), log = new(full + "-wal");
        if (journal is { Exists: true, Length: > 0 })
            throw Unread($"a change of it has not ended or was cut off, and what was there before lies in {journal.Name}");
        var (isEmpty, isShared) = (log is not { Exists: true, Length: > 0 }, File.Exists(full + "-shm"));
        if (isEmpty && !(log.Exists && isShared)) return As(SqliteReach.ReadUnlocked);
        // SQLite would make the shared memory, and leave it.
        if (!isShared) throw Unread($"its last changes lie in {log.Name}");
        try
        {
            return As(SqliteReach.Read);
        }
        catch (GalleryException e) when (e.PreventsWriting())
        {
            if (isEmpty) return As(SqliteReach.ReadUnlocked);
            throw Unread($"its last changes lie in {log.Name}", e);
        }

        SqliteGallery As(SqliteReach reach) => Open(new SqliteDatabase(path, options.BusyTimeout, reach), contract, options);

        GalleryException Unread(string where, GalleryException? why = null)
        {
            var message = $"{path}: {where}, which cannot be read where nothing may be written{(why is null ? "" : $" ({why.Message})")}: "
                + "let somebody who may write there open the gallery once, or copy all its files to where you may write";
            return why is null ? new(message) { Kind = ErrorKind.Machine } : new(message, why);
        }
    }

    /// <summary>What an opening for writing does to the file, once it is certain that it is the gallery meant.</summary>
    static SqliteDescription Prepare(SqliteDatabase database, SqliteDescription description, byte[]? dataKey, SqliteGalleryOptions options)
    {
        database.SetJournal("wal");
        database.Script("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON");
        if (options.MostPages is { } pages) database.Script(FormattableString.Invariant($"PRAGMA max_page_count = {pages}"));
        if (description.Version == SqliteSchema.Version) return description;
        database.Transaction(() =>
        {
            // The wrap of the key says which version's: an old one does not open what was brought up.
            if (SqliteSchema.Upgrade(database, SqliteSchema.Steps, dataKey) && options.Key is { } key) Wrap(database, description.Id, dataKey!, key);
            return 0;
        });
        return SqliteDescription.Read(database, SqliteSchema.Version);
    }

    /// <returns>The version of the tables.</returns>
    static int RequireGallery(SqliteDatabase database)
    {
        RequireAnyGallery(database);
        var version = database.Number("PRAGMA user_version");
        if (version < 1) throw database.Damaged($"its tables have version {version}");
        if (version > SqliteSchema.Version)
            throw Refused(FormattableString.Invariant($"{database.Path} was written by a newer EdgeFace: its tables have version {version}, ")
                + $"this one knows up to {SqliteSchema.Version}. Use that EdgeFace, or export there and import here");
        if (SqliteShape.Differences(database, (int)version) is { Count: > 0 } differences)
            throw database.Damaged(string.Join("; ", differences.Take(MostNamed)));
        return (int)version;
    }

    /// <summary>Of whatever version, and however damaged.</summary>
    static void RequireAnyGallery(SqliteDatabase database)
    {
        if (database.Number("PRAGMA application_id") != SqliteSchema.ApplicationId)
            throw Refused($"{database.Path} is not a gallery: it is empty, or the SQLite database of another program");
    }

    static GalleryException Refused(string why) => new(why) { Kind = ErrorKind.Input };
}
