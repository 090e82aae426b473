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
            var (persons, shown, samples) = (0, 0, new List<Deleted>());
            foreach (var id in await HoldWithMerged(session, personIds).ConfigureAwait(false))
            {
                var its = await DeleteSamples(session, "person_id = $1", id).ConfigureAwait(false);
                await session.Execute("DELETE FROM jobs WHERE external_key = (SELECT external_key FROM persons WHERE id = $1)", id)
                    .ConfigureAwait(false);
                var wasShown = await session.Rows("DELETE FROM persons WHERE id = $1 RETURNING merged_into IS NULL", r => r.GetBoolean(0), id)
                    .ConfigureAwait(false);
                await Log(session, "delete-person", id, null, its).ConfigureAwait(false);
                (persons, shown) = (persons + 1, shown + wasShown.Count(isShown => isShown));
                samples.AddRange(its);
            }
            return new(persons, shown, samples);
        }, cancellationToken);
    }

    public Task<Deletion> Sample(long sampleId, CancellationToken cancellationToken) => Vacuumed(async session =>
    {
        if (await session.Value("SELECT person_id FROM samples WHERE id = $1", sampleId).ConfigureAwait(false) is not long personId
            || await PersonRows.Hold(session, personId).ConfigureAwait(false) is null)
            return new(0, 0, []);
        var samples = await DeleteSamples(session, "person_id = $1 AND id = $2", personId, sampleId).ConfigureAwait(false);
        if (samples.Count == 0) return new(0, 0, []);
        await session.Execute("UPDATE persons SET samples = samples - 1 WHERE id = $1", personId).ConfigureAwait(false);
        await Log(session, "delete-sample", personId, sampleId, samples).ConfigureAwait(false);
        return new(0, 0, samples);
    }, cancellationToken);

    /// <summary>Holds people and whoever was merged into them, directly or not.</summary>
    /// <returns>Those who are there, in the order in which they can be deleted.</returns>
    static async Task<List<long>> HoldWithMerged(PostgresSession session, IReadOnlyCollection<long> personIds)
    {
        for (var held = new HashSet<long>(); ;)
        {
            // Those nearest to the end of their chain last: nobody is deleted before who was merged into them.
            var all = new List<long>();
            foreach (var person in personIds.Distinct().Order())
            {
                List<long> found = await session.Rows("SELECT id FROM persons WHERE id = $1", r => r.GetInt64(0), person).ConfigureAwait(false);
                for (var i = 0; i < found.Count; i++)
                    found.AddRange((await session.Rows("SELECT id FROM persons WHERE merged_into = $1", r => r.GetInt64(0), found[i])
                        .ConfigureAwait(false)).Except(found));
                found.Reverse();
                all.AddRange(found.Except(all));
            }
            if (held.IsSupersetOf(all)) return all;
            held.UnionWith(all);
            await PersonRows.HoldAll(session, [.. held]).ConfigureAwait(false);
        }
    }

    static async Task<List<Deleted>> DeleteSamples(PostgresSession session, string which, params object?[] values)
    {
        var deleted = await session.Rows($"DELETE FROM samples WHERE {which} RETURNING id, crop IS NOT NULL, tableoid::regclass::text",
            r => new Deleted(r.GetInt64(0), r.GetBoolean(1), r.GetString(2)), values).ConfigureAwait(false);
        await session.Execute("DELETE FROM moves WHERE sample_id = ANY($1)", deleted.Select(d => d.Id).ToArray()).ConfigureAwait(false);
        return deleted;
    }

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
                await Ledger.Count(session, -gone.Shown, -counted.Samples, -counted.Crops).ConfigureAwait(false);
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
        // Moved samples have left rows in partitions of former owners.
        foreach (var table in local.Append("persons").Append("jobs"))
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

    readonly record struct Gone(int Persons, int Shown, List<Deleted> Samples);

    readonly record struct Deleted(long Id, bool HadCrop, string Table);
}
