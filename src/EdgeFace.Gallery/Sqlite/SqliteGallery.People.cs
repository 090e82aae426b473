namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
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
            if (person.ExternalKey is { } key && _rows.Find(key, alsoMerged: true) is { } other && other.Id != personId) throw KeyTaken(other);
            _database.Execute(
                "UPDATE persons SET name = $1, name_lookup = $2, external_key = $3, external_lookup = $4, metadata = $5 WHERE id = $0",
                [personId, .. Fields(person, personId)]);
            SqliteSchema.Log(_database, "update-person", personId, null);
            return _rows.Find(personId)!;
        });
    }

    /// <inheritdoc/>
    public Person? FindPerson(long personId) => Read(rows => rows.Find(personId));

    /// <inheritdoc/>
    public Person? FindPerson(string externalKey)
    {
        ArgumentNullException.ThrowIfNull(externalKey);
        return Read(rows => rows.Find(externalKey));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Person> Persons(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Read(rows => rows.Database.Rows(
            $"SELECT {SqliteRows.PersonColumns} FROM persons WHERE id > $0 AND {rows.Shown} ORDER BY id LIMIT $1",
            rows.ReadPerson, afterId, (long)count));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Person> PersonsNamed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var form = NameForm.Of(name);
        return Read(rows => rows.Database.Rows(
            $"SELECT {SqliteRows.PersonColumns} FROM persons WHERE name_lookup = $0 AND {rows.Shown} ORDER BY id",
            rows.ReadPerson, rows.NameLookup(form)).FindAll(p => p.Name == form));
    }

    /// <inheritdoc/>
    public IReadOnlyList<AuditEntry> Audit(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        const string Page = $"SELECT {SqliteRows.AuditColumns} FROM audit WHERE id > $0 ORDER BY id LIMIT $1";
        return Read(rows => rows.Database.Rows(Page, SqliteRows.ReadAudit, afterId, (long)count));
    }

    Person Add(NewPerson person)
    {
        if (person.ExternalKey is { } key && _rows.Find(key, alsoMerged: true) is { } other) throw KeyTaken(other);
        var id = NextId("persons");
        _database.Execute("INSERT INTO persons (id, created, name, name_lookup, external_key, external_lookup, metadata) "
            + "VALUES ($0, $6, $1, $2, $3, $4, $5)",
            [id, .. Fields(person, id), (person.Created ?? DateTimeOffset.UtcNow).ToUnixTimeMilliseconds()]);
        SqliteSchema.Log(_database, "add-person", id, null);
        return _rows.Find(id)!;
    }

    object?[] Fields(NewPerson person, long id) =>
    [
        _cipher.Seal(person.Name, new("name", id)),
        _rows.NameLookup(person.Name),
        person.ExternalKey is { } key ? _cipher.Seal(key, new("external key", id)) : null,
        person.ExternalKey is { } lookup ? _rows.KeyLookup(lookup) : null,
        person.Metadata is { } metadata ? _cipher.Seal(metadata, new("metadata", id)) : null,
    ];

    Person RequirePerson(long id) => _rows.Find(id) ?? throw new GalleryException(
        _rows.MergedInto(id) is { } into ? $"person {id} was merged into person {into}" : $"there is no person {id}");

    // Known before the row is written, because values are encrypted for their row; AUTOINCREMENT never gives a number twice.
    long NextId(string table)
    {
        var given = _database.Value("SELECT max(seq) FROM sqlite_sequence WHERE name = $0 AND typeof(seq) = 'integer'", table) as long? ?? 0;
        var last = Math.Max(given, _database.Value($"SELECT max(id) FROM {table}") as long? ?? 0);
        return last < long.MaxValue ? Math.Max(0, last) + 1 : throw _database.Damaged($"the numbers of its table '{table}' are used up");
    }

    GalleryException KeyTaken(Person other) => new(_rows.MergedInto(other.Id) is { } into
        ? $"the external key '{other.ExternalKey}' is kept for person {other.Id}, who was merged into person {into}: "
            + $"undo that, or delete person {other.Id}"
        : $"the external key '{other.ExternalKey}' belongs to person {other.Id} already");
}
