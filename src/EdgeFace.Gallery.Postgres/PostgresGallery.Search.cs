using Pgvector;

namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    // Probes in one round trip: their rows are held together.
    const int ProbesAtOnce = 32;

    const double HalfRoundoff = 1.0 / 2048;

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<Candidate>> Search(IReadOnlyList<Embedding> probes, int count)
    {
        ArgumentNullException.ThrowIfNull(probes);
        if (count is < 1 or > GalleryRules.MostCandidates)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {GalleryRules.MostCandidates} people can be asked for");
        foreach (var probe in probes) Contract.Require(probe.Contract);
        var queries = probes.Select(_projection.Project).ToList();
        return _database.Read(session => WithPersons(session, UsesHnsw ? SearchIndex(session, queries, count) : Scan(session, queries, count)));
    }

    /// <summary>
    /// The best samples of the people who score highest, compared with every sample. The server orders by the score of the probe rounded to 16
    /// bits, which is off by at most <see cref="Slack"/>; scores are computed again here from the exact probe, and as many samples are fetched as
    /// it takes to know that none of the others belongs to the result.
    /// </summary>
    List<Best[]> Scan(PostgresSession session, List<float[]> queries, int count)
    {
        var sql = SearchSql("0::float8 + (embedding <#> $1)"); // no index serves this
        var results = new List<Best[]>(new Best[queries.Count][]);
        var open = Enumerable.Range(0, queries.Count).ToList();
        for (long most = 2 * count + 16; open.Count > 0; most *= 4)
            foreach (var part in open.ToArray().Chunk(ProbesAtOnce))
            {
                var found = Fetch(session, sql, part.Select(i => queries[i]), most);
                for (var i = 0; i < part.Length; i++)
                {
                    var (query, rows) = (queries[part[i]], found[i]);
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
    /// As <see cref="Scan"/>, among the candidates that the HNSW index gives; everything is compared where it gives too few people.
    /// </summary>
    List<Best[]> SearchIndex(PostgresSession session, List<float[]> queries, int count)
    {
        long most = 2 * count + 16;
        session.Execute(FormattableString.Invariant($"SET LOCAL hnsw.ef_search = {Math.Clamp(most, _hnswCandidates, 1000)}"));
        var sql = SearchSql("embedding <#> $1");
        var results = new List<Best[]>();
        foreach (var part in queries.Chunk(ProbesAtOnce))
            results.AddRange(Fetch(session, sql, part, most).Select((rows, i) => BestOfEach(part[i], rows, count)));
        for (var i = 0; i < results.Count; i++)
            if (results[i].Length < count) results[i] = Scan(session, [queries[i]], count)[0];
        return results;
    }

    /// <summary>For each new sample, the other person who is nearest.</summary>
    Candidate?[] Nearest(PostgresSession session, long personId, List<float[]> coordinates)
        => [.. WithPersons(session, Scan(session, coordinates, 2)).Select(found => found.FirstOrDefault(c => c.Person.Id != personId))];

    /// <summary>
    /// The first rows of each partition, then the first of all: so each server sorts and cuts its own. Samples without a person can be on another
    /// server after a crash of this one (<see cref="Check"/> finds them) and are passed over.
    /// </summary>
    internal string SearchSql(string distance)
    {
        var partitions = Enumerable.Range(0, _partitions).Select(p => $"(SELECT person_id, id, embedding, {distance} AS distance "
            + $"FROM {PostgresSchema.Partition(p)} ORDER BY {distance} LIMIT $2)");
        return "SELECT person_id, id, embedding, distance, EXISTS (SELECT FROM persons WHERE persons.id = person_id) "
            + $"FROM ({string.Join(" UNION ALL ", partitions)}) AS nearest ORDER BY distance LIMIT $2";
    }

    List<List<Row>> Fetch(PostgresSession session, string sql, IEnumerable<float[]> queries, long most)
        => session.RowsOfEach(sql, r => new Row(r.GetInt64(0), r.GetInt64(1), ReadHalves(r, 2), r.GetDouble(3), r.GetBoolean(4)),
            queries.Select(q => new object[] { new HalfVector(StoredCoordinates.Of(q)), most }));

    static Best[] BestOfEach(float[] query, List<Row> rows, int count)
    {
        var best = new Dictionary<long, Best>();
        foreach (var row in rows)
        {
            if (!row.HasPerson) continue;
            var found = new Best(row.PersonId, row.SampleId, Score(query, row.Coordinates));
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

    static List<List<Candidate>> WithPersons(PostgresSession session, List<Best[]> found)
    {
        var ids = found.SelectMany(f => f).Select(b => b.PersonId).Distinct().ToArray();
        var persons = ids.Length == 0
            ? []
            : session.Rows($"SELECT {PersonColumns} FROM persons WHERE id = ANY($1)", ReadPerson, ids).ToDictionary(p => p.Id);
        // While enrolling, another process may delete a person between the two statements.
        return
        [
            .. found.Select(f => f.Where(b => persons.ContainsKey(b.PersonId))
                .Select(b => new Candidate(persons[b.PersonId], b.SampleId, b.Score)).ToList()),
        ];
    }

    readonly record struct Row(long PersonId, long SampleId, Half[] Coordinates, double Distance, bool HasPerson);

    readonly record struct Best(long PersonId, long SampleId, double Score);
}
