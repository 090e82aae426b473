using System.Runtime.InteropServices;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    /// <inheritdoc/>
    public IReadOnlyList<Sample> Samples(long personId)
    {
        const string Own = $"SELECT {SqliteRows.SampleColumns} FROM samples WHERE person_id = $0 ORDER BY id";
        return Read(rows => rows.Database.Rows(Own, rows.ReadSample, personId));
    }

    /// <inheritdoc/>
    public byte[]? Crop(long sampleId) => Read(rows => rows.Crop(sampleId));

    /// <inheritdoc/>
    public Embedding? EmbeddingOf(long sampleId)
    {
        const string Stored = "SELECT id, person_id, coordinates FROM samples WHERE id = $0";
        return Read(rows => rows.Database.Rows(Stored, row => Restored(rows, row), sampleId).FirstOrDefault());

        Embedding Restored(SqliteRows rows, SqliteRow row)
            => _projection.Restore(StoredCoordinates.Widen(rows.Coordinates(row.Bytes(2), row.Id(0), row.Id(1))), Contract);
    }

    /// <inheritdoc/>
    public bool ContainsSource(string sourceSha256)
    {
        ArgumentNullException.ThrowIfNull(sourceSha256);
        const string Same = $"SELECT {SqliteRows.SampleColumns} FROM samples WHERE source_lookup = $0";
        return Read(rows => rows.Database.Rows(Same, rows.ReadSample, rows.SourceLookup(sourceSha256)).Exists(s => s.SourceSha256 == sourceSha256));
    }

    /// <inheritdoc/>
    public Enrolment Enrol(long personId, NewSample sample, EnrolOptions options = default)
    {
        GalleryRules.Require(sample, Contract);
        return Enrol([sample], options, () => RequirePerson(personId))[0];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Enrolment> Enrol(NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options = default)
    {
        var accepted = GalleryRules.Accepted(person);
        ArgumentNullException.ThrowIfNull(samples);
        foreach (var sample in samples) GalleryRules.Require(sample, Contract);
        var enrolled = Enrol(samples, options, () =>
        {
            if ((accepted.ExternalKey is { } key ? _rows.Find(key) : null) is not { } known) return Add(accepted);
            if (options.Strict) GalleryRules.RequireSameName(known, accepted);
            return known;
        });
        return enrolled.ConvertAll(e => e.For(accepted));
    }

    List<Enrolment> Enrol(IReadOnlyList<NewSample> samples, EnrolOptions options, Func<Person> whose)
    {
        var coordinates = samples.Select(s => _projection.Project(s.Embedding)).ToList();
        return Locked(() =>
        {
            RequireWritable("to enrol somebody");
            var added = new List<(Sample Sample, Half[] Stored, double? Own)>();
            var (person, others) = _database.Transaction(() =>
            {
                _index.Follow(_rows);
                _index.RequireReadable(Path);
                var person = whose();
                for (var i = 0; i < samples.Count; i++)
                {
                    if (options.Strict && Nearest(person.Id, coordinates[i], GalleryRules.SameImage) is { } other)
                        throw GalleryRules.SameImageOf(other);
                    added.Add(Insert(person.Id, samples[i], coordinates[i]));
                }
                return (_rows.Find(person.Id)!, coordinates.Select((c, i) => Other(person.Id, c, added[i].Own)).ToList());
            });
            Enrolled([.. added.Select(a => a.Sample.Id)], [.. added.SelectMany(a => a.Stored)]);
            return added.Select((a, i) => Enrolment.Of(person, a.Sample, a.Own, others[i], options)).ToList();
        });

        Candidate? Other(long personId, float[] probe, double? own)
            => options.ResemblanceThreshold is { } threshold ? Nearest(personId, probe, Enrolment.LeastTold(threshold, own)) : null;
    }

    (Sample Sample, Half[] Stored, double? Own) Insert(long personId, NewSample sample, float[] coordinates)
    {
        var source = sample.SourceSha256 is { } hash ? _rows.SourceLookup(hash) : null;
        var own = OwnScore(personId, coordinates, source);
        var id = NextId("samples");
        var halves = StoredCoordinates.Of(coordinates);
        var quality = sample.Quality;
        _database.Execute("""
            INSERT INTO samples (id, person_id, created, coordinates, face_width, detector_score, sharpness, yaw, pitch, roll,
                source, source_sha256, source_lookup)
            VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            id, personId, (sample.Created ?? DateTimeOffset.UtcNow).ToUnixTimeMilliseconds(), Sealed(halves, id, personId),
            quality.FaceWidth, quality.DetectorScore, quality.Sharpness, quality.Yaw, quality.Pitch, quality.Roll,
            sample.Source is { } text ? _cipher.Seal(text, new("source", id, personId)) : null,
            sample.SourceSha256 is { } sha ? _cipher.Seal(sha, new("source hash", id, personId)) : null, source);
        if (sample.Crop is { Length: > 0 } crop)
            _database.Execute("INSERT INTO crops (sample_id, picture) VALUES ($0, $1)", id, _cipher.Seal(crop.ToArray(), new("crop", id, personId)));
        SqliteSchema.Log(_database, "enrol", personId, id);
        return (_database.Rows($"SELECT {SqliteRows.SampleColumns} FROM samples WHERE id = $0", _rows.ReadSample, id)[0], halves, own);
    }

    /// <summary>The best score against a person's samples, or null for their first.</summary>
    /// <exception cref="GalleryException">The person has that image already, or as many samples as the gallery allows.</exception>
    double? OwnScore(long personId, float[] coordinates, byte[]? source)
    {
        var others = _database.Rows("SELECT id, source_lookup, coordinates FROM samples WHERE person_id = $0 ORDER BY id",
            r => (Id: r.Id(0), Source: r.Value(1) as byte[], Coordinates: r.Bytes(2)), personId);
        double? own = null;
        foreach (var other in others)
        {
            var score = StoredCosine.Of(coordinates, StoredCoordinates.Widen(_rows.Coordinates(other.Coordinates, other.Id, personId)));
            if (source is not null && source.AsSpan().SequenceEqual(other.Source) || score >= GalleryRules.SameImage)
                throw new DuplicateSampleException(personId, other.Id);
            own = Math.Max(own ?? score, score);
        }
        if (others.Count >= _description.MostSamples)
            throw new GalleryException($"person {personId} has {others.Count} samples, as many as this gallery allows; delete one first");
        return own;
    }

    byte[] Sealed(Half[] coordinates, long sampleId, long personId)
        => _cipher.Seal(MemoryMarshal.AsBytes(coordinates.AsSpan()).ToArray(), new("coordinates", sampleId, personId));
}
