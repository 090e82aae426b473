using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Examines all tables.</summary>
/// <param name="hnsw">The index that searches use, or null.</param>
sealed class PostgresCheck(PostgresDatabase database, SampleScan scan, SampleVectors vectors, int partitions, PostgresHnsw? hnsw)
{
    const int SamplesSearched = 20, RowsAtOnce = 1000;

    public async Task<GalleryCheck> Run(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var (persons, samples) = await database.ReadLong(async session =>
        {
            problems.Clear();
            await Counts(session, problems).ConfigureAwait(false);
            await Merged(session, problems).ConfigureAwait(false);
            await Persons(session, problems).ConfigureAwait(false);
            for (var partition = 0; partition < partitions; partition++)
                await Partition(session, partition, problems).ConfigureAwait(false);
            await Search(session, problems).ConfigureAwait(false);
            problems.AddRange(await session.Rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid "
                + "AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = $1::text::regnamespace)",
                r => $"the index {r.GetString(0)} is not valid: run REINDEX INDEX for it", $"\"{database.Schema}\"").ConfigureAwait(false));
            return ((long)(await session.Value("SELECT count(*) FROM persons WHERE merged_into IS NULL").ConfigureAwait(false))!,
                (long)(await session.Value("SELECT count(*) FROM samples").ConfigureAwait(false))!);
        }, cancellationToken).ConfigureAwait(false);
        if (hnsw is not null && await hnsw.Recall(cancellationToken).ConfigureAwait(false) is var recall && recall < PostgresHnsw.LeastRecall)
            problems.Add(FormattableString.Invariant($"the HNSW index misses too much: recall {recall:f3} is below {PostgresHnsw.LeastRecall}. ")
                + "Look at more candidates, create the index with larger settings, or search without it");
        return new(persons, samples, problems);
    }

    static async Task Counts(PostgresSession session, List<string> problems)
    {
        static (long, long, long) Read(NpgsqlDataReader r) => (r.GetInt64(0), r.GetInt64(1), r.GetInt64(2));
        var counted = await session.Rows("SELECT sum(persons)::bigint, sum(samples)::bigint, sum(crops)::bigint FROM counts", Read)
            .ConfigureAwait(false);
        var found = await session.Rows(
            "SELECT (SELECT count(*) FROM persons WHERE merged_into IS NULL), count(*), count(*) FILTER (WHERE crop IS NOT NULL) FROM samples", Read)
            .ConfigureAwait(false);
        if (counted[0] != found[0]) problems.Add($"the counts (people, samples, crops) say {counted[0]}, the tables hold {found[0]}");
    }

    /// <summary>Who was merged has no samples left, and at the end somebody who is shown.</summary>
    static async Task Merged(PostgresSession session, List<string> problems)
    {
        problems.AddRange(await session.Rows("SELECT id FROM persons p WHERE merged_into IS NOT NULL "
            + "AND EXISTS (SELECT FROM samples s WHERE s.person_id = p.id) ORDER BY id LIMIT 20",
            r => $"person {r.GetInt64(0)} was merged into another, and has samples all the same").ConfigureAwait(false));
        problems.AddRange(await session.Rows("""
            WITH RECURSIVE sound (id) AS (
                SELECT p.id FROM persons p JOIN persons o ON o.id = p.merged_into WHERE o.merged_into IS NULL
                UNION SELECT p.id FROM persons p JOIN sound ON p.merged_into = sound.id)
            SELECT id FROM persons WHERE merged_into IS NOT NULL AND id NOT IN (SELECT id FROM sound) ORDER BY id LIMIT 20
            """, r => $"person {r.GetInt64(0)} was merged into somebody who is nowhere to be seen").ConfigureAwait(false));
        problems.AddRange(await session.Rows("SELECT id, sample_id FROM moves m "
            + "WHERE NOT EXISTS (SELECT FROM samples s WHERE s.id = m.sample_id) ORDER BY id LIMIT 20",
            r => $"row {r.GetInt64(0)} of moves belongs to sample {r.GetInt64(1)}, which is not there").ConfigureAwait(false));
    }

    static async Task Persons(PostgresSession session, List<string> problems)
    {
        problems.AddRange(await session.Rows("""
            SELECT p.id, p.samples, count(s.id) FROM persons p LEFT JOIN samples s ON s.person_id = p.id
            GROUP BY p.id HAVING p.samples <> count(s.id) ORDER BY p.id LIMIT 20
            """, r => $"person {r.GetInt64(0)} should have {r.GetInt32(1)} samples and has {r.GetInt64(2)}").ConfigureAwait(false));
        problems.AddRange(await session.Rows("SELECT s.person_id, count(*) FROM samples s "
            + "WHERE NOT EXISTS (SELECT FROM persons p WHERE p.id = s.person_id) GROUP BY s.person_id ORDER BY s.person_id LIMIT 20",
            r => $"{r.GetInt64(1)} samples belong to person {r.GetInt64(0)}, who is not there: "
                + "the server ended while it was enrolling or deleting. "
                + $"Delete them with DELETE FROM samples WHERE person_id = {r.GetInt64(0)}").ConfigureAwait(false));
        for (long after = 0; ;)
        {
            var persons = await PersonRows.Page(session, after, RowsAtOnce, alsoMerged: true).ConfigureAwait(false);
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

    async Task Partition(PostgresSession session, int partition, List<string> problems)
    {
        var table = PostgresSchema.Partition(partition);
        // Nobody but this check keeps another server from holding rows that are not its own. It is made here: there the number of this server's
        // table means nothing (OFFSET keeps it here).
        problems.AddRange(await session.Rows($"SELECT id FROM (SELECT id, person_id FROM {table} OFFSET 0) AS there "
            + "WHERE NOT satisfies_hash_partition('samples'::regclass, $1, $2, person_id) ORDER BY id LIMIT 20",
            r => $"sample {r.GetInt64(0)} lies in partition {partition}, to which its person does not belong",
            partitions, partition).ConfigureAwait(false));
        problems.AddRange(await session.Rows($"SELECT id FROM {table} GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 20",
            r => $"partition {partition} holds sample {r.GetInt64(0)} more than once").ConfigureAwait(false));
        for (long after = 0; ;)
        {
            var samples = await session.Rows($"SELECT id, embedding FROM {table} WHERE id > $1 ORDER BY id LIMIT $2",
                r => (Id: r.GetInt64(0), Coordinates: vectors.ReadHalves(r, 1)), after, RowsAtOnce).ConfigureAwait(false);
            if (samples.Count == 0) return;
            after = samples[^1].Id;
            foreach (var (id, coordinates) in samples)
                if (coordinates.Sum(c => (double)c * (double)c) is not (> 0.99 and < 1.01))
                    problems.Add($"the embedding of sample {id} does not have length 1");
        }
    }

    async Task Search(PostgresSession session, List<string> problems)
    {
        var samples = await session.Rows(
            "SELECT s.id, s.embedding FROM samples s JOIN persons p ON p.id = s.person_id ORDER BY random() LIMIT $1",
            r => (Id: r.GetInt64(0), Coordinates: vectors.ReadCoordinates(r, 1)), SamplesSearched).ConfigureAwait(false);
        var found = await scan.Exact(session, [.. samples.Select(s => s.Coordinates)], 1).ConfigureAwait(false);
        for (var i = 0; i < samples.Count; i++)
            if (found[i].Length == 0 || found[i][0].Score < GalleryRules.SameImage)
                problems.Add($"a search for the embedding of sample {samples[i].Id} does not find it");
    }
}
