namespace EdgeFace.Gallery;

/// <summary>
/// The second step of the tables: what version 1 encrypted for its column and row alone is encrypted anew for its
/// <see cref="FieldPlace"/>. The tables stay.
/// </summary>
sealed class SqliteRebinding
{
    const int From = 1, To = 2, RowsAtOnce = 64;

    readonly SqliteDatabase _database;
    readonly FieldCipher _former, _new;

    SqliteRebinding(SqliteDatabase database, FieldCipher former, FieldCipher next) => (_database, _former, _new) = (database, former, next);

    public static void Run(SqliteDatabase database, byte[]? dataKey)
    {
        if (dataKey is null) return;
        var description = SqliteDescription.Read(database, From);
        using FieldCipher former = new(dataKey, description.Id, From), next = new(dataKey, description.Id, To);
        var rebinding = new SqliteRebinding(database, former, next);
        rebinding.Table("persons", "id", "0", "name", "external key", "metadata");
        rebinding.Table("samples", "id", "person_id", "coordinates", "source", "source hash");
        rebinding.Table("crops", "sample_id", "(SELECT person_id FROM samples WHERE samples.id = sample_id)", "crop");
        var projection = former.Open(description.Projection, new("projection", 0));
        SqliteDescription.Set(database, "projection", next.Seal(projection, description.ProjectionPlace));
    }

    static string Column(string what) => what switch
    {
        "external key" => "external_key",
        "source hash" => "source_sha256",
        "crop" => "picture",
        _ => what,
    };

    void Table(string table, string id, string person, params string[] values)
    {
        var columns = string.Join(", ", values.Select(Column));
        var set = string.Join(", ", values.Select((value, i) => $"{Column(value)} = ${i + 1}"));
        // Pages, because rows are not changed while they are read.
        for (var after = long.MinValue; ;)
        {
            var page = _database.Rows($"SELECT {id}, {person}, {columns} FROM {table} WHERE {id} > $0 ORDER BY {id} LIMIT {RowsAtOnce}",
                row => (Id: row.Integer(0), Person: row.Value(1) as long? ?? 0, Values: values.Select((_, i) => row.Value(2 + i)).ToArray()), after);
            foreach (var row in page)
            {
                var rebound = values.Select((value, i) => Rebound(row.Values[i], value, row.Id, row.Person));
                _database.Execute($"UPDATE {table} SET {set} WHERE {id} = $0", [row.Id, .. rebound]);
            }
            if (page.Count < RowsAtOnce) return;
            after = page[^1].Id;
        }
    }

    /// <summary>What cannot be read stays as it is, and will be refused when it is read: one damaged value does not lock the others in.</summary>
    object? Rebound(object? stored, string what, long row, long person)
    {
        if (stored is not byte[] bytes) return stored;
        if (Opened(_former, bytes, new(what, row)) is { } value) return _new.Seal(value, new(what, row, person));
        // Somebody wrote the version back, to have rows of an old copy taken for present ones.
        if (Opened(_new, bytes, new(what, row, person)) is not null)
            throw _database.Damaged($"it says that its tables have version {From}, but {what} of row {row} is of version {To}");
        return stored;
    }

    static byte[]? Opened(FieldCipher cipher, byte[] stored, FieldPlace place)
    {
        try
        {
            return cipher.Open(stored, place);
        }
        catch (GalleryException)
        {
            return null;
        }
    }
}
