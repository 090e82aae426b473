using EdgeFace.Files;

namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    /// <summary>
    /// Writes a copy of the gallery as of one moment, also while others enrol and delete. It holds nothing that was deleted before, is encrypted
    /// with the same key if the gallery is, and for its owner alone. It is examined before it gets its name, and appears whole or not at all.
    /// </summary>
    /// <param name="path">A file that does not exist yet, in a folder that does.</param>
    /// <returns>What was read of the copy; there are no problems.</returns>
    /// <exception cref="GalleryException">The file exists or cannot be written, or the gallery is damaged. Nothing was written.</exception>
    public GalleryCheck Backup(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (_lock.IsHeldByCurrentThread) throw new InvalidOperationException("no backup is made among changes that are brought together");
        var full = RequireFree(path, "a backup is never written over another file: choose another place");
        return WithPartial(path, full, "the backup cannot be written; nothing is left of it", partial =>
        {
            var copied = CopyTo(partial, restored: false);
            Appear(partial, full);
            return copied;
        });
    }

    /// <summary>
    /// Makes a gallery of a backup. The backup is examined first: one that is damaged is refused. Where a gallery is overwritten, its content is
    /// replaced in one transaction, and processes that have it open refuse further calls until they open it anew.
    /// </summary>
    /// <param name="backup">What <see cref="Backup"/> wrote, or any whole gallery; it stays as it is.</param>
    /// <param name="path">The gallery to be made.</param>
    /// <param name="options">The backup's key, if it is encrypted, and how long to wait for others.</param>
    /// <param name="overwrite">Whether a gallery that is there already is lost.</param>
    /// <returns>What was read of the restored gallery; there are no problems.</returns>
    /// <exception cref="GalleryException">
    /// The backup is damaged, or its key is wrong or missing; something stands in its place. What is there is as it was.
    /// </exception>
    public static GalleryCheck Restore(string backup, string path, SqliteGalleryOptions options, bool overwrite = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(backup);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var isThere = File.Exists(path);
        var full = isThere && overwrite
            ? AtomicFile.Target(path)
            : RequireFree(path, "restore to another place, or say that it is to be overwritten");
        if (AtomicFile.Target(backup) == full) throw new GalleryException($"{path} is the backup itself: say where it is to be restored to");
        using var source = Open(backup, null, options with { Access = GalleryAccess.ReadOnly });
        return WithPartial(path, full, "the gallery cannot be restored, and what is there is as it was", partial =>
        {
            var copied = source.CopyTo(partial, restored: true);
            if (isThere) Overwrite(partial, full);
            else Appear(partial, full);
            return copied;
        });
    }

    /// <summary>Copies what there is now into a new file of its own, and examines that.</summary>
    /// <param name="restored">Whether the copy becomes another gallery for whoever has the former open.</param>
    GalleryCheck CopyTo(string partial, bool restored)
    {
        CreatePrivate(partial);
        Using(rows =>
        {
            rows.RequireSame();
            return rows.Database.Execute("VACUUM INTO $0", partial);
        });
        using (var database = new SqliteDatabase(partial, new SqliteGalleryOptions().BusyTimeout))
        {
            database.Script("PRAGMA synchronous = FULL");
            database.Transaction(() =>
            {
                // A file written anew holds no traces of what was deleted.
                database.Execute("UPDATE state SET cleared = deletions");
                if (!restored) return 0;
                SqliteDescription.SetGeneration(database);
                SqliteSchema.Log(database, "restore", null, null);
                return 0;
            });
        }
        RequireWhole(partial);
        return Examined(partial);
    }

    GalleryCheck Examined(string partial)
    {
        var database = new SqliteDatabase(partial, new SqliteGalleryOptions().BusyTimeout, SqliteReach.ReadUnlocked);
        try
        {
            RequireGallery(database);
            var description = SqliteDescription.Read(database, _description.Version);
            using var copy = new SqliteGallery(database, description, _dataKey, new(_dataKey, description.Id, description.Version),
                new() { Access = GalleryAccess.ReadOnly });
            copy.Start();
            var check = copy.Check();
            if (check.Problems.Count == 0) return check;
            var all = string.Join("; ", check.Problems.Take(MostNamed));
            throw new GalleryException($"{Path} is damaged, and a copy would be, too: {all}") { Kind = ErrorKind.Input };
        }
        finally
        {
            database.Dispose();
        }
    }

    static void Overwrite(string by, string path)
    {
        try
        {
            Copy(by, path, RequireAnyGallery);
        }
        catch (GalleryException e) when (e.Kind == ErrorKind.Input)
        {
            throw new GalleryException($"{e.Message.Replace(". Restore it from a backup", "", StringComparison.Ordinal)}; it is not overwritten. "
                + "If it is the gallery, move it and what lies beside it (-wal, -shm, -journal, -index) away, and restore once more", e)
            {
                Kind = ErrorKind.Input,
            };
        }
        DeleteAll(by);
    }

    static void Appear(string partial, string full)
    {
        NewName.Give(partial, full);
        FolderSync.Flush(System.IO.Path.GetDirectoryName(full)!);
    }
}
