using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>The table of people, within a transaction.</summary>
static class PersonRows
{
    const string Columns = "id, name, external_key, metadata::text, created, samples";

    public static Task<Person?> Find(PostgresSession session, long id)
        => session.First($"SELECT {Columns} FROM persons WHERE id = $1", Read, id);

    public static Task<Person?> Find(PostgresSession session, string externalKey)
        => session.First($"SELECT {Columns} FROM persons WHERE external_key = $1", Read, externalKey);

    public static Task<List<Person>> Page(PostgresSession session, long afterId, int count)
        => session.Rows($"SELECT {Columns} FROM persons WHERE id > $1 ORDER BY id LIMIT $2", Read, afterId, count);

    public static Task<List<Person>> Named(PostgresSession session, string form)
        => session.Rows($"SELECT {Columns} FROM persons WHERE name = $1 ORDER BY id", Read, form);

    public static async Task<Dictionary<long, Person>> OfIds(PostgresSession session, long[] ids)
    {
        if (ids.Length == 0) return [];
        var persons = await session.Rows($"SELECT {Columns} FROM persons WHERE id = ANY($1)", Read, ids).ConfigureAwait(false);
        return persons.ToDictionary(p => p.Id);
    }

    /// <summary>Until the end of the transaction nobody else changes the person or their samples.</summary>
    public static Task<Person?> Hold(PostgresSession session, long id)
        => session.First($"SELECT {Columns} FROM persons WHERE id = $1 FOR UPDATE", Read, id);

    /// <summary>As the other.</summary>
    public static Task<Person?> Hold(PostgresSession session, string externalKey)
        => session.First($"SELECT {Columns} FROM persons WHERE external_key = $1 FOR UPDATE", Read, externalKey);

    /// <summary>Holds a person who must be there.</summary>
    public static async Task<Person> Require(PostgresSession session, long id)
        => await Hold(session, id).ConfigureAwait(false) ?? throw new GalleryException($"there is no person {id}");

    /// <summary>Adds a person, and logs it.</summary>
    /// <returns>Null if the external key is taken.</returns>
    public static async Task<Person?> Insert(PostgresSession session, NewPerson person)
    {
        var id = await Ledger.NextId(session, "person_ids").ConfigureAwait(false);
        var added = await session.Execute("INSERT INTO persons (id, created, name, external_key, metadata) "
            + "VALUES ($1, coalesce($5, now()), $2, $3, $4::text::json) ON CONFLICT (external_key) DO NOTHING",
            id, person.Name, person.ExternalKey, person.Metadata, person.Created?.UtcDateTime).ConfigureAwait(false);
        if (added == 0) return null;
        await Ledger.Log(session, "add-person", id, null).ConfigureAwait(false);
        return await Find(session, id).ConfigureAwait(false);
    }

    static Person Read(NpgsqlDataReader row)
        => new(row.GetInt64(0), row.GetString(1), row.Text(2), row.Text(3), row.GetFieldValue<DateTimeOffset>(4), row.GetInt32(5));
}
