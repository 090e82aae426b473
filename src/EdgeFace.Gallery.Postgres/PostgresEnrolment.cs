namespace EdgeFace.Gallery.Postgres;

/// <summary>Enrols samples.</summary>
sealed class PostgresEnrolment(
    PostgresDatabase database, SampleVectors vectors, PostgresSearch search, EmbeddingContract contract, int mostSamples)
{
    public async Task<Enrolment> Enrol(long personId, NewSample sample, EnrolOptions options, CancellationToken cancellationToken)
    {
        GalleryRules.Require(sample, contract);
        var coordinates = vectors.Project([sample]);
        return await database.Write(async session =>
        {
            var person = await PersonRows.Require(session, personId).ConfigureAwait(false);
            return (await Enrol(session, person, isNew: false, [sample], coordinates, options).ConfigureAwait(false))[0];
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Enrols in the transaction of what comes before.</summary>
    /// <param name="before">Done first; null if there is nothing.</param>
    public async Task<IReadOnlyList<Enrolment>> Enrol(NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options,
        Func<PostgresSession, Task>? before, CancellationToken cancellationToken)
    {
        var accepted = GalleryRules.Accepted(person);
        ArgumentNullException.ThrowIfNull(samples);
        foreach (var sample in samples) GalleryRules.Require(sample, contract);
        var coordinates = vectors.Project(samples);
        var enrolled = await database.Write(async session =>
        {
            if (before is not null) await before(session).ConfigureAwait(false);
            return await Enrol(session, accepted, samples, coordinates, options).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
        return enrolled.ConvertAll(e => e.For(accepted));
    }

    async Task<List<Enrolment>> Enrol(
        PostgresSession session, NewPerson person, IReadOnlyList<NewSample> samples, List<float[]> coordinates, EnrolOptions options)
    {
        while (true)
        {
            if (person.ExternalKey is { } key && await PersonRows.Hold(session, key).ConfigureAwait(false) is { } known)
            {
                if (options.Strict) GalleryRules.RequireSameName(known, person);
                return await Enrol(session, known, isNew: false, samples, coordinates, options).ConfigureAwait(false);
            }
            // Null if another process adds the person at this moment; that one's row is visible now, unless it was deleted again.
            if (await PersonRows.Insert(session, person).ConfigureAwait(false) is { } added)
                return await Enrol(session, added, isNew: true, samples, coordinates, options).ConfigureAwait(false);
            await PersonRows.RequireNotKept(session, person.ExternalKey!).ConfigureAwait(false);
        }
    }

    async Task<List<Enrolment>> Enrol(PostgresSession session, Person person, bool isNew, IReadOnlyList<NewSample> samples,
        List<float[]> coordinates, EnrolOptions options)
    {
        var stored = await PersonSample.Of(session, vectors, person.Id).ConfigureAwait(false);
        var added = new List<(Sample Sample, double? Own)>();
        for (var i = 0; i < samples.Count; i++)
            added.Add(await Insert(session, person.Id, samples[i], coordinates[i], stored).ConfigureAwait(false));
        var others = options.Strict || options.ResemblanceThreshold is not null
            ? await search.Nearest(session, person.Id, coordinates).ConfigureAwait(false) : new Candidate?[samples.Count];
        if (options.Strict && others.FirstOrDefault(o => o?.Score >= GalleryRules.SameImage) is { } same) throw GalleryRules.SameImageOf(same);
        await session.Execute("UPDATE persons SET samples = samples + $2 WHERE id = $1", person.Id, samples.Count).ConfigureAwait(false);
        await Ledger.Count(session, isNew ? 1 : 0, samples.Count, samples.Count(HasCrop)).ConfigureAwait(false);
        var grown = person with { Samples = person.Samples + samples.Count };
        return
        [
            .. added.Select((a, i) =>
            {
                var isTold = options.ResemblanceThreshold is { } threshold && others[i]?.Score >= Enrolment.LeastTold(threshold, a.Own);
                return Enrolment.Of(grown, a.Sample, a.Own, isTold ? others[i] : null, options);
            }),
        ];
    }

    async Task<(Sample Sample, double? Own)> Insert(
        PostgresSession session, long personId, NewSample sample, float[] coordinates, List<PersonSample> stored)
    {
        var own = PersonSample.RequireNew(personId, stored, coordinates, sample.SourceSha256, mostSamples);
        var id = await Ledger.NextId(session, "sample_ids").ConfigureAwait(false);
        var vector = SampleVectors.Stored(coordinates);
        var quality = sample.Quality;
        var created = await session.Rows("""
            INSERT INTO samples (id, person_id, created, embedding, face_width, detector_score, sharpness, yaw, pitch, roll,
                source, source_sha256, crop)
            VALUES ($1, $2, coalesce($13, now()), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING created
            """, r => r.GetFieldValue<DateTimeOffset>(0), id, personId, vector,
            quality.FaceWidth, quality.DetectorScore, quality.Sharpness, quality.Yaw, quality.Pitch, quality.Roll,
            sample.Source, sample.SourceSha256 is { } sha ? Convert.FromHexString(sha) : null,
            HasCrop(sample) ? sample.Crop!.Value.ToArray() : null, sample.Created?.UtcDateTime).ConfigureAwait(false);
        await Ledger.Log(session, "enrol", personId, id).ConfigureAwait(false);
        stored.Add(new(id, sample.SourceSha256, vector.Memory.ToArray()));
        return (new(id, personId, created[0], sample.Source, sample.SourceSha256, quality, HasCrop(sample)), own);
    }

    static bool HasCrop(NewSample sample) => sample.Crop is { Length: > 0 };
}
