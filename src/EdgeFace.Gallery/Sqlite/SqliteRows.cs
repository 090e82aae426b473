using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace EdgeFace.Gallery;

/// <summary>
/// A connection to a gallery's file and what is read through it: decrypted, and every value checked. For one thread at a time.
/// </summary>
/// <param name="database">Disposed with this, as the cipher is.</param>
sealed class SqliteRows(SqliteDatabase database, SqliteDescription description, FieldCipher cipher, Projection projection) : IDisposable
{
    public const string PersonColumns = """
        id, name, external_key, metadata, created, (SELECT count(*) FROM samples WHERE person_id = persons.id), name_lookup, external_lookup
        """;

    public const string SampleColumns = """
        id, person_id, created, source, source_sha256, face_width, detector_score, sharpness, yaw, pitch, roll,
        EXISTS (SELECT 1 FROM crops WHERE sample_id = samples.id), source_lookup
        """;

    public const string CropColumns = "sample_id, person_id, picture FROM crops JOIN samples ON samples.id = sample_id";

    public const string AuditColumns = "id, at, action, person_id, sample_id, detail";

    const int StampBytes = 16, MostActionCharacters = 100, MostDetailCharacters = 1000;

    const double MostLengthError = 1e-2;

    long _sameVersion = -1;

    public SqliteDatabase Database => database;

    /// <summary>Of people: who is not merged into another.</summary>
    public string Shown { get; } = description.Version < SqliteSchema.MergesSince ? "true" : "merged_into IS NULL";

    public FieldCipher Cipher => cipher;

    public Projection Projection => projection;

    /// <summary>The state of the file that the index was last brought up to through this connection; belongs to <see cref="SqliteIndex"/>.</summary>
    public SqliteIndex.Point Followed { get; set; } = new(-1, 0);

    public SqliteState State()
    {
        var rows = database.Rows("SELECT id, stamp, persons, samples, crops, deletions, cleared FROM state", r =>
            new SqliteState(r.Bytes(1, StampBytes), r.Integer(2, 0), r.Integer(3, 0), r.Integer(4, 0), r.Integer(5, 0), r.Integer(6, 0)));
        return rows is [var state] ? state : throw database.Damaged($"its table 'state' has {rows.Count} rows instead of one");
    }

    /// <summary>Changes with whatever another connection commits.</summary>
    public long DataVersion() => database.Number("PRAGMA data_version");

    /// <summary>Another process may have put another gallery in the place of this one.</summary>
    public void RequireSame()
    {
        var version = DataVersion();
        if (version == _sameVersion) return;
        if (!description.IsStillOf(database))
            throw new GalleryException($"{database.Path} was replaced by another gallery (re-embedded or restored, for instance): open it anew");
        _sameVersion = version;
    }

    public Person? Find(long id)
        => database.Rows($"SELECT {PersonColumns} FROM persons WHERE id = $0 AND {Shown}", ReadPerson, id).FirstOrDefault();

    /// <param name="alsoMerged">Whether to find somebody, too, who was merged into another and whose key is reserved.</param>
    public Person? Find(string externalKey, bool alsoMerged = false)
    {
        var sql = $"SELECT {PersonColumns} FROM persons WHERE external_lookup = $0 AND {(alsoMerged ? "true" : Shown)}";
        return database.Rows(sql, ReadPerson, KeyLookup(externalKey)).Find(p => p.ExternalKey == externalKey);
    }

    /// <summary>Into whom somebody was merged, in a gallery of the present version.</summary>
    public long? MergedInto(long id) => database.Value("SELECT merged_into FROM persons WHERE id = $0", id) as long?;

    public byte[] NameLookup(string name) => cipher.Lookup(name, "name");

    public byte[] KeyLookup(string externalKey) => cipher.Lookup(externalKey, "external key");

    public byte[] SourceLookup(string sha256) => cipher.Lookup(sha256, "source");

    public byte[]? Crop(long sampleId) => database.Rows($"SELECT {CropColumns} WHERE sample_id = $0", ReadCrop, sampleId).FirstOrDefault();

