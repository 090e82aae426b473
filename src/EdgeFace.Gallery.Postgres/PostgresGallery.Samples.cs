using EdgeFace.Gallery.Search;
using Npgsql;
using Pgvector;

namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    const string SampleColumns =
        "id, person_id, created, source, source_sha256, face_width, detector_score, sharpness, yaw, pitch, roll, crop IS NOT NULL";

    /// <inheritdoc/>
    public IReadOnlyList<Sample> Samples(long personId)
        => _database.Read(s => s.Rows($"SELECT {SampleColumns} FROM samples WHERE person_id = $1 ORDER BY id", ReadSample, personId));

    /// <inheritdoc/>
    public byte[]? Crop(long sampleId) => _database.Read(s => (byte[]?)s.Value("SELECT crop FROM samples WHERE id = $1", sampleId));

    /// <inheritdoc/>
    public Embedding? EmbeddingOf(long sampleId)
        => _database.Read(s => s.Rows("SELECT embedding FROM samples WHERE id = $1", r => ReadCoordinates(r, 0), sampleId)) is [var coordinates]
            ? _projection.Restore(coordinates, Contract)
            : null;

    /// <inheritdoc/>
    public bool ContainsSource(string sourceSha256)
    {
        ArgumentNullException.ThrowIfNull(sourceSha256);
        return GalleryRules.IsSha256(sourceSha256) && _database.Read(s => s.Value(
            "SELECT 1 FROM samples WHERE source_sha256 = $1 LIMIT 1", Convert.FromHexString(sourceSha256))) is not null;
    }

    /// <inheritdoc/>
    public Enrolment Enrol(long personId, NewSample sample, EnrolOptions options = default)
    {
        GalleryRules.Require(sample, Contract);
        var coordinates = Project([sample]);
        return _database.Write(session =>
        {
            var person = RequirePerson(session, personId);
            return Enrol(session, person, isNew: false, [sample], coordinates, options)[0];
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<Enrolment> Enrol(NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options = default)
        => Enrol(person, samples, options, static _ => { });

    /// <summary>Enrols in the transaction of what comes <paramref name="before"/>.</summary>
    internal List<Enrolment> Enrol(NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options, Action<PostgresSession> before)
    {
        person = GalleryRules.Accepted(person);
        ArgumentNullException.ThrowIfNull(samples);
        foreach (var sample in samples) GalleryRules.Require(sample, Contract);
        var coordinates = Project(samples);
        return _database.Write(session =>
        {
            before(session);
            return Enrol(session, person, samples, coordinates, options).ConvertAll(e => e.For(person));
        });
    }

    List<Enrolment> Enrol(
        PostgresSession session, NewPerson person, IReadOnlyList<NewSample> samples, List<float[]> coordinates, EnrolOptions options)
    {
        while (true)
        {
            if (person.ExternalKey is { } key && Hold(session, key) is { } known)
            {
                if (options.Strict) GalleryRules.RequireSameName(known, person);
                return Enrol(session, known, isNew: false, samples, coordinates, options);
            }
            // Null if another process adds the person at this moment; that one's row is visible now, unless it was deleted again.
            if (Add(session, person) is { } added) return Enrol(session, added, isNew: true, samples, coordinates, options);
        }
    }

    List<Enrolment> Enrol(PostgresSession session, Person person, bool isNew, IReadOnlyList<NewSample> samples, List<float[]> coordinates,
        EnrolOptions options)
    {
        var stored = session.Rows("SELECT id, source_sha256, embedding FROM samples WHERE person_id = $1 ORDER BY id",
            r => new Stored(r.GetInt64(0), ReadHash(r, 1), ReadHalves(r, 2)), person.Id);
        var added = new List<(Sample Sample, double? Own)>();
        for (var i = 0; i < samples.Count; i++) added.Add(Insert(session, person.Id, samples[i], coordinates[i], stored));
        var others = options.Strict || options.ResemblanceThreshold is not null
            ? Nearest(session, person.Id, coordinates) : new Candidate?[samples.Count];
        if (options.Strict && others.FirstOrDefault(o => o?.Score >= GalleryRules.SameImage) is { } same) throw GalleryRules.SameImageOf(same);
        session.Execute("UPDATE persons SET samples = samples + $2 WHERE id = $1", person.Id, samples.Count);
        Count(session, isNew ? 1 : 0, samples.Count, samples.Count(HasCrop));
        person = person with { Samples = person.Samples + samples.Count };
        return
        [
            .. added.Select((a, i) =>
            {
                var isTold = options.ResemblanceThreshold is { } threshold && others[i]?.Score >= Enrolment.LeastTold(threshold, a.Own);
                return Enrolment.Of(person, a.Sample, a.Own, isTold ? others[i] : null, options);
            }),
        ];
    }

    (Sample Sample, double? Own) Insert(PostgresSession session, long personId, NewSample sample, float[] coordinates, List<Stored> stored)
    {
        double? own = null;
        foreach (var other in stored)
        {
            var score = Score(coordinates, other.Coordinates);
            if (sample.SourceSha256 is { } hash && hash == other.SourceSha256 || score >= GalleryRules.SameImage)
                throw new DuplicateSampleException(personId, other.Id);
            own = Math.Max(own ?? score, score);
        }
        if (stored.Count >= _mostSamples)
            throw new GalleryException($"person {personId} has {stored.Count} samples, as many as this gallery allows; delete one first");
        var id = NextId(session, "sample_ids");
        var halves = StoredCoordinates.Of(coordinates);
        var quality = sample.Quality;
        var created = session.Rows("""
            INSERT INTO samples (id, person_id, created, embedding, face_width, detector_score, sharpness, yaw, pitch, roll, source, source_sha256, crop)
            VALUES ($1, $2, coalesce($13, now()), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING created
            """, r => r.GetFieldValue<DateTimeOffset>(0), id, personId, new HalfVector(halves),
            quality.FaceWidth, quality.DetectorScore, quality.Sharpness, quality.Yaw, quality.Pitch, quality.Roll,
            sample.Source, sample.SourceSha256 is { } sha ? Convert.FromHexString(sha) : null,
            HasCrop(sample) ? sample.Crop!.Value.ToArray() : null, sample.Created?.UtcDateTime)[0];
        Log(session, "enrol", personId, id);
        stored.Add(new(id, sample.SourceSha256, halves));
        return (new(id, personId, created, sample.Source, sample.SourceSha256, quality, HasCrop(sample)), own);
    }

    List<float[]> Project(IReadOnlyList<NewSample> samples) => [.. samples.Select(s => _projection.Project(s.Embedding))];

    float[] ReadCoordinates(NpgsqlDataReader row, int ordinal) => StoredCoordinates.Widen(ReadHalves(row, ordinal));

    Half[] ReadHalves(NpgsqlDataReader row, int ordinal)
    {
        var halves = row.GetFieldValue<HalfVector>(ordinal).Memory.ToArray();
        return halves.Length == _projection.Rank
            ? halves
            : throw _database.Damaged($"a sample has {halves.Length} coordinates instead of {_projection.Rank}");
    }

    static bool HasCrop(NewSample sample) => sample.Crop is { Length: > 0 };

    static double Score(float[] coordinates, Half[] stored) => StoredCosine.Of(coordinates, StoredCoordinates.Widen(stored));

    static Sample ReadSample(NpgsqlDataReader row)
    {
        var quality = new SampleQuality
        {
            FaceWidth = Real(row, 5), DetectorScore = Real(row, 6), Sharpness = Real(row, 7),
            Yaw = Real(row, 8), Pitch = Real(row, 9), Roll = Real(row, 10),
        };
        return new(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2), Text(row, 3), ReadHash(row, 4),
            quality, row.GetBoolean(11));
    }

    static string? ReadHash(NpgsqlDataReader row, int ordinal)
        => row.IsDBNull(ordinal) ? null : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(ordinal));

    static double? Real(NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetDouble(ordinal);

    sealed record Stored(long Id, string? SourceSha256, Half[] Coordinates);
}
