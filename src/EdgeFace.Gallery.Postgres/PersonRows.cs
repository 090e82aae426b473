using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>The table of people, within a transaction.</summary>
static class PersonRows
{
    const string Columns = "id, name, external_key, metadata::text, created, samples", Shown = "merged_into IS NULL";

    public static Task<Person?> Find(PostgresSession session, long id)
        => session.First($"SELECT {Columns} FROM persons WHERE id = $1 AND {Shown}", Read, id);

    public static Task<Person?> Find(PostgresSession session, string externalKey)
        => session.First($"SELECT {Columns} FROM persons WHERE external_key = $1 AND {Shown}", Read, externalKey);

    /// <param name="alsoMerged">Also those who were merged into others.</param>
    public static Task<List<Person>> Page(PostgresSession session, long afterId, int count, bool alsoMerged = false)
        => session.Rows($"SELECT {Columns} FROM persons WHERE id > $1 {(alsoMerged ? "" : $"AND {Shown}")} ORDER BY id LIMIT $2", Read,
            afterId, count);

    public static Task<List<Person>> Named(PostgresSession session, string form)
        => session.Rows($"SELECT {Columns} FROM persons WHERE name = $1 AND {Shown} ORDER BY id", Read, form);

    public static async Task<Dictionary<long, Person>> OfIds(PostgresSession session, long[] ids)
    {
        if (ids.Length == 0) return [];
        var persons = await session.Rows($"SELECT {Columns} FROM persons WHERE id = ANY($1) AND {Shown}", Read, ids).ConfigureAwait(false);
        return persons.ToDictionary(p => p.Id);
    }

    /// <summary>Until the end of the transaction nobody else changes the person or their samples.</summary>
    public static Task<Person?> Hold(PostgresSession session, long id)
        => session.First($"SELECT {Columns} FROM persons WHERE id = $1 AND {Shown} FOR UPDATE", Read, id);

    /// <summary>As the other.</summary>
    public static Task<Person?> Hold(PostgresSession session, string externalKey)
        => session.First($"SELECT {Columns} FROM persons WHERE external_key = $1 AND {Shown} FOR UPDATE", Read, externalKey);

    /// <summary>Holds people, merged or not, in one order everywhere, so that two processes never wait for each other.</summary>
    public static Task HoldAll(PostgresSession session, long[] ids)
        => session.Rows("SELECT id FROM persons WHERE id = ANY($1) ORDER BY id FOR UPDATE", r => r.GetInt64(0), ids);

    /// <summary>Into whom a person was merged, or null.</summary>
    public static async Task<long?> MergedInto(PostgresSession session, long id)
        => await session.Value("SELECT merged_into FROM persons WHERE id = $1", id).ConfigureAwait(false) as long?;

    /// <summary>Holds a person who must be there.</summary>
    public static async Task<Person> Require(PostgresSession session, long id)
        => await Hold(session, id).ConfigureAwait(false) ?? throw new GalleryException(
            await MergedInto(session, id).ConfigureAwait(false) is { } into
                ? $"person {id} was merged into person {into}" : $"there is no person {id}");

    /// <summary>Refuses an external key that belongs to another than <paramref name="owner"/>, merged or not.</summary>
    public static async Task RequireFree(PostgresSession session, string? externalKey, long? owner)
    {
        if (externalKey is null) return;
        await RequireNotKept(session, externalKey).ConfigureAwait(false);
        if (await Find(session, externalKey).ConfigureAwait(false) is { } other && other.Id != owner)
            throw new GalleryException($"the external key '{externalKey}' belongs to person {other.Id} already");
    }

    /// <summary>Refuses an external key of somebody who was merged.</summary>
    public static async Task RequireNotKept(PostgresSession session, string externalKey)
    {
        var kept = await session.Rows("SELECT id, merged_into FROM persons WHERE external_key = $1 AND merged_into IS NOT NULL",
            r => (Id: r.GetInt64(0), Into: r.GetInt64(1)), externalKey).ConfigureAwait(false);
        if (kept is [var (id, into)])
            throw new GalleryException($"the external key '{externalKey}' is kept for person {id}, who was merged into person {into}: "
                + $"undo that, or delete person {id}");
    }

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
