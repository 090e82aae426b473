using System.Diagnostics;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Looks for the samples nearest to a probe, within a transaction.</summary>
/// <param name="vectors">How samples are read.</param>
/// <param name="partitions">Into how many the samples are divided.</param>
/// <param name="hnswCandidates">How many of each an HNSW index looks at.</param>
sealed class SampleScan(SampleVectors vectors, int partitions, int hnswCandidates)
{
    // Probes in one round trip: their rows are held together.
    const int ProbesAtOnce = 32;

    const double HalfRoundoff = 1.0 / 2048;

    /// <summary>
    /// The best samples of the people who score highest, compared with every sample. The server orders by the score of the probe rounded to 16
    /// bits, which is off by at most <see cref="Slack"/>; scores are computed again here from the exact probe, and as many samples are fetched as
    /// it takes to know that none of the others belongs to the result.
    /// </summary>
    public async Task<List<BestSample[]>> Exact(PostgresSession session, IReadOnlyList<float[]> queries, int count)
    {
        var sql = Sql("0::float8 + (embedding <#> $1)"); // no index serves this
        var results = new List<BestSample[]>(new BestSample[queries.Count][]);
        var open = Enumerable.Range(0, queries.Count).ToList();
        for (long most = 2 * count + 16; open.Count > 0; most *= 4)
            foreach (var part in open.ToArray().Chunk(ProbesAtOnce))
            {
                var found = await Fetch(session, sql, part.Select(i => queries[i]), most).ConfigureAwait(false);
                for (var i = 0; i < part.Length; i++)
                {
                    var (query, rows) = (queries[part[i]], found[i]);
                    Debug.Assert(rows.Count <= most, "no more rows than were asked for");
                    var people = BestOfEach(query, rows, count);
                    // What was not fetched scores no more than the last row does, give or take the slack.
                    if (rows.Count < most || people.Length == count && people[^1].Score > -rows[^1].Distance + Slack(query))
                    {
                        results[part[i]] = people;
                        open.Remove(part[i]);
                    }
                }
            }
        return results;
    }

    /// <summary>
    /// As <see cref="Exact"/>, among the candidates that the HNSW index gives; everything is compared where it gives too few people.
    /// </summary>
    public async Task<List<BestSample[]>> ByIndex(PostgresSession session, IReadOnlyList<float[]> queries, int count)
    {
        long most = 2 * count + 16;
        var looked = Math.Clamp(most, hnswCandidates, 1000);
        await session.Execute(FormattableString.Invariant($"SET LOCAL hnsw.ef_search = {looked}")).ConfigureAwait(false);
        var sql = Sql("embedding <#> $1");
        var results = new List<BestSample[]>();
        foreach (var part in queries.Chunk(ProbesAtOnce))
        {
            var found = await Fetch(session, sql, part, most).ConfigureAwait(false);
            results.AddRange(found.Select((rows, i) => BestOfEach(part[i], rows, count)));
        }
        for (var i = 0; i < results.Count; i++)
            if (results[i].Length < count) results[i] = (await Exact(session, [queries[i]], count).ConfigureAwait(false))[0];
        return results;
    }

    /// <summary>
    /// The first rows of each partition, then the first of all: so each server sorts and cuts its own. Samples without a person can be on another
    /// server after a crash of this one (<see cref="IGallery.Check"/> finds them) and are passed over.
    /// </summary>
    public string Sql(string distance)
    {
        var parts = Enumerable.Range(0, partitions).Select(p => $"(SELECT person_id, id, embedding, {distance} AS distance "
            + $"FROM {PostgresSchema.Partition(p)} ORDER BY {distance} LIMIT $2)");
        // Sorted by an expression that is not the partitions': merging what is sorted already would ask one server after another.
        return "SELECT person_id, id, embedding, distance, EXISTS (SELECT FROM persons WHERE persons.id = person_id AND merged_into IS NULL) "
            + $"FROM ({string.Join(" UNION ALL ", parts)}) AS nearest ORDER BY 0::float8 + distance LIMIT $2";
    }

    Task<List<List<Row>>> Fetch(PostgresSession session, string sql, IEnumerable<float[]> queries, long most) => session.RowsOfEach(
        sql, r => new Row(r.GetInt64(0), r.GetInt64(1), vectors.ReadHalves(r, 2), r.GetDouble(3), r.GetBoolean(4)),
        [.. queries.Select(q => new object[] { SampleVectors.Stored(q), most })]);

    static BestSample[] BestOfEach(float[] query, List<Row> rows, int count)
    {
        var best = new Dictionary<long, BestSample>();
        foreach (var row in rows)
        {
            if (!row.HasPerson) continue;
            var found = new BestSample(row.PersonId, row.SampleId, SampleVectors.Score(query, row.Coordinates));
            if (!best.TryGetValue(row.PersonId, out var other) || found.Score > other.Score
                || found.Score == other.Score && found.SampleId < other.SampleId)
                best[row.PersonId] = found;
        }
        return [.. best.Values.OrderByDescending(b => b.Score).ThenBy(b => b.PersonId).Take(count)];
    }

    /// <summary>
    /// By how much the server's score of a stored sample can differ from the exact one: the length of what rounding takes from the probe, what it
    /// can take from the sample's length (the server divides by neither), and the rounding of the sum.
    /// </summary>
    static double Slack(float[] query)
    {
        double sum = 0;
        foreach (var value in query)
        {
            var lost = value - (double)(Half)value;
            sum += lost * lost;
        }
        return 1.001 * (Math.Sqrt(sum) + HalfRoundoff) + query.Length * 2.5e-7;
    }

    readonly record struct Row(long PersonId, long SampleId, Half[] Coordinates, double Distance, bool HasPerson);
}
