using EdgeFace.Gallery;
using EdgeFace.Gallery.Search;
using EdgeFace.Models;
using EdgeFace.Tests.Gallery.Search;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>The space that a head can reach, and a gallery's own coordinates in it.</summary>
public sealed class EmbeddingSpaceTests
{
    static readonly EmbeddingContract Contract = new("test", new string('0', 64), EdgeFaceConfig.EmbeddingSize, "p", "a");

    [Fact]
    public void Default_recogniser_reaches_193_dimensions()
    {
        using var model = DefaultModels.OpenRecogniser();
        Assert.Equal(193, EmbeddingSpace.Of(model).Rank);
    }

    [Theory]
    [InlineData("edgeface_xs_gamma_06", 116)]
    [InlineData("edgeface_xs_gamma_06", 193, true)]
    [InlineData("edgeface_s_gamma_05", 153)]
    [InlineData("edgeface_xxs", 169)]
    [InlineData("edgeface_xs_q", 193)]
    [InlineData("edgeface_base", 512)]
    public void Rank_is_that_of_the_head(string network, int rank, bool plainHead = false)
    {
        using var folder = new TempFolder();
        var config = EdgeFaceVariants.Find(network)!;
        FormulaWeights.Write(plainHead ? config.WithPlainHead() : config, folder["formula.safetensors"]);
        using var model = ModelFile.Open(folder["formula.safetensors"]);
        var space = EmbeddingSpace.Of(model);
        Assert.Equal(rank, space.Rank);
        for (var r = 0; r < rank; r++)
            for (var s = 0; s <= r; s++)
            {
                double dot = 0;
                for (var i = 0; i < space.Dimension; i++) dot += (double)space.Basis[r * space.Dimension + i] * space.Basis[s * space.Dimension + i];
                Assert.Equal(r == s ? 1 : 0, dot, 1e-6);
            }
    }

    [Fact]
    public void Coordinates_keep_the_cosines_of_embeddings_and_give_them_back()
    {
        var embeddings = Embeddings(12);
        var projection = Projection.Create(Space());
        float[][] coordinates = [.. embeddings.Select(projection.Project)];
        for (var a = 0; a < embeddings.Length; a++)
        {
            for (var b = 0; b < embeddings.Length; b++)
                Assert.Equal(Cosine(embeddings[a].Vector, embeddings[b].Vector), Cosine(coordinates[a], coordinates[b]), 1e-6);
            Assert.Equal(1, Cosine(projection.Restore(coordinates[a], Contract).Vector, embeddings[a].Vector), 1e-6);
            var stored = projection.Project(embeddings[a]);
            Assert.Equal(coordinates[a], stored);
            // Each value of 16 bits is wrong by 2^-11 of itself at most, so the row by no more of its length.
            float[] half = [.. stored.Select(c => (float)(Half)c)];
            for (var b = 0; b < embeddings.Length; b++)
                Assert.Equal(Cosine(embeddings[b].Vector, embeddings[a].Vector), StoredCosine.Of(coordinates[b], half), 0.0005);
        }
    }

    [Fact]
    public void Coordinates_in_two_galleries_have_nothing_in_common()
    {
        var embeddings = Embeddings(24);
        Projection one = Projection.Create(Space()), other = Projection.Create(Space());
        double[] cosines = [.. embeddings.Select(e => Cosine(one.Project(e), other.Project(e)))];
        // Between random directions of 116 values the deviation is 0.093.
        Assert.InRange(cosines.Max(Math.Abs), 0, 0.6);
        Assert.InRange(Math.Sqrt(cosines.Average(c => c * c)), 0.01, 0.35);
    }

    [Fact]
    public void A_projection_survives_as_bytes_and_damage_is_seen()
    {
        var projection = Projection.Create(Space());
        var bytes = projection.ToBytes();
        var embedding = Embeddings(1)[0];
        Assert.Equal(projection.Project(embedding), Projection.FromBytes(bytes, projection.Dimension).Project(embedding));
        Assert.Throws<GalleryException>(() => Projection.FromBytes(bytes.AsSpan(4), projection.Dimension));
        Assert.Throws<GalleryException>(() => Projection.FromBytes([], projection.Dimension));
        bytes[1003] ^= 0x40;
        Assert.Throws<GalleryException>(() => Projection.FromBytes(bytes, projection.Dimension));
    }

    [Fact]
    public void An_embedding_of_another_head_is_refused()
    {
        var foreign = new float[EdgeFaceConfig.EmbeddingSize];
        StoredSamples.Unit(new Random(4), foreign.Length).CopyTo(foreign, 0);
        var refusal = Assert.Throws<GalleryException>(() => Projection.Create(Space()).Project(new(foreign, Contract)));
        Assert.Contains("another head", refusal.Message, StringComparison.Ordinal);
    }

    static EmbeddingSpace Space()
    {
        using var model = DefaultModels.OpenRecogniser();
        return EmbeddingSpace.Of(model);
    }

    /// <summary>Of crops of noise, by the default recogniser.</summary>
    static Embedding[] Embeddings(int count)
    {
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model);
        var random = new Random(9);
        var crop = new byte[FaceEmbedder.CropBytes];
        var embeddings = new Embedding[count];
        var vector = new float[EdgeFaceConfig.EmbeddingSize];
        for (var i = 0; i < count; i++)
        {
            // Blocks of colour differ more than noise does.
            for (var p = 0; p < crop.Length; p++)
                crop[p] = (byte)(p % 7 == 0 ? random.Next(256) : p >= 3 * 112 ? crop[p - 3 * 112] : random.Next(256));
            embedder.Embed(crop, vector);
            embeddings[i] = new(vector, Contract);
        }
        return embeddings;
    }

    static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++) (dot, aa, bb) = (dot + (double)a[i] * b[i], aa + (double)a[i] * a[i], bb + (double)b[i] * b[i]);
        return dot / Math.Sqrt(aa * bb);
    }
}
