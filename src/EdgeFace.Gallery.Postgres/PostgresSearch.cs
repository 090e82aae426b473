namespace EdgeFace.Gallery.Postgres;

/// <summary>Finds the people whom probes resemble most.</summary>
sealed class PostgresSearch(PostgresDatabase database, SampleScan scan, SampleVectors vectors, EmbeddingContract contract, bool usesHnsw)
{
    public async Task<IReadOnlyList<IReadOnlyList<Candidate>>> Search(
        IReadOnlyList<Embedding> probes, int count, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(probes);
        if (count is < 1 or > GalleryRules.MostCandidates)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"1 to {GalleryRules.MostCandidates} people can be asked for");
        foreach (var probe in probes) contract.Require(probe.Contract);
        var queries = probes.Select(vectors.Project).ToList();
        return await database.Read(async session =>
        {
            var found = await (usesHnsw ? scan.ByIndex(session, queries, count) : scan.Exact(session, queries, count)).ConfigureAwait(false);
            return await WithPersons(session, found).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>For each new sample, the other person who is nearest.</summary>
    public async Task<Candidate?[]> Nearest(PostgresSession session, long personId, List<float[]> coordinates)
    {
        var best = await scan.Exact(session, coordinates, 2).ConfigureAwait(false);
        var found = await WithPersons(session, best).ConfigureAwait(false);
        return [.. found.Select(f => f.FirstOrDefault(c => c.Person.Id != personId))];
    }

    static async Task<List<List<Candidate>>> WithPersons(PostgresSession session, List<BestSample[]> found)
    {
        var persons = await PersonRows.OfIds(session, [.. found.SelectMany(f => f).Select(b => b.PersonId).Distinct()]).ConfigureAwait(false);
        // While enrolling, another process may delete a person between the two statements.
        return
        [
            .. found.Select(f => f.Where(b => persons.ContainsKey(b.PersonId))
                .Select(b => new Candidate(persons[b.PersonId], b.SampleId, b.Score)).ToList()),
        ];
    }
}
