using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery;

public sealed partial class SqliteGallery
{
    const string SampleColumns = """
        id, person_id, created, source, source_sha256, face_width, detector_score, sharpness, yaw, pitch, roll,
        EXISTS (SELECT 1 FROM crops WHERE sample_id = samples.id), source_lookup
        """;

    const string CropColumns = "sample_id, person_id, picture FROM crops JOIN samples ON samples.id = sample_id";

    const double MostLengthError = 1e-2;

    /// <inheritdoc/>
    public IReadOnlyList<Sample> Samples(long personId)
        => Locked(() => _database.Rows($"SELECT {SampleColumns} FROM samples WHERE person_id = $0 ORDER BY id", ReadSample, personId));

    /// <inheritdoc/>
    public byte[]? Crop(long sampleId) => Locked(() => StoredCrop(sampleId));

    /// <inheritdoc/>
    public Embedding? EmbeddingOf(long sampleId) => Locked(() => _database.Rows("SELECT id, person_id, coordinates FROM samples WHERE id = $0",
        row => _projection.Restore(StoredCoordinates.Widen(Coordinates(row.Bytes(2), row.Id(0), row.Id(1))), Contract), sampleId).FirstOrDefault());

    /// <inheritdoc/>
    public bool ContainsSource(string sourceSha256)
    {
        ArgumentNullException.ThrowIfNull(sourceSha256);
        var sql = $"SELECT {SampleColumns} FROM samples WHERE source_lookup = $0";
        return Locked(() => _database.Rows(sql, ReadSample, SourceLookup(sourceSha256)).Exists(s => s.SourceSha256 == sourceSha256));
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
            RequireWritable("to enrol somebody");
            var added = new List<(Sample Sample, Half[] Stored, double? Own)>();
            var (person, others) = _database.Transaction(() =>
            {
                Follow();
                RequireReadable();
                var person = whose();
                for (var i = 0; i < samples.Count; i++)
                {
                    if (options.Strict && Nearest(person.Id, coordinates[i], GalleryRules.SameImage) is { } other)
                        throw GalleryRules.SameImageOf(other);
                    added.Add(Insert(person.Id, samples[i], coordinates[i]));
                }
                return (Find(person.Id)!, coordinates.Select((c, i) => Other(person.Id, c, added[i].Own)).ToList());
            });
            // Only what is stored may be found.
            foreach (var (sample, stored, _) in added) _index.Add(sample.Id, stored);
            _indexChanged |= added.Count > 0;
            return added.Select((a, i) => Enrolment.Of(person, a.Sample, a.Own, others[i], options)).ToList();
        });

        Candidate? Other(long personId, float[] probe, double? own)
            => options.ResemblanceThreshold is { } threshold ? Nearest(personId, probe, Enrolment.LeastTold(threshold, own)) : null;
    }

    (Sample Sample, Half[] Stored, double? Own) Insert(long personId, NewSample sample, float[] coordinates)
    {
        var others = _database.Rows("SELECT id, source_lookup, coordinates FROM samples WHERE person_id = $0 ORDER BY id",
            r => (Id: r.Id(0), Source: r.Value(1) as byte[], Coordinates: r.Bytes(2)), personId);
        var source = sample.SourceSha256 is { } hash ? SourceLookup(hash) : null;
        double? own = null;
        foreach (var other in others)
        {
            var score = StoredCosine.Of(coordinates, StoredCoordinates.Widen(Coordinates(other.Coordinates, other.Id, personId)));
            if (source is not null && source.AsSpan().SequenceEqual(other.Source) || score >= GalleryRules.SameImage)
                throw new DuplicateSampleException(personId, other.Id);
            own = Math.Max(own ?? score, score);
        }
        if (others.Count >= _description.MostSamples)
            throw new GalleryException($"person {personId} has {others.Count} samples, as many as this gallery allows; delete one first");
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
        return (_database.Rows($"SELECT {SampleColumns} FROM samples WHERE id = $0", ReadSample, id)[0], halves, own);
    }

    byte[] SourceLookup(string sha256) => _cipher.Lookup(sha256, "source");

    byte[]? StoredCrop(long sampleId) => _database.Rows($"SELECT {CropColumns} WHERE sample_id = $0", ReadCrop, sampleId).FirstOrDefault();

    byte[] ReadCrop(SqliteRow row)
    {
        var crop = _cipher.Open(row.Bytes(2), new("crop", row.Id(0), row.Id(1)));
        return crop.Length <= NewSample.MostCropBytes ? crop : throw row.Wrong(2, $"a crop of at most {NewSample.MostCropBytes} bytes");
    }

    byte[] Sealed(Half[] coordinates, long sampleId, long personId)
        => _cipher.Seal(MemoryMarshal.AsBytes(coordinates.AsSpan()).ToArray(), new("coordinates", sampleId, personId));

    /// <exception cref="GalleryException">They were changed, are another person's, or are no direction.</exception>
    ReadOnlySpan<Half> Coordinates(byte[] stored, long sampleId, long personId)
    {
        var bytes = _cipher.Open(stored, new("coordinates", sampleId, personId));
        if (bytes.Length != _projection.Rank * 2)
            throw _database.Damaged($"sample {sampleId} has {bytes.Length} bytes of coordinates instead of {_projection.Rank * 2}");
        var coordinates = MemoryMarshal.Cast<byte, Half>(bytes);
        var length = TensorPrimitives.Norm<float>(StoredCoordinates.Widen(coordinates));
        if (!(Math.Abs(length - 1) <= MostLengthError))
            throw _database.Damaged(FormattableString.Invariant($"sample {sampleId} has coordinates of length {length:g6} instead of 1"));
        return coordinates;
    }

    Sample ReadSample(SqliteRow row)
    {
        var (id, person) = (row.Id(0), row.Id(1));
        var quality = new SampleQuality
        {
            FaceWidth = row.Real(5), DetectorScore = row.Real(6, 0, 1), Sharpness = row.Real(7),
            Yaw = row.Real(8), Pitch = row.Real(9), Roll = row.Real(10),
        };
        var source = Text(row, 3, new("source", id, person), GalleryRules.MostSourceCharacters);
        var hash = Text(row, 4, new("source hash", id, person), GalleryRules.Sha256Characters);
        if (hash is not null && !GalleryRules.IsSha256(hash)) throw row.Wrong(4, "a SHA-256");
        if (!Fits(row.Value(12), hash is null ? null : SourceLookup(hash)))
            throw _database.Damaged($"sample {id} cannot be found by the hash of its source: what it is looked up by does not fit");
        return new(id, person, row.Time(2), source, hash, quality, row.Integer(11) != 0);
    }
}
