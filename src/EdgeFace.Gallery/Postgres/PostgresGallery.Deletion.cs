namespace EdgeFace.Gallery;

public sealed partial class PostgresGallery
{
    static readonly Deletion Nothing = new(0, 0, 0);

    /// <inheritdoc/>
    /// <remarks>
    /// Jobs of the person's external key are deleted too. Then the tables are vacuumed, so that the rows are gone from them unless a transaction can still see them;
    /// docs/gallery-postgres.md says what the write-ahead log, replicas and backups hold longer.
    /// </remarks>
    public Deletion DeletePerson(long personId) => Vacuumed(session =>
    {
        if (Hold(session, personId) is not { } person) return (Nothing, []);
        var samples = DeleteSamples(session, "person_id = $1", personId);
        if (person.ExternalKey is { } key) session.Execute("DELETE FROM jobs WHERE external_key = $1", key);
        session.Execute("DELETE FROM persons WHERE id = $1", personId);
        return (Finish(session, "delete-person", personId, null, 1, samples), samples);
    });

    /// <inheritdoc/>
    public Deletion DeleteSample(long sampleId) => Vacuumed(session =>
    {
        if (session.Value("SELECT person_id FROM samples WHERE id = $1", sampleId) is not long personId || Hold(session, personId) is null) return (Nothing, []);
        var samples = DeleteSamples(session, "person_id = $1 AND id = $2", personId, sampleId);
        if (samples.Count == 0) return (Nothing, []);
        session.Execute("UPDATE persons SET samples = samples - 1 WHERE id = $1", personId);
        return (Finish(session, "delete-sample", personId, sampleId, 0, samples), samples);
    });

    static List<Deleted> DeleteSamples(PostgresSession session, string which, params object?[] values)
        => session.Rows($"DELETE FROM samples WHERE {which} RETURNING crop IS NOT NULL, tableoid::regclass::text", r => new Deleted(r.GetBoolean(0), r.GetString(1)), values);

    static Deletion Finish(PostgresSession session, string action, long personId, long? sampleId, int persons, List<Deleted> samples)
    {
        var deletion = new Deletion(persons, samples.Count, samples.Count(s => s.HadCrop));
        Log(session, action, personId, sampleId, FormattableString.Invariant($"{deletion.Samples} samples, {deletion.Crops} crops"));
        Count(session, -deletion.Persons, -deletion.Samples, -deletion.Crops);
        return deletion;
    }

    Deletion Vacuumed(Func<PostgresSession, (Deletion, List<Deleted>)> delete)
    {
        var (deletion, samples) = _database.Write(delete);
        if (deletion == Nothing) return deletion;
        try
        {
            foreach (var table in samples.Select(s => s.Table).Distinct().Append("persons").Append("jobs")) Vacuum(table);
        }
        catch (GalleryException e)
        {
            throw new GalleryException($"it was deleted, but the space could not be cleared, which has to be done with VACUUM: {e.Message}", e);
        }
        return deletion;
    }

    // A partition on another server is vacuumed by that server's autovacuum.
    void Vacuum(string table) => _database.Outside($"VACUUM (INDEX_CLEANUP ON, SKIP_DATABASE_STATS) {table}");

    readonly record struct Deleted(bool HadCrop, string Table);
}
