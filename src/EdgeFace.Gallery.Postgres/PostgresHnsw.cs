namespace EdgeFace.Gallery.Postgres;

/// <summary>The HNSW index over the samples: made, measured, removed.</summary>
sealed class PostgresHnsw(PostgresDatabase database, SampleScan scan, SampleVectors vectors, PostgresShards shards)
{
    /// <summary>The recall below which an index is refused.</summary>
    public const double LeastRecall = 0.98;

    // Probes of the recall lie as far from stored samples as another photo of the person might.
    const double ProbeScore = 0.7;

    const int Probes = 50, Neighbours = 10;

    public async Task<double> Create(int neighbours, int candidates, CancellationToken cancellationToken)
    {
        if (neighbours is < 2 or > 100)
            throw new ArgumentOutOfRangeException(nameof(neighbours), neighbours, "a sample can have 2 to 100 neighbours");
        if (candidates is < 4 or > 1000 || candidates < 2 * neighbours)
            throw new ArgumentOutOfRangeException(nameof(candidates), candidates, "4 to 1000 candidates, and at least twice the neighbours");
        await Remake(FormattableString.Invariant($"WITH (m = {neighbours}, ef_construction = {candidates})"), cancellationToken)
            .ConfigureAwait(false);
        var recall = await Recall(cancellationToken).ConfigureAwait(false);
        if (recall >= LeastRecall) return recall;
        await Drop(cancellationToken).ConfigureAwait(false);
        throw new GalleryException(FormattableString.Invariant(
            $"{database.Where}: the HNSW index has a recall of {recall:f3}, which is below {LeastRecall}: it was removed. ")
            + "Create it with more neighbours and candidates, or look at more candidates");
    }

    public Task Drop(CancellationToken cancellationToken) => Remake(null, cancellationToken);

    public Task<double> Recall(CancellationToken cancellationToken) => Recall(Probes, Neighbours, cancellationToken);

    public Task<double> Recall(int probes, int count, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        if (count is < 1 or > GalleryRules.MostCandidates)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {GalleryRules.MostCandidates} people can be asked for");
        return database.ReadLong(async session =>
        {
            var stored = await session.Rows("SELECT embedding FROM samples ORDER BY random() LIMIT $1",
                r => vectors.ReadCoordinates(r, 0), probes).ConfigureAwait(false);
            var queries = stored.ConvertAll(Changed);
            var exact = await scan.Exact(session, queries, count).ConfigureAwait(false);
            var found = await scan.ByIndex(session, queries, count).ConfigureAwait(false);
            return queries.Count == 0 ? 1 : exact.Zip(found, Share).Average();
        }, cancellationToken);
    }

    /// <summary>Refuses to go on without a valid index of each partition that lies here.</summary>
    public async Task Require(CancellationToken cancellationToken)
    {
        var lacking = await database.Read(async session =>
        {
            var tables = new List<string>();
            foreach (var table in await shards.Local(session).ConfigureAwait(false))
                if (await session.Value("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid", table + "_hnsw")
                    .ConfigureAwait(false) is null) tables.Add(table);
            return tables;
        }, cancellationToken).ConfigureAwait(false);
        if (lacking.Count > 0)
            throw new GalleryException($"{database.Where}: the gallery has no HNSW index of {string.Join(", ", lacking)}. "
                + $"Create it, or open the gallery without {nameof(PostgresGalleryOptions.Hnsw)}");
    }

    /// <param name="settings">Of the index; null leaves none.</param>
    async Task Remake(string? settings, CancellationToken cancellationToken) => await database.WriteLong(async session =>
    {
        await PostgresSchema.Lock(session, database.Schema).ConfigureAwait(false);
        foreach (var table in await shards.Local(session).ConfigureAwait(false))
        {
            await session.Execute($"DROP INDEX IF EXISTS {table}_hnsw").ConfigureAwait(false);
            if (settings is not null)
                await session.Execute($"CREATE INDEX {table}_hnsw ON {table} USING hnsw (embedding halfvec_ip_ops) {settings}")
                    .ConfigureAwait(false);
        }
        return 0;
    }, cancellationToken).ConfigureAwait(false);

    static double Share(BestSample[] exact, BestSample[] found) => exact.Length == 0
        ? 1
        : (double)exact.Select(b => b.PersonId).Intersect(found.Select(b => b.PersonId)).Count() / exact.Length;

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
