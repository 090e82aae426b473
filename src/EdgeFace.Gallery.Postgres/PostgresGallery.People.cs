using Npgsql;

namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    const string PersonColumns = "id, name, external_key, metadata::text, created, samples";

    /// <inheritdoc/>
    public Person AddPerson(NewPerson person)
    {
        person = GalleryRules.Accepted(person);
        return _database.Write(session =>
        {
            if (person.ExternalKey is { } key && Find(session, key) is { } other) throw KeyTaken(key, other);
            var added = Add(session, person) ?? throw KeyTaken(person.ExternalKey!, Find(session, person.ExternalKey!));
            Count(session, 1, 0, 0);
            return added;
        });
    }

    /// <inheritdoc/>
    public Person UpdatePerson(long personId, NewPerson person)
    {
        ArgumentNullException.ThrowIfNull(person);
        return _database.Write(session =>
        {
            person = GalleryRules.Accepted(person, RequirePerson(session, personId));
            if (person.ExternalKey is { } key && Find(session, key) is { } other && other.Id != personId) throw KeyTaken(key, other);
            session.Execute("UPDATE persons SET name = $2, external_key = $3, metadata = $4::text::json WHERE id = $1",
                personId, person.Name, person.ExternalKey, person.Metadata);
            Log(session, "update-person", personId, null);
            return Find(session, personId)!;
        });
    }

    /// <inheritdoc/>
    public Person? FindPerson(long personId) => _database.Read(s => Find(s, personId));

    /// <inheritdoc/>
    public Person? FindPerson(string externalKey)
    {
        ArgumentNullException.ThrowIfNull(externalKey);
        return IsStorable(externalKey) ? _database.Read(s => Find(s, externalKey)) : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Person> Persons(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _database.Read(s => s.Rows($"SELECT {PersonColumns} FROM persons WHERE id > $1 ORDER BY id LIMIT $2", ReadPerson, afterId, count));
    }

    /// <inheritdoc/>
    public IReadOnlyList<Person> PersonsNamed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsStorable(name)) return [];
        return _database.Read(s => s.Rows($"SELECT {PersonColumns} FROM persons WHERE name = $1 ORDER BY id", ReadPerson, NameForm.Of(name)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<AuditEntry> Audit(long afterId = 0, int count = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _database.Read(s => s.Rows("SELECT id, at, action, person_id, sample_id, detail FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
            r => new AuditEntry(r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1), r.GetString(2), Number(r, 3), Number(r, 4), Text(r, 5)),
            afterId, count));
    }

    /// <summary>Null if the external key is taken.</summary>
    static Person? Add(PostgresSession session, NewPerson person)
    {
        var id = NextId(session, "person_ids");
        var added = session.Execute("INSERT INTO persons (id, created, name, external_key, metadata) "
            + "VALUES ($1, coalesce($5, now()), $2, $3, $4::text::json) ON CONFLICT (external_key) DO NOTHING",
            id, person.Name, person.ExternalKey, person.Metadata, person.Created?.UtcDateTime);
        if (added == 0) return null;
        Log(session, "add-person", id, null);
        return Find(session, id);
    }

    /// <summary>
    /// A number that was never given before. Where samples lie on other servers it is on this server's disk before they see it: there, they may
    /// outlive a crash that undoes the rest, and the number must not be given to somebody else then.
    /// </summary>
    static long NextId(PostgresSession session, string sequence) => session.Rows($"""
        SELECT nextval('{sequence}'), CASE WHEN EXISTS (SELECT FROM pg_foreign_table f JOIN pg_inherits i ON i.inhrelid = f.ftrelid WHERE i.inhparent = 'samples'::regclass)
            THEN pg_logical_emit_message(false, 'edgeface', '{sequence}', true) END IS NOT NULL
        """, r => r.GetInt64(0))[0];

    static Person? Find(PostgresSession session, long id)
        => session.Rows($"SELECT {PersonColumns} FROM persons WHERE id = $1", ReadPerson, id).FirstOrDefault();

    static Person? Find(PostgresSession session, string externalKey)
        => session.Rows($"SELECT {PersonColumns} FROM persons WHERE external_key = $1", ReadPerson, externalKey).FirstOrDefault();

    /// <summary>Until the end of the transaction nobody else changes the person or their samples.</summary>
    static Person RequirePerson(PostgresSession session, long id) => Hold(session, id) ?? throw new GalleryException($"there is no person {id}");

    static Person? Hold(PostgresSession session, long id)
        => session.Rows($"SELECT {PersonColumns} FROM persons WHERE id = $1 FOR UPDATE", ReadPerson, id).FirstOrDefault();

    static Person? Hold(PostgresSession session, string externalKey)
        => session.Rows($"SELECT {PersonColumns} FROM persons WHERE external_key = $1 FOR UPDATE", ReadPerson, externalKey).FirstOrDefault();

    static Person ReadPerson(NpgsqlDataReader row)
        => new(row.GetInt64(0), row.GetString(1), Text(row, 2), Text(row, 3), row.GetFieldValue<DateTimeOffset>(4), row.GetInt32(5));

    // What the database would not take cannot be in it.
    static bool IsStorable(string text) => GalleryRules.IsText(text) && !text.Contains('\0', StringComparison.Ordinal);

    static string? Text(NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetString(ordinal);

    static long? Number(NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetInt64(ordinal);

    static GalleryException KeyTaken(string key, Person? other)
    {
        var whose = other is null ? "another person" : FormattableString.Invariant($"person {other.Id}");
        return new($"the external key '{key}' belongs to {whose} already");
    }
}
