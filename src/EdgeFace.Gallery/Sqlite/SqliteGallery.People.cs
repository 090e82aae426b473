using Microsoft.Data.Sqlite;

namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const string PersonColumns = "id, name, external_key, metadata, created, (SELECT count(*) FROM samples WHERE person_id = persons.id)";

    /// <inheritdoc/>
    public Person AddPerson(NewPerson person)
    {
        var accepted = GalleryRules.Accepted(person);
        return Changed(() => Add(accepted));
    }

    /// <inheritdoc/>
    public Person UpdatePerson(long personId, NewPerson person)
    {
        ArgumentNullException.ThrowIfNull(person);
        return Changed(() =>
        {
            person = GalleryRules.Accepted(person, RequirePerson(personId));
            if (person.ExternalKey is { } key && Find(key) is { } other && other.Id != personId) throw KeyTaken(other);
            _database.Execute("UPDATE persons SET name = $1, name_lookup = $2, external_key = $3, external_lookup = $4, metadata = $5 WHERE id = $0", [personId, .. Fields(person, personId)]);
            SqliteSchema.Log(_database, "update-person", personId, null);
            return Find(personId)!;
        });
    }

    /// <inheritdoc/>
    public Person? FindPerson(long personId) => Locked(() => Find(personId));

    /// <inheritdoc/>
    public Person? FindPerson(string externalKey)
    {
        ArgumentNullException.ThrowIfNull(externalKey);
        return Locked(() => Find(externalKey));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Person> Persons(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Locked(() => _database.Rows($"SELECT {PersonColumns} FROM persons WHERE id > $0 ORDER BY id LIMIT $1", ReadPerson, afterId, (long)count));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Person> PersonsNamed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var form = NameForm.Of(name);
        const string Named = $"SELECT {PersonColumns} FROM persons WHERE name_lookup = $0 ORDER BY id";
        return Locked(() => _database.Rows(Named, ReadPerson, _cipher.Lookup(form, "name"))
            .FindAll(p => p.Name == form));
    }

    /// <inheritdoc/>
    public IReadOnlyList<AuditEntry> Audit(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Locked(() => _database.Rows("SELECT id, at, action, person_id, sample_id, detail FROM audit WHERE id > $0 ORDER BY id LIMIT $1",
            r => new AuditEntry(r.GetInt64(0), Time(r.GetInt64(1)), r.GetString(2), Number(r, 3), Number(r, 4), r.IsDBNull(5) ? null : r.GetString(5)), afterId, (long)count));
    }

    Person Add(NewPerson person)
    {
        if (person.ExternalKey is { } key && Find(key) is { } other) throw KeyTaken(other);
        var id = NextId("persons");
        _database.Execute("INSERT INTO persons (id, created, name, name_lookup, external_key, external_lookup, metadata) VALUES ($0, $6, $1, $2, $3, $4, $5)", [id, .. Fields(person, id), (person.Created ?? DateTimeOffset.UtcNow).ToUnixTimeMilliseconds()]);
        SqliteSchema.Log(_database, "add-person", id, null);
        return Find(id)!;
    }

    object?[] Fields(NewPerson person, long id) =>
    [
        _cipher.Seal(person.Name, "name", id),
        _cipher.Lookup(person.Name, "name"),
        person.ExternalKey is { } key ? _cipher.Seal(key, "external key", id) : null,
        person.ExternalKey is { } lookup ? _cipher.Lookup(lookup, "external key") : null,
        person.Metadata is { } metadata ? _cipher.Seal(metadata, "metadata", id) : null,
    ];

    Person? Find(long id) => _database.Rows($"SELECT {PersonColumns} FROM persons WHERE id = $0", ReadPerson, id).FirstOrDefault();

    Person? Find(string externalKey) => _database.Rows($"SELECT {PersonColumns} FROM persons WHERE external_lookup = $0", ReadPerson, _cipher.Lookup(externalKey, "external key")).Find(p => p.ExternalKey == externalKey);

    Person RequirePerson(long id) => Find(id) ?? throw new GalleryException($"there is no person {id}");

    Person ReadPerson(SqliteDataReader row)
    {
        var id = row.GetInt64(0);
        return new(id, _cipher.OpenText(row.GetValue(1), "name", id), Text(row, 2, "external key", id), Text(row, 3, "metadata", id), Time(row.GetInt64(4)), row.GetInt32(5));
    }

    string? Text(SqliteDataReader row, int ordinal, string column, long id) => row.IsDBNull(ordinal) ? null : _cipher.OpenText(row.GetValue(ordinal), column, id);

    static long? Number(SqliteDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetInt64(ordinal);

    // Known before the row is written, because values are encrypted for their row; AUTOINCREMENT never gives a number twice.
    long NextId(string table) => (_database.Value("SELECT seq FROM sqlite_sequence WHERE name = $0", table) as long? ?? 0) + 1;

    static GalleryException KeyTaken(Person other) => new($"the external key '{other.ExternalKey}' belongs to person {other.Id} already");
}
