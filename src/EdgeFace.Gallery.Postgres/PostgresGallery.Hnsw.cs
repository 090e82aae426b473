namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    /// <summary>The recall below which an HNSW index is refused.</summary>
    public const double LeastRecall = 0.98;

    // Probes of the recall lie as far from stored samples as another photo of the person might.
    const double ProbeScore = 0.7;

    /// <summary>
    /// Builds an HNSW index over the samples of each partition, and measures its recall; one that misses too much is taken away again. Searches
    /// use it where <see cref="PostgresGalleryOptions.Hnsw"/> says so. Samples enrolled later enter it. Partitions on other servers get theirs
    /// there: docs/gallery-postgres.md.
    /// </summary>
    /// <param name="neighbours">Neighbours of a sample in the graph (pgvector's <c>m</c>), 2 to 100.</param>
    /// <param name="candidates">Candidates while building (<c>ef_construction</c>), 4 to 1000 and at least twice the neighbours.</param>
    /// <returns>The recall, as <see cref="MeasureRecall"/> measures it.</returns>
    /// <exception cref="GalleryException">The recall is below <see cref="LeastRecall"/>; there is no index then.</exception>
    public double CreateHnswIndex(int neighbours = 16, int candidates = 128)
    {
        if (neighbours is < 2 or > 100)
            throw new ArgumentOutOfRangeException(nameof(neighbours), neighbours, "a sample can have 2 to 100 neighbours");
        if (candidates is < 4 or > 1000 || candidates < 2 * neighbours)
            throw new ArgumentOutOfRangeException(nameof(candidates), candidates, "4 to 1000 candidates, and at least twice the neighbours");
        _database.WriteLong(session =>
        {
            PostgresSchema.Lock(session, _database.Schema);
            foreach (var table in LocalPartitions(session))
            {
                session.Execute($"DROP INDEX IF EXISTS {table}_hnsw");
                session.Execute($"CREATE INDEX {table}_hnsw ON {table} USING hnsw (embedding halfvec_ip_ops) "
                    + FormattableString.Invariant($"WITH (m = {neighbours}, ef_construction = {candidates})"));
            }
            return 0;
        });
        var recall = MeasureRecall();
        if (recall >= LeastRecall) return recall;
        DropHnswIndex();
        throw new GalleryException(FormattableString.Invariant(
            $"{_database.Where}: the HNSW index has a recall of {recall:f3}, which is below {LeastRecall}: it was removed. ")
            + "Create it with more neighbours and candidates, or look at more candidates");
    }

    /// <summary>Removes the HNSW index.</summary>
    public void DropHnswIndex() => _database.WriteLong(session =>
    {
        PostgresSchema.Lock(session, _database.Schema);
        foreach (var table in LocalPartitions(session)) session.Execute($"DROP INDEX IF EXISTS {table}_hnsw");
        return 0;
    });

    /// <summary>
    /// How much of the exact result a search by the HNSW index finds: the mean share of the <paramref name="count"/> best people. Probes are
    /// random stored samples, changed until they score 0.7 against themselves.
    /// </summary>
    /// <param name="probes">How many searches, each by the index and by comparing every sample.</param>
    /// <param name="count">People of a result.</param>
    /// <returns>In [0, 1]; 1 for an empty gallery.</returns>
    public double MeasureRecall(int probes = 50, int count = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        if (count is < 1 or > GalleryRules.MostCandidates)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {GalleryRules.MostCandidates} people can be asked for");
        return _database.ReadLong(session =>
        {
            var stored = session.Rows("SELECT embedding FROM samples ORDER BY random() LIMIT $1", r => ReadCoordinates(r, 0), probes);
            var queries = stored.ConvertAll(Changed);
            var exact = Scan(session, queries, count);
            var found = SearchIndex(session, queries, count);
            double sum = 0;
            for (var i = 0; i < queries.Count; i++)
                sum += exact[i].Length == 0
                    ? 1
                    : (double)exact[i].Select(b => b.PersonId).Intersect(found[i].Select(b => b.PersonId)).Count() / exact[i].Length;
            return queries.Count == 0 ? 1 : sum / queries.Count;
        });
    }

    void RequireHnswIndex()
    {
        var lacking = _database.Read(session => LocalPartitions(session).FindAll(
            table => session.Value("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid", table + "_hnsw") is null));
        if (lacking.Count > 0)
            throw new GalleryException($"{_database.Where}: the gallery has no HNSW index of {string.Join(", ", lacking)}. "
                + $"Create it, or open the gallery without {nameof(PostgresGalleryOptions.Hnsw)}");
    }

    List<string> LocalPartitions(PostgresSession session)
        => [.. Enumerable.Range(0, _partitions).Select(PostgresSchema.Partition)
            .Where(table => session.Value("SELECT 1 FROM pg_class WHERE oid = $1::text::regclass AND relkind = 'r'", table) is not null)];

    static float[] Changed(float[] stored)
    {
        var noise = new double[stored.Length];
        double along = 0, length = 0;
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] = Math.Sqrt(-2 * Math.Log(1 - Random.Shared.NextDouble())) * Math.Cos(2 * Math.PI * Random.Shared.NextDouble());
            along += noise[i] * stored[i];
        }
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] -= along * stored[i];
            length += noise[i] * noise[i];
        }
        var scale = length == 0 ? 0 : Math.Sqrt((1 - ProbeScore * ProbeScore) / length);
        return [.. noise.Select((v, i) => (float)(ProbeScore * stored[i] + scale * v))];
    }
}
