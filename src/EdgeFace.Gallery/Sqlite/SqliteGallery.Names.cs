namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const string NamesInForm = "names in form";

    /// <summary>
    /// Galleries from before names had one form hold them as they came; once each such gallery is brought up, so that its people are found.
    /// </summary>
    static void BringNamesIntoForm(SqliteDatabase database, FieldCipher cipher)
    {
        if (IsDone()) return;
        database.Transaction(() =>
        {
            // Another process may have been first.
            if (IsDone()) return 0;
            foreach (var (id, stored) in database.Rows("SELECT id, name FROM persons", r => (r.GetInt64(0), r.GetValue(1))))
            {
                if (Opened(id, stored) is not { } name || NameForm.Of(name) is var form && form == name) continue;
                database.Execute("UPDATE persons SET name = $1, name_lookup = $2 WHERE id = $0", id,
                    cipher.Seal(form, "name", id), cipher.Lookup(form, "name"));
                SqliteSchema.Log(database, "update-person", id, null, "name in its one form");
            }
            SetMeta(database, NamesInForm, 1L);
            return 0;
        });

        bool IsDone() => database.Value("SELECT 1 FROM meta WHERE name = $0", NamesInForm) is not null;

        string? Opened(long id, object stored)
        {
            try
            {
                return cipher.OpenText(stored, "name", id);
            }
            catch (GalleryException)
            {
                // The check names it.
                return null;
            }
        }
    }
}
