using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeFace.Gallery.Search;
using Microsoft.Data.Sqlite;

namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const string SampleColumns = "id, person_id, created, source, source_sha256, face_width, detector_score, sharpness, yaw, pitch, roll, EXISTS (SELECT 1 FROM crops WHERE sample_id = samples.id)";

    /// <inheritdoc/>
    public IReadOnlyList<Sample> Samples(long personId) => Locked(() => _database.Rows($"SELECT {SampleColumns} FROM samples WHERE person_id = $0 ORDER BY id", ReadSample, personId));

    /// <inheritdoc/>
    public byte[]? Crop(long sampleId) => Locked(() => _database.Value("SELECT picture FROM crops WHERE sample_id = $0", sampleId) is byte[] stored ? _cipher.Open(stored, "crop", sampleId) : null);

    /// <inheritdoc/>
    public Embedding? EmbeddingOf(long sampleId)
        => Locked(() => _database.Value("SELECT coordinates FROM samples WHERE id = $0", sampleId) is byte[] stored ? _projection.Restore(Floats(Coordinates(stored, sampleId)), Contract) : null);

    /// <inheritdoc/>
    public bool ContainsSource(string sourceSha256)
    {
        ArgumentNullException.ThrowIfNull(sourceSha256);
        return Locked(() => _database.Value("SELECT 1 FROM samples WHERE source_lookup = $0", _cipher.Lookup(sourceSha256, "source")) is not null);
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
            if ((accepted.ExternalKey is { } key ? Find(key) : null) is not { } known) return Add(accepted);
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
            var added = new List<(Sample Sample, Half[] Stored, double? Own)>();
            var person = _database.Transaction(() =>
            {
                Follow();
                var person = whose();
                for (var i = 0; i < samples.Count; i++)
                {
                    if (options.Strict && Nearest(person.Id, coordinates[i], GalleryRules.SameImage) is { } other)
                        throw GalleryRules.SameImageOf(other);
                    added.Add(Insert(person.Id, samples[i], coordinates[i]));
                }
                return Find(person.Id)!;
            });
            // Only what is stored may be found.
            foreach (var (sample, stored, _) in added) _index.Add(sample.Id, stored);
            _indexChanged |= added.Count > 0;
            return added.Select((a, i) =>
            {
                var other = options.ResemblanceThreshold is { } threshold
                    ? Nearest(person.Id, coordinates[i], Enrolment.LeastTold(threshold, a.Own)) : null;
                return Enrolment.Of(person, a.Sample, a.Own, other, options);
            }).ToList();
        });
    }

    (Sample Sample, Half[] Stored, double? Own) Insert(long personId, NewSample sample, float[] coordinates)
    {
        var others = _database.Rows("SELECT id, source_lookup, coordinates FROM samples WHERE person_id = $0 ORDER BY id",
            r => (Id: r.GetInt64(0), Source: r.IsDBNull(1) ? null : (byte[])r.GetValue(1), Coordinates: (byte[])r.GetValue(2)), personId);
        var source = sample.SourceSha256 is { } hash ? _cipher.Lookup(hash, "source") : null;
        double? own = null;
        foreach (var other in others)
        {
            var score = StoredCosine.Of(coordinates, Floats(Coordinates(other.Coordinates, other.Id)));
            if (source is not null && other.Source is not null && source.AsSpan().SequenceEqual(other.Source) || score >= GalleryRules.SameImage)
                throw new DuplicateSampleException(personId, other.Id);
            own = Math.Max(own ?? score, score);
        }
        if (others.Count >= _mostSamples) throw new GalleryException($"person {personId} has {others.Count} samples, as many as this gallery allows; delete one first");
        var id = NextId("samples");
        var halves = new Half[coordinates.Length];
        TensorPrimitives.ConvertToHalf(coordinates, halves);
        var quality = sample.Quality;
        _database.Execute("INSERT INTO samples (id, person_id, created, coordinates, face_width, detector_score, sharpness, yaw, pitch, roll, source, source_sha256, source_lookup) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            id, personId, (sample.Created ?? DateTimeOffset.UtcNow).ToUnixTimeMilliseconds(), _cipher.Seal(MemoryMarshal.AsBytes(halves.AsSpan()).ToArray(), "coordinates", id),
            quality.FaceWidth, quality.DetectorScore, quality.Sharpness, quality.Yaw, quality.Pitch, quality.Roll,
            sample.Source is { } text ? _cipher.Seal(text, "source", id) : null, sample.SourceSha256 is { } sha ? _cipher.Seal(sha, "source hash", id) : null, source);
        if (sample.Crop is { Length: > 0 } crop) _database.Execute("INSERT INTO crops (sample_id, picture) VALUES ($0, $1)", id, _cipher.Seal(crop.ToArray(), "crop", id));
        SqliteSchema.Log(_database, "enrol", personId, id);
        return (_database.Rows($"SELECT {SampleColumns} FROM samples WHERE id = $0", ReadSample, id)[0], halves, own);
    }

    ReadOnlySpan<Half> Coordinates(byte[] stored, long sampleId)
    {
        var bytes = _cipher.Open(stored, "coordinates", sampleId);
        if (bytes.Length != _projection.Rank * 2) throw _database.Damaged($"sample {sampleId} has {bytes.Length} bytes of coordinates instead of {_projection.Rank * 2}");
        return MemoryMarshal.Cast<byte, Half>(bytes);
    }

    static float[] Floats(ReadOnlySpan<Half> stored)
    {
        var values = new float[stored.Length];
        TensorPrimitives.ConvertToSingle(stored, values);
        return values;
    }

    Sample ReadSample(SqliteDataReader row)
    {
        var id = row.GetInt64(0);
        var quality = new SampleQuality { FaceWidth = Real(row, 5), DetectorScore = Real(row, 6), Sharpness = Real(row, 7), Yaw = Real(row, 8), Pitch = Real(row, 9), Roll = Real(row, 10) };
        return new(id, row.GetInt64(1), Time(row.GetInt64(2)), Text(row, 3, "source", id), Text(row, 4, "source hash", id), quality, row.GetInt64(11) != 0);
    }

    static double? Real(SqliteDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.GetDouble(ordinal);
}
