using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>What every change writes beside what it changes: the audit, the counts, and the numbers that are given.</summary>
static class Ledger
{
    public static Task Log(PostgresSession session, string action, long? person, long? sample, string? detail = null)
        => session.Execute("INSERT INTO audit (action, person_id, sample_id, detail) VALUES ($1, $2, $3, $4)", action, person, sample, detail);

    /// <summary>The last statement of a transaction, because others wait for the row.</summary>
    public static Task Count(PostgresSession session, int persons, int samples, int crops)
        => session.Execute("UPDATE counts SET persons = persons + $1, samples = samples + $2, crops = crops + $3 WHERE slot = $4",
            persons, samples, crops, Random.Shared.Next(PostgresSchema.CountSlots));

    /// <summary>
    /// A number that was never given before. Where samples lie on other servers it is on this server's disk before they see it: there, they may
    /// outlive a crash that undoes the rest, and the number must not be given to somebody else then.
    /// </summary>
    public static async Task<long> NextId(PostgresSession session, string sequence)
    {
        var given = await session.Rows($"""
            SELECT nextval('{sequence}'), CASE WHEN EXISTS
                (SELECT FROM pg_foreign_table f JOIN pg_inherits i ON i.inhrelid = f.ftrelid WHERE i.inhparent = 'samples'::regclass)
                THEN pg_logical_emit_message(false, 'edgeface', '{sequence}', true) END IS NOT NULL
            """, r => r.GetInt64(0)).ConfigureAwait(false);
        return given[0];
    }

    public static Task<List<AuditEntry>> Audit(PostgresSession session, long afterId, int count)
        => session.Rows("SELECT id, at, action, person_id, sample_id, detail FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
            ReadEntry, afterId, count);

    static AuditEntry ReadEntry(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2),
        row.Number(3), row.Number(4), row.Text(5));
}
