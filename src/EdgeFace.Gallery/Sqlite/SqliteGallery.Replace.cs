namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    /// <summary>
    /// Puts the content of one gallery file in the place of another, all at once, and deletes the former's file, as far as it can be deleted: the
    /// end of re-embedding, where the new gallery was made beside the old one.
    /// Processes that have the old gallery open refuse further calls until they open it anew.
    /// </summary>
    /// <param name="path">The gallery to be replaced; afterwards it has the contract and the key of the other.</param>
    /// <param name="by">The gallery that takes its place; nobody has it open.</param>
    /// <exception cref="GalleryException">One of them is no gallery, is in use, or cannot be written. The old gallery is as it was.</exception>
    public static void Replace(string path, string by)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(by);
        foreach (var file in new[] { path, by })
            if (!File.Exists(file)) throw new GalleryException($"there is no gallery at {file}");
        try
        {
            Copy(by, path, database => RequireGallery(database));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GalleryException($"{path}: it cannot be replaced by {by}, and is as it was: {e.Message}", e);
        }
        DeleteAll(by);
    }

    /// <param name="require">Refuses what must not be overwritten.</param>
    static void Copy(string from, string to, Action<SqliteDatabase> require)
    {
        using var target = new SqliteDatabase(to, new SqliteGalleryOptions().BusyTimeout);
        using var source = new SqliteDatabase(from, new SqliteGalleryOptions().BusyTimeout);
        require(target);
        RequireGallery(source);
        target.Script("PRAGMA synchronous = FULL");
        // The log will hold pages of both: should it not be emptied below, the next opening does it.
        source.Execute("UPDATE state SET deletions = deletions + 1");
        SqliteIndexFile.Delete(to);
        source.CopyTo(target);
        TryEmptyLog(target);
    }

    /// <summary>What prevents it changes nothing in what was done: the files stay.</summary>
    static void DeleteAll(string gallery)
    {
        try
        {
            foreach (var file in new[] { gallery, gallery + "-wal", gallery + "-shm" }) File.Delete(file);
            SqliteIndexFile.Delete(gallery);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    static void TryEmptyLog(SqliteDatabase database)
    {
        try
        {
            // The replacement's own deletions, should they have left traces, were copied with them.
            if (database.Checkpoint()) database.Execute("UPDATE state SET cleared = deletions WHERE cleared = deletions - 1");
        }
        catch (GalleryException)
        {
        }
    }
}
