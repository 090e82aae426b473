namespace EdgeFace.Gallery.Postgres;

/// <summary>Deletes people and samples, and clears what the tables would keep of them.</summary>
sealed class PostgresDeletion(PostgresDatabase database, PostgresShards shards)
{
    // So often, a tenth of a second apart, is looked whether others can still see what was deleted.
    const int Looks = 20;

    static readonly Deletion Nothing = new(0, 0, 0);

    public Task<Deletion> Persons(IReadOnlyCollection<long> personIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(personIds);
        return Vacuumed(async session =>
        {
            var (persons, samples) = (0, new List<Deleted>());
            // In one order everywhere, so that two processes never wait for each other.
            foreach (var id in personIds.Distinct().Order())
            {
                if (await PersonRows.Hold(session, id).ConfigureAwait(false) is not { } person) continue;
                var its = await DeleteSamples(session, "person_id = $1", id).ConfigureAwait(false);
                if (person.ExternalKey is { } key)
                    await session.Execute("DELETE FROM jobs WHERE external_key = $1", key).ConfigureAwait(false);
                await session.Execute("DELETE FROM persons WHERE id = $1", id).ConfigureAwait(false);
                await Log(session, "delete-person", id, null, its).ConfigureAwait(false);
                persons++;
                samples.AddRange(its);
            }
            return new(persons, samples);
        }, cancellationToken);
    }

    public Task<Deletion> Sample(long sampleId, CancellationToken cancellationToken) => Vacuumed(async session =>
    {
        if (await session.Value("SELECT person_id FROM samples WHERE id = $1", sampleId).ConfigureAwait(false) is not long personId
            || await PersonRows.Hold(session, personId).ConfigureAwait(false) is null)
            return new(0, []);
        var samples = await DeleteSamples(session, "person_id = $1 AND id = $2", personId, sampleId).ConfigureAwait(false);
        if (samples.Count == 0) return new(0, []);
        await session.Execute("UPDATE persons SET samples = samples - 1 WHERE id = $1", personId).ConfigureAwait(false);
        await Log(session, "delete-sample", personId, sampleId, samples).ConfigureAwait(false);
        return new(0, samples);
    }, cancellationToken);

    static Task<List<Deleted>> DeleteSamples(PostgresSession session, string which, params object?[] values)
        => session.Rows($"DELETE FROM samples WHERE {which} RETURNING crop IS NOT NULL, tableoid::regclass::text",
            r => new Deleted(r.GetBoolean(0), r.GetString(1)), values);

    static Task Log(PostgresSession session, string action, long personId, long? sampleId, List<Deleted> samples)
        => Ledger.Log(session, action, personId, sampleId,
            FormattableString.Invariant($"{samples.Count} samples, {samples.Count(s => s.HadCrop)} crops"));

    async Task<Deletion> Vacuumed(Func<PostgresSession, Task<Gone>> delete, CancellationToken cancellationToken)
    {
        var (deletion, tables, xid) = await database.Write(async session =>
        {
            var gone = await delete(session).ConfigureAwait(false);
            var counted = new Deletion(gone.Persons, gone.Samples.Count, gone.Samples.Count(s => s.HadCrop));
            if (counted != Nothing)
                await Ledger.Count(session, -counted.Persons, -counted.Samples, -counted.Crops).ConfigureAwait(false);
            var transaction = (string)(await session.Value("SELECT pg_current_xact_id()::xid::text").ConfigureAwait(false))!;
            return (counted, gone.Samples.Select(s => s.Table).Distinct().ToList(), transaction);
        }, cancellationToken).ConfigureAwait(false);
        if (deletion == Nothing) return deletion;
        try
        {
            return deletion with { Cleared = await Clear(tables, xid, cancellationToken).ConfigureAwait(false) };
        }
        catch (Exception e) when (e is GalleryException or OperationCanceledException)
        {
            // The deletion itself is committed.
            return deletion with { Cleared = false };
        }
    }

    /// <returns>Whether no row of what a transaction deleted is left in the tables.</returns>
    async Task<bool> Clear(List<string> tables, string xid, CancellationToken cancellationToken)
    {
        var unseen = await WaitUntilUnseen(xid, cancellationToken).ConfigureAwait(false);
        // Autovacuum of the other server clears those there.
        var local = await database.Read(session => shards.Local(session), cancellationToken).ConfigureAwait(false);
        foreach (var table in tables.Intersect(local).Append("persons").Append("jobs"))
            await database.Outside($"VACUUM (INDEX_CLEANUP ON, SKIP_DATABASE_STATS) {table}", cancellationToken).ConfigureAwait(false);
        return unseen && !tables.Except(local).Any();
    }

    /// <summary>
    /// Whether soon no transaction can see any more what one has deleted, so that VACUUM may remove it. Of what this user may not
    /// look at, the worst is taken.
    /// </summary>
    async Task<bool> WaitUntilUnseen(string xid, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Looks; i++)
        {
            var isSeen = await database.Read(session => session.Value("""
                SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                        AND (age(backend_xmin) >= age($1::text::xid) OR age(backend_xid) >= age($1::text::xid)
                            OR query = '<insufficient privilege>'))
                    OR EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) >= age($1::text::xid))
                    OR EXISTS (SELECT FROM pg_prepared_xacts WHERE age(transaction) >= age($1::text::xid))
                """, xid), cancellationToken).ConfigureAwait(false);
            if (isSeen is false) return true;
            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }
        return false;
    }

    readonly record struct Gone(int Persons, List<Deleted> Samples);

    readonly record struct Deleted(bool HadCrop, string Table);
}
