namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    static readonly Deletion Nothing = new(0, 0, 0);

    /// <inheritdoc/>
    /// <remarks>
    /// Jobs of the person's external key are deleted too. Then the tables are vacuumed. <see cref="Deletion.Cleared"/> says that no row of it is
    /// left in them; it is false where a transaction can still see the rows or they lay on another server; docs/gallery-postgres.md says what
    /// free space, the write-ahead log, replicas and backups hold longer.
    /// </remarks>
    public Deletion DeletePerson(long personId) => DeletePersons([personId]);

    /// <inheritdoc/>
    /// <remarks>As for <see cref="DeletePerson"/>.</remarks>
    public Deletion DeletePersons(IReadOnlyCollection<long> personIds)
    {
        ArgumentNullException.ThrowIfNull(personIds);
        return Vacuumed(session =>
        {
            var (persons, samples) = (0, new List<Deleted>());
            // In one order everywhere, so that two processes never wait for each other.
            foreach (var id in personIds.Distinct().Order())
            {
                if (Hold(session, id) is not { } person) continue;
                var its = DeleteSamples(session, "person_id = $1", id);
                if (person.ExternalKey is { } key) session.Execute("DELETE FROM jobs WHERE external_key = $1", key);
                session.Execute("DELETE FROM persons WHERE id = $1", id);
                LogDeletion(session, "delete-person", id, null, its);
                persons++;
                samples.AddRange(its);
            }
            return (Counted(session, persons, samples), samples);
        });
    }

    /// <inheritdoc/>
    public Deletion DeleteSample(long sampleId) => Vacuumed(session =>
    {
        if (session.Value("SELECT person_id FROM samples WHERE id = $1", sampleId) is not long personId || Hold(session, personId) is null)
            return (Nothing, []);
        var samples = DeleteSamples(session, "person_id = $1 AND id = $2", personId, sampleId);
        if (samples.Count == 0) return (Nothing, []);
        session.Execute("UPDATE persons SET samples = samples - 1 WHERE id = $1", personId);
        LogDeletion(session, "delete-sample", personId, sampleId, samples);
        return (Counted(session, 0, samples), samples);
    });

    static List<Deleted> DeleteSamples(PostgresSession session, string which, params object?[] values)
        => session.Rows($"DELETE FROM samples WHERE {which} RETURNING crop IS NOT NULL, tableoid::regclass::text",
            r => new Deleted(r.GetBoolean(0), r.GetString(1)), values);

    static void LogDeletion(PostgresSession session, string action, long personId, long? sampleId, List<Deleted> samples)
        => Log(session, action, personId, sampleId, FormattableString.Invariant($"{samples.Count} samples, {samples.Count(s => s.HadCrop)} crops"));

    static Deletion Counted(PostgresSession session, int persons, List<Deleted> samples)
    {
        var deletion = new Deletion(persons, samples.Count, samples.Count(s => s.HadCrop));
        if (deletion != Nothing) Count(session, -deletion.Persons, -deletion.Samples, -deletion.Crops);
        return deletion;
    }

    Deletion Vacuumed(Func<PostgresSession, (Deletion, List<Deleted>)> delete)
    {
        var xid = "";
        var (deletion, samples) = _database.Write(session =>
        {
            var result = delete(session);
            xid = (string)session.Value("SELECT pg_current_xact_id()::xid::text")!;
            return result;
        });
        if (deletion == Nothing) return deletion;
        try
        {
            var unseen = WaitUntilUnseen(xid);
            var tables = samples.Select(s => s.Table).Distinct().Except(ForeignPartitions()).ToList();
            foreach (var table in tables.Append("persons").Append("jobs"))
                _database.Outside($"VACUUM (INDEX_CLEANUP ON, SKIP_DATABASE_STATS) {table}");
            return deletion with { Cleared = unseen && tables.Count == samples.Select(s => s.Table).Distinct().Count() };
        }
        catch (GalleryException)
        {
            // The deletion itself is committed.
            return deletion with { Cleared = false };
        }
    }

    /// <summary>
    /// Whether soon no transaction can see any more what one has deleted, so that VACUUM may remove it. Of what this user may not
    /// look at, the worst is taken.
    /// </summary>
    bool WaitUntilUnseen(string xid)
    {
        for (var i = 0; i < 20; i++)
        {
            if (!_database.Read(session => (bool)session.Value("""
                SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                        AND (age(backend_xmin) >= age($1::text::xid) OR age(backend_xid) >= age($1::text::xid) OR query = '<insufficient privilege>'))
                    OR EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) >= age($1::text::xid))
                    OR EXISTS (SELECT FROM pg_prepared_xacts WHERE age(transaction) >= age($1::text::xid))
                """, xid)!)) return true;
            Thread.Sleep(100);
        }
        return false;
    }

    // Autovacuum of the other server clears these.
    List<string> ForeignPartitions() => [.. Partitions().Where(p => p.Server is not null).Select(p => PostgresSchema.Partition(p.Number))];

    readonly record struct Deleted(bool HadCrop, string Table);
}
