namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const string PersonColumns = """
        id, name, external_key, metadata, created, (SELECT count(*) FROM samples WHERE person_id = persons.id), name_lookup, external_lookup
        """;

    const string AuditColumns = "id, at, action, person_id, sample_id, detail";

    const int MostActionCharacters = 100, MostDetailCharacters = 1000;

    /// <inheritdoc/>
    public Person AddPerson(NewPerson person)
    {
        var accepted = GalleryRules.Accepted(person);
        return Changed("to add somebody", () => Add(accepted));
    }

    /// <inheritdoc/>
    public Person UpdatePerson(long personId, NewPerson person)
    {
        ArgumentNullException.ThrowIfNull(person);
        return Changed("to change somebody", () =>
        {
            person = GalleryRules.Accepted(person, RequirePerson(personId));
            if (person.ExternalKey is { } key && Find(key) is { } other && other.Id != personId) throw KeyTaken(other);
            _database.Execute(
                "UPDATE persons SET name = $1, name_lookup = $2, external_key = $3, external_lookup = $4, metadata = $5 WHERE id = $0",
                [personId, .. Fields(person, personId)]);
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
        return Locked(() => _database.Rows($"SELECT {PersonColumns} FROM persons WHERE id > $0 ORDER BY id LIMIT $1",
            ReadPerson, afterId, (long)count));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Person> PersonsNamed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var form = NameForm.Of(name);
        const string Named = $"SELECT {PersonColumns} FROM persons WHERE name_lookup = $0 ORDER BY id";
        return Locked(() => _database.Rows(Named, ReadPerson, NameLookup(form)).FindAll(p => p.Name == form));
    }

    /// <inheritdoc/>
    public IReadOnlyList<AuditEntry> Audit(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Locked(() => _database.Rows($"SELECT {AuditColumns} FROM audit WHERE id > $0 ORDER BY id LIMIT $1",
            ReadAudit, afterId, (long)count));
    }

    Person Add(NewPerson person)
    {
        if (person.ExternalKey is { } key && Find(key) is { } other) throw KeyTaken(other);
        var id = NextId("persons");
        _database.Execute("INSERT INTO persons (id, created, name, name_lookup, external_key, external_lookup, metadata) "
            + "VALUES ($0, $6, $1, $2, $3, $4, $5)",
            [id, .. Fields(person, id), (person.Created ?? DateTimeOffset.UtcNow).ToUnixTimeMilliseconds()]);
        SqliteSchema.Log(_database, "add-person", id, null);
        return Find(id)!;
    }

    object?[] Fields(NewPerson person, long id) =>
    [
        _cipher.Seal(person.Name, new("name", id)),
        NameLookup(person.Name),
        person.ExternalKey is { } key ? _cipher.Seal(key, new("external key", id)) : null,
        person.ExternalKey is { } lookup ? KeyLookup(lookup) : null,
        person.Metadata is { } metadata ? _cipher.Seal(metadata, new("metadata", id)) : null,
    ];

    Person? Find(long id) => _database.Rows($"SELECT {PersonColumns} FROM persons WHERE id = $0", ReadPerson, id).FirstOrDefault();

    Person? Find(string externalKey)
    {
        var found = _database.Rows($"SELECT {PersonColumns} FROM persons WHERE external_lookup = $0", ReadPerson, KeyLookup(externalKey));
        return found.Find(p => p.ExternalKey == externalKey);
    }

    Person RequirePerson(long id) => Find(id) ?? throw new GalleryException($"there is no person {id}");

    byte[] NameLookup(string name) => _cipher.Lookup(name, "name");

    byte[] KeyLookup(string externalKey) => _cipher.Lookup(externalKey, "external key");

    Person ReadPerson(SqliteRow row)
    {
        var id = row.Id(0);
        var name = Text(row, 1, new("name", id), NewPerson.MostCharacters) ?? throw row.Wrong(1, "a name");
        var key = Text(row, 2, new("external key", id), NewPerson.MostCharacters);
        var metadata = Text(row, 3, new("metadata", id), NewPerson.MostMetadataBytes);
        if (metadata is not null && !MetadataRules.IsObject(metadata)) throw row.Wrong(3, "a JSON object");
        // What was moved here from another row would find this person by another's name or key.
        if (!Fits(row.Value(6), NameLookup(name)) || !Fits(row.Value(7), key is null ? null : KeyLookup(key)))
            throw _database.Damaged($"person {id} cannot be found by name or external key: what they are looked up by does not fit");
        return new(id, name, key, metadata, row.Time(4), (int)row.Integer(5, 0, int.MaxValue));
    }

    AuditEntry ReadAudit(SqliteRow row) => new(
        row.Id(0), row.Time(1), row.Text(2, MostActionCharacters), row.IsNull(3) ? null : row.Integer(3), row.IsNull(4) ? null : row.Integer(4),
        row.IsNull(5) ? null : row.Text(5, MostDetailCharacters));

    static bool Fits(object? stored, byte[]? lookup)
        => lookup is null ? stored is null : stored is byte[] bytes && bytes.AsSpan().SequenceEqual(lookup);

    /// <summary>A text, decrypted; null for NULL.</summary>
    string? Text(SqliteRow row, int column, FieldPlace place, int mostCharacters)
    {
        if (row.IsNull(column)) return null;
        // Where nothing is encrypted a text can only be as it is stored.
        var text = _cipher.Encrypts ? _cipher.OpenText(row.Stored(column), place) : row.Text(column, mostCharacters);
        return text.Length <= mostCharacters ? text : throw row.Wrong(column, $"a text of at most {mostCharacters} characters");
    }

    // Known before the row is written, because values are encrypted for their row; AUTOINCREMENT never gives a number twice.
    long NextId(string table)
    {
        var given = _database.Value("SELECT max(seq) FROM sqlite_sequence WHERE name = $0 AND typeof(seq) = 'integer'", table) as long? ?? 0;
        var last = Math.Max(given, _database.Value($"SELECT max(id) FROM {table}") as long? ?? 0);
        return last < long.MaxValue ? Math.Max(0, last) + 1 : throw _database.Damaged($"the numbers of its table '{table}' are used up");
    }

    static GalleryException KeyTaken(Person other) => new($"the external key '{other.ExternalKey}' belongs to person {other.Id} already");
}
