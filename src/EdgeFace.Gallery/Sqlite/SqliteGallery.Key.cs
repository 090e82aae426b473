namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    /// <summary>
    /// Gives an encrypted gallery another key. What is stored stays encrypted with the same random key, which is encrypted anew: whoever
    /// had the former key and a copy of the file made before can still read that copy, and with it this gallery; against them, export
    /// and import into a new one.
    /// </summary>
    /// <returns>Whether nothing of the former key is left in the files (<see cref="Deletion.Cleared"/>).</returns>
    /// <exception cref="GalleryException">The gallery is not encrypted.</exception>
    public bool ChangeKey(GalleryKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Locked(() =>
        {
            RequireWritable("to change its key");
            if (_dataKey is null) throw new GalleryException($"{Path} is not encrypted: export it and import it into an encrypted gallery");
            _database.Transaction(() =>
            {
                Wrap(_database, _description.Id, _dataKey, key);
                _database.Execute("UPDATE state SET deletions = deletions + 1");
                SqliteSchema.Log(_database, "change-key", null, null);
                return 0;
            });
            return Clear();
        });
    }

    static void Wrap(SqliteDatabase database, byte[] id, byte[] dataKey, GalleryKey key)
        => SqliteDescription.Set(database, "data key", KeyWrap.Wrap(dataKey, key, id, SqliteSchema.Version));

    static byte[]? OpenDataKey(SqliteDatabase database, SqliteDescription description, GalleryKey? key)
    {
        if (description.WrappedKey is not { } wrapped)
            return key is null ? null : throw new GalleryException($"{database.Path} is not encrypted, but a key was given. Open it without one");
        if (key is null)
            throw new GalleryException($"{database.Path} is encrypted, and no key was given: bring its key in a file or in {GalleryKey.Variable}");
        return KeyWrap.Unwrap(wrapped, key, description.Id, description.Version)
            ?? throw new GalleryException($"{database.Path} is encrypted with another key");
    }
}
