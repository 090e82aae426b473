using Npgsql;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Samples that are there already, looked up.</summary>
sealed class PostgresSamples(PostgresDatabase database, SampleVectors vectors, EmbeddingContract contract)
{
    const string Columns =
        "id, person_id, created, source, source_sha256, face_width, detector_score, sharpness, yaw, pitch, roll, crop IS NOT NULL";

    public async Task<IReadOnlyList<Sample>> Of(long personId, CancellationToken cancellationToken) => await database.Read(
        session => session.Rows($"SELECT {Columns} FROM samples WHERE person_id = $1 ORDER BY id", Read, personId),
        cancellationToken).ConfigureAwait(false);

    public async Task<byte[]?> Crop(long sampleId, CancellationToken cancellationToken) => (byte[]?)await database.Read(
        session => session.Value("SELECT crop FROM samples WHERE id = $1", sampleId), cancellationToken).ConfigureAwait(false);

    public async Task<Embedding?> Embedding(long sampleId, CancellationToken cancellationToken)
    {
        var coordinates = await database.Read(session => session.First(
            "SELECT embedding FROM samples WHERE id = $1", r => vectors.ReadCoordinates(r, 0), sampleId), cancellationToken).ConfigureAwait(false);
        return coordinates is null ? null : vectors.Restore(coordinates, contract);
    }

    public async Task<bool> ContainsSource(string sourceSha256, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sourceSha256);
        if (!GalleryRules.IsSha256(sourceSha256)) return false;
        var hash = Convert.FromHexString(sourceSha256);
        return await database.Read(session => session.Value("SELECT 1 FROM samples WHERE source_sha256 = $1 LIMIT 1", hash), cancellationToken)
            .ConfigureAwait(false) is not null;
    }

    public static Task<Sample?> Find(PostgresSession session, long sampleId)
        => session.First($"SELECT {Columns} FROM samples WHERE id = $1", Read, sampleId);

    static Sample Read(NpgsqlDataReader row)
    {
        var quality = new SampleQuality
        {
            FaceWidth = row.Real(5), DetectorScore = row.Real(6), Sharpness = row.Real(7),
            Yaw = row.Real(8), Pitch = row.Real(9), Roll = row.Real(10),
        };
        return new(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2), row.Text(3), row.Hash(4), quality, row.GetBoolean(11));
    }
}