    public Person ReadPerson(SqliteRow row)
    {
        var id = row.Id(0);
        var name = Text(row, 1, new("name", id), NewPerson.MostCharacters) ?? throw row.Wrong(1, "a name");
        var key = Text(row, 2, new("external key", id), NewPerson.MostCharacters);
        var metadata = Text(row, 3, new("metadata", id), NewPerson.MostMetadataBytes);
        if (metadata is not null && !MetadataRules.IsObject(metadata)) throw row.Wrong(3, "a JSON object");
        // What was moved here from another row would find this person by another's name or key.
        if (!Fits(row.Value(6), NameLookup(name)) || !Fits(row.Value(7), key is null ? null : KeyLookup(key)))
            throw database.Damaged($"person {id} cannot be found by name or external key: what they are looked up by does not fit");
        return new(id, name, key, metadata, row.Time(4), (int)row.Integer(5, 0, int.MaxValue));
    }

    public static AuditEntry ReadAudit(SqliteRow row) => new(
        row.Id(0), row.Time(1), row.Text(2, MostActionCharacters), row.IsNull(3) ? null : row.Integer(3), row.IsNull(4) ? null : row.Integer(4),
        row.IsNull(5) ? null : row.Text(5, MostDetailCharacters));

    public Sample ReadSample(SqliteRow row)
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
            throw database.Damaged($"sample {id} cannot be found by the hash of its source: what it is looked up by does not fit");
        return new(id, person, row.Time(2), source, hash, quality, row.Integer(11) != 0);
    }

    public byte[] ReadCrop(SqliteRow row)
    {
        var crop = cipher.Open(row.Bytes(2), new("crop", row.Id(0), row.Id(1)));
        return crop.Length <= NewSample.MostCropBytes ? crop : throw row.Wrong(2, $"a crop of at most {NewSample.MostCropBytes} bytes");
    }

    /// <exception cref="GalleryException">They were changed, are another person's, or are no direction.</exception>
    public ReadOnlySpan<Half> Coordinates(byte[] stored, long sampleId, long personId)
    {
        var bytes = cipher.Open(stored, new("coordinates", sampleId, personId));
        if (bytes.Length != projection.Rank * 2)
            throw database.Damaged($"sample {sampleId} has {bytes.Length} bytes of coordinates instead of {projection.Rank * 2}");
        var coordinates = MemoryMarshal.Cast<byte, Half>(bytes);
        var length = TensorPrimitives.Norm<float>(StoredCoordinates.Widen(coordinates));
        if (!(Math.Abs(length - 1) <= MostLengthError))
            throw database.Damaged(FormattableString.Invariant($"sample {sampleId} has coordinates of length {length:g6} instead of 1"));
        return coordinates;
    }

    /// <summary>For the search: whose the samples are, 0 for those that are not there, and their coordinates.</summary>
    public void ReadStored(ReadOnlySpan<long> sampleIds, Span<long> personIds, Span<Half> coordinates)
    {
        for (var i = 0; i < sampleIds.Length; i++)
        {
            var id = sampleIds[i];
            var found = database.Rows("SELECT id, person_id, coordinates FROM samples WHERE id = $0",
                r => (Person: r.Id(1), Coordinates: r.Bytes(2)), id);
            personIds[i] = found.Count == 0 ? 0 : found[0].Person;
            if (found.Count > 0) Coordinates(found[0].Coordinates, id, found[0].Person).CopyTo(coordinates[(i * projection.Rank)..]);
        }
    }

    public Candidate ToCandidate(Search.SearchHit hit)
        => new(Find(hit.PersonId) ?? throw database.Damaged($"sample {hit.SampleId} belongs to person {hit.PersonId}, who is not there"),
            hit.SampleId, hit.Score);

    public void Dispose()
    {
        database.Dispose();
        cipher.Dispose();
    }

    static bool Fits(object? stored, byte[]? lookup)
        => lookup is null ? stored is null : stored is byte[] bytes && bytes.AsSpan().SequenceEqual(lookup);

    /// <summary>A text, decrypted; null for NULL.</summary>
    string? Text(SqliteRow row, int column, FieldPlace place, int mostCharacters)
    {
        if (row.IsNull(column)) return null;
        // Where nothing is encrypted a text can only be as it is stored.
        var text = cipher.Encrypts ? cipher.OpenText(row.Stored(column), place) : row.Text(column, mostCharacters);
        return text.Length <= mostCharacters ? text : throw row.Wrong(column, $"a text of at most {mostCharacters} characters");
    }
}
