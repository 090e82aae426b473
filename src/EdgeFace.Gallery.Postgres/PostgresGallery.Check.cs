using Npgsql;

namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    const int SamplesSearched = 20;

    /// <inheritdoc/>
    public GalleryCheck Check()
    {
        var check = _database.ReadLong(session =>
        {
            var problems = new List<string>();
            CheckCounts(session, problems);
            CheckPersons(session, problems);
            for (var partition = 0; partition < _partitions; partition++) CheckPartition(session, partition, problems);
            CheckSearch(session, problems);
            problems.AddRange(session.Rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid "
                + "AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = $1::text::regnamespace)",
                r => $"the index {r.GetString(0)} is not valid: run REINDEX INDEX for it", $"\"{_database.Schema}\""));
            return new GalleryCheck(
                (long)session.Value("SELECT count(*) FROM persons")!, (long)session.Value("SELECT count(*) FROM samples")!, problems);
        });
        if (UsesHnsw && MeasureRecall() is var recall && recall < LeastRecall)
            ((List<string>)check.Problems).Add(
                FormattableString.Invariant($"the HNSW index misses too much: recall {recall:f3} is below {LeastRecall}. ")
                + "Look at more candidates, create the index with larger settings, or search without it");
        return check;
    }

    static void CheckCounts(PostgresSession session, List<string> problems)
    {
        static (long, long, long) Read(NpgsqlDataReader r) => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2));
        var counted = session.Rows("SELECT sum(persons)::bigint, sum(samples)::bigint, sum(crops)::bigint FROM counts", Read)[0];
        var found = session.Rows("SELECT (SELECT count(*) FROM persons), count(*), count(*) FILTER (WHERE crop IS NOT NULL) FROM samples", Read)[0];
        if (counted != found) problems.Add($"the counts (people, samples, crops) say {counted}, the tables hold {found}");
    }

    static void CheckPersons(PostgresSession session, List<string> problems)
    {
        problems.AddRange(session.Rows("""
            SELECT p.id, p.samples, count(s.id) FROM persons p LEFT JOIN samples s ON s.person_id = p.id GROUP BY p.id HAVING p.samples <> count(s.id) ORDER BY p.id LIMIT 20
            """, r => $"person {r.GetInt64(0)} should have {r.GetInt32(1)} samples and has {r.GetInt64(2)}"));
        problems.AddRange(session.Rows("SELECT s.person_id, count(*) FROM samples s "
            + "WHERE NOT EXISTS (SELECT FROM persons p WHERE p.id = s.person_id) GROUP BY s.person_id ORDER BY s.person_id LIMIT 20",
            r => $"{r.GetInt64(1)} samples belong to person {r.GetInt64(0)}, who is not there: "
                + "the server ended while it was enrolling or deleting. "
                + $"Delete them with DELETE FROM samples WHERE person_id = {r.GetInt64(0)}"));
        for (long after = 0; ;)
        {
            var persons = session.Rows($"SELECT {PersonColumns} FROM persons WHERE id > $1 ORDER BY id LIMIT 1000", ReadPerson, after);
            if (persons.Count == 0) return;
            after = persons[^1].Id;
            foreach (var person in persons)
                try
                {
                    GalleryRules.Accepted(new(person.Name) { ExternalKey = person.ExternalKey, Metadata = person.Metadata }, person);
                }
                catch (GalleryException e)
                {
                    problems.Add($"person {person.Id}: {e.Message}");
                }
        }
    }

    void CheckPartition(PostgresSession session, int partition, List<string> problems)
    {
        var table = PostgresSchema.Partition(partition);
        // Nobody but this check keeps another server from holding rows that are not its own. It is made here: there the number of this server's
        // table means nothing (OFFSET keeps it here).
        var strays = session.Rows($"SELECT id FROM (SELECT id, person_id FROM {table} OFFSET 0) AS there "
            + "WHERE NOT satisfies_hash_partition('samples'::regclass, $1, $2, person_id) ORDER BY id LIMIT 20",
            r => r.GetInt64(0), _partitions, partition);
        foreach (var stray in strays)
            problems.Add($"sample {stray} lies in partition {partition}, to which its person does not belong");
        foreach (var twice in session.Rows($"SELECT id FROM {table} GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 20", r => r.GetInt64(0)))
            problems.Add($"partition {partition} holds sample {twice} more than once");
        for (long after = 0; ;)
        {
            var samples = session.Rows($"SELECT id, embedding FROM {table} WHERE id > $1 ORDER BY id LIMIT 1000",
                r => (Id: r.GetInt64(0), Coordinates: ReadHalves(r, 1)), after);
            if (samples.Count == 0) return;
            after = samples[^1].Id;
            foreach (var (id, coordinates) in samples)
                if (coordinates.Sum(c => (double)c * (double)c) is not (> 0.99 and < 1.01))
                    problems.Add($"the embedding of sample {id} does not have length 1");
        }
    }

    void CheckSearch(PostgresSession session, List<string> problems)
    {
        var samples = session.Rows(
            "SELECT s.id, s.person_id, s.embedding FROM samples s JOIN persons p ON p.id = s.person_id ORDER BY random() LIMIT $1",
            r => (Id: r.GetInt64(0), Person: r.GetInt64(1), Coordinates: ReadCoordinates(r, 2)), SamplesSearched);
        var found = Scan(session, [.. samples.Select(s => s.Coordinates)], 1);
        for (var i = 0; i < samples.Count; i++)
            if (found[i].Length == 0 || found[i][0].Score < GalleryRules.SameImage)
                problems.Add($"a search for the embedding of sample {samples[i].Id} does not find it");
    }
}
