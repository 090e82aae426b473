using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Makes one person of two, takes that back, and gives samples to other people.</summary>
sealed class PostgresMerging(PostgresDatabase database, SampleVectors vectors, int mostSamples)
{
    const string Columns = "created, embedding, face_width, detector_score, sharpness, yaw, pitch, roll, source, source_sha256, crop";

    public Task<Person> Merge(long into, long from, CancellationToken cancellationToken) => database.Write(async session =>
    {
        if (into == from) throw new GalleryException($"person {into} cannot be merged into themselves: name two people");
        await PersonRows.HoldAll(session, [into, from]).ConfigureAwait(false);
        var together = (await PersonRows.Require(session, into).ConfigureAwait(false)).Samples
            + (await PersonRows.Require(session, from).ConfigureAwait(false)).Samples;
        if (together > mostSamples)
            throw new GalleryException($"person {into} and person {from} have {together} samples together, more than the "
                + $"{mostSamples} that this gallery allows; delete some first");
        var moved = await session.Rows("SELECT id FROM samples WHERE person_id = $1 ORDER BY id", r => r.GetInt64(0), from).ConfigureAwait(false);
        await Give(session, [.. moved], from, into).ConfigureAwait(false);
        await session.Execute("INSERT INTO moves (person_id, sample_id) SELECT $1, id FROM unnest($2::bigint[]) AS moved (id) ORDER BY id",
            from, moved.ToArray()).ConfigureAwait(false);
        await session.Execute("UPDATE persons SET merged_into = $2 WHERE id = $1", from, into).ConfigureAwait(false);
        await Ledger.Log(session, "merge", into, null, FormattableString.Invariant($"person {from}, samples {moved.Count}")).ConfigureAwait(false);
        await Ledger.Count(session, -1, 0, 0).ConfigureAwait(false);
        return (await PersonRows.Find(session, into).ConfigureAwait(false))!;
    }, cancellationToken);

    public Task<Person> Undo(long from, CancellationToken cancellationToken) => database.Write(async session =>
    {
        await HoldOwners(session, from).ConfigureAwait(false);
        var into = await PersonRows.MergedInto(session, from).ConfigureAwait(false)
            ?? throw new GalleryException($"no person {from} was merged into another, as far as is known still");
        // Oldest first: what was merged into them earlier comes back to them, and can be undone next.
        var moved = await session.Rows("SELECT id, sample_id FROM moves WHERE person_id = $1 ORDER BY id",
            r => (Move: r.GetInt64(0), Sample: r.GetInt64(1)), from).ConfigureAwait(false);
        foreach (var (move, sample) in moved)
        {
            if (await session.Value("SELECT person_id FROM samples WHERE id = $1", sample).ConfigureAwait(false) is long owner)
                await Give(session, [sample], owner, from).ConfigureAwait(false);
            // Whoever had it in between gets it back from nobody.
            await session.Execute("DELETE FROM moves WHERE sample_id = $1 AND id >= $2", sample, move).ConfigureAwait(false);
        }
        await session.Execute("UPDATE persons SET merged_into = NULL WHERE id = $1", from).ConfigureAwait(false);
        await Ledger.Log(session, "unmerge", from, null, FormattableString.Invariant($"person {into}, samples {moved.Count}")).ConfigureAwait(false);
        await Ledger.Count(session, 1, 0, 0).ConfigureAwait(false);
        return (await PersonRows.Find(session, from).ConfigureAwait(false))!;
    }, cancellationToken);

    public Task<Sample> Move(long sampleId, long to, CancellationToken cancellationToken) => database.Write(async session =>
    {
        var from = await HoldWithOwner(session, sampleId, to).ConfigureAwait(false);
        await PersonRows.Require(session, to).ConfigureAwait(false);
        if (from != to)
        {
            var moved = (await PersonSample.Of(session, vectors, from).ConfigureAwait(false)).Find(s => s.Id == sampleId)!;
            var others = await PersonSample.Of(session, vectors, to).ConfigureAwait(false);
            PersonSample.RequireNew(to, others, StoredCoordinates.Widen(moved.Coordinates), moved.SourceSha256, mostSamples);
            await Give(session, [sampleId], from, to).ConfigureAwait(false);
            await session.Execute("DELETE FROM moves WHERE sample_id = $1", sampleId).ConfigureAwait(false);
            await Ledger.Log(session, "move-sample", to, sampleId, FormattableString.Invariant($"person {from}")).ConfigureAwait(false);
        }
        return (await PostgresSamples.Find(session, sampleId).ConfigureAwait(false))!;
    }, cancellationToken);

    /// <summary>
    /// Not by UPDATE: rows do not leave a partition on another server that way, and one that stays there is not looked at for where it belongs.
    /// </summary>
    static async Task Give(PostgresSession session, long[] samples, long from, long to)
    {
        var given = await session.Execute($"""
            WITH taken AS (DELETE FROM samples WHERE person_id = $1 AND id = ANY($3) RETURNING id, {Columns})
            INSERT INTO samples (id, person_id, {Columns}) SELECT id, $2, {Columns} FROM taken
            """, from, to, samples).ConfigureAwait(false);
        await session.Execute("UPDATE persons SET samples = samples + CASE id WHEN $1 THEN -$3 ELSE $3 END WHERE id IN ($1, $2)",
            from, to, given).ConfigureAwait(false);
    }

    /// <summary>Holds a person, and all who have the samples that undoing a merge brings back.</summary>
    static async Task HoldOwners(PostgresSession session, long from)
    {
        for (var held = new HashSet<long>(); ;)
        {
            var samples = await session.Rows("SELECT sample_id FROM moves WHERE person_id = $1", r => r.GetInt64(0), from).ConfigureAwait(false);
            var owners = await session.Rows("SELECT DISTINCT person_id FROM samples WHERE id = ANY($1)", r => r.GetInt64(0),
                (object)samples.ToArray()).ConfigureAwait(false);
            long[] wanted = [from, .. owners];
            if (held.IsSupersetOf(wanted)) return;
            held.UnionWith(wanted);
            await PersonRows.HoldAll(session, [.. held]).ConfigureAwait(false);
        }
    }

    /// <summary>Holds whoever has a sample, and who is to get it.</summary>
    /// <returns>Who has it.</returns>
    static async Task<long> HoldWithOwner(PostgresSession session, long sampleId, long to)
    {
        for (long? held = null; ;)
        {
            // A sample without a person is one that a crash has left on another server.
            if (await session.Value("SELECT person_id FROM samples s WHERE id = $1 AND EXISTS (SELECT FROM persons p WHERE p.id = s.person_id)",
                sampleId).ConfigureAwait(false) is not long owner)
                throw new GalleryException($"there is no sample {sampleId}");
            if (owner == held) return owner;
            held = owner;
            await PersonRows.HoldAll(session, [owner, to]).ConfigureAwait(false);
        }
    }
}
