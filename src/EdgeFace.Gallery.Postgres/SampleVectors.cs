using EdgeFace.Gallery.Search;
using Npgsql;
using Pgvector;

namespace EdgeFace.Gallery.Postgres;

/// <summary>Embeddings as the database holds them: coordinates in the space of the head, as 16-bit floats.</summary>
/// <param name="projection">From embeddings to coordinates.</param>
/// <param name="damaged">How the gallery tells what is wrong with it.</param>
sealed class SampleVectors(Projection projection, Func<string, GalleryException> damaged)
{
    public float[] Project(Embedding embedding) => projection.Project(embedding);

    public List<float[]> Project(IReadOnlyList<NewSample> samples) => [.. samples.Select(s => projection.Project(s.Embedding))];

    public Embedding Restore(float[] coordinates, EmbeddingContract contract) => projection.Restore(coordinates, contract);

    public float[] ReadCoordinates(NpgsqlDataReader row, int ordinal) => StoredCoordinates.Widen(ReadHalves(row, ordinal));

    public Half[] ReadHalves(NpgsqlDataReader row, int ordinal)
    {
        var halves = row.GetFieldValue<HalfVector>(ordinal).Memory.ToArray();
        return halves.Length == projection.Rank
            ? halves
            : throw damaged($"a sample has {halves.Length} coordinates instead of {projection.Rank}");
    }

    public static HalfVector Stored(float[] coordinates) => new(StoredCoordinates.Of(coordinates));

    /// <summary>The cosine, from the exact coordinates of one and the stored ones of the other.</summary>
    public static double Score(float[] coordinates, Half[] stored) => StoredCosine.Of(coordinates, StoredCoordinates.Widen(stored));
}
