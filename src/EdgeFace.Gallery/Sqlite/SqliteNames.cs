namespace EdgeFace.Gallery;

/// <summary>
/// The third step of the tables: names that were stored as they came are brought into their one form, so that people are found. The tables stay.
/// </summary>
static class SqliteNames
{
    const int To = 3;

    public static void Run(SqliteDatabase database, byte[]? dataKey)
    {
        // A gallery that is being made has no id yet, and nobody in it.
        using var cipher = new FieldCipher(dataKey, dataKey is null ? [] : SqliteDescription.ReadId(database), To);
        foreach (var (id, stored) in database.Rows("SELECT id, name FROM persons", r => (r.Integer(0), r.Stored(1))))
        {
            if (Opened(cipher, stored, new("name", id)) is not { } name || NameForm.Of(name) is var form && form == name) continue;
            // A few characters are composed of more than they were, and a name beyond the limit is not read.
            if (form.Length > NewPerson.MostCharacters) continue;
            var lookup = cipher.Lookup(form, "name");
            database.Execute("UPDATE persons SET name = $1, name_lookup = $2 WHERE id = $0", id, cipher.Seal(form, new("name", id)), lookup);
        }
    }

    /// <summary>Null for what cannot be read, which the check names.</summary>
    static string? Opened(FieldCipher cipher, object stored, FieldPlace place)
    {
        try
        {
            return cipher.OpenText(stored, place);
        }
        catch (GalleryException)
        {
            return null;
        }
    }
}
