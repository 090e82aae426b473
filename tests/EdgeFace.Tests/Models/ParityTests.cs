using System.Text.Json;
using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Models;

/// <summary>The networks against the reference implementation's tensors, on every kernel set.</summary>
public sealed unsafe class ParityTests
{
    public static TheoryData<string> Sets => [.. KernelSet.Available.Select(k => k.Name)];

    public static IEnumerable<TheoryDataRow<string, string>> Checkpoints()
        => from set in KernelSet.Available
           from name in (string[])["edgeface_xs_q", "edgeface_xxs_q"]
           select new TheoryDataRow<string, string>(set.Name, name);

    public static IEnumerable<TheoryDataRow<string, string>> Variants()
        => from set in KernelSet.Available
           from variant in (string[])["edgeface_xxs", "edgeface_xs_gamma_06", "edgeface_s_gamma_05", "edgeface_base"]
           select new TheoryDataRow<string, string>(set.Name, variant);

    [Theory, MemberData(nameof(Checkpoints))]
    public void Every_stage_of_the_official_checkpoints_agrees_with_the_reference(string set, string name)
    {
        using var golden = new Golden(name + ".safetensors");
        using var model = ModelFile.Open(TestData.Shared($"models/{name}.pt"));
        // XXS is plain, published or quantised: one network of two names.
        Assert.StartsWith(model.Network!.Name, name, StringComparison.Ordinal);
        CompareStages(set, model, golden, golden.Crops("input"), "");
    }

    [Theory, MemberData(nameof(Checkpoints))]
    public void Embeddings_of_the_official_checkpoints_agree_with_the_reference(string set, string name)
    {
        using var golden = new Golden(name + ".safetensors");
        using var model = ModelFile.Open(TestData.Shared($"models/{name}.pt"));
        using var embedder = new FaceEmbedder(model, default, KernelSet.ByName(set));
        var expected = golden["embeddings_float"];
        var crops = GoldenCrops().SelectMany(c => c.Pixels.ToArray()).ToArray();
        var count = expected.Length / EdgeFaceConfig.EmbeddingSize;
        var found = new float[expected.Length];
        embedder.EmbedBatch(crops, count, found, normalise: false);
        for (var i = 0; i < count; i++) NearEmbedding(Row(expected, i), Row(found, i));
    }

    [Theory, MemberData(nameof(Variants))]
    public void Formula_weights_give_the_reference_embeddings_for_every_variant(string set, string variant)
    {
        using var golden = new Golden("formula.safetensors");
        using var folder = new TempFolder();
        FormulaWeights.Write(EdgeFaceVariants.Find(variant)!, folder["formula.efw"]);
        using var model = ModelFile.Open(folder["formula.efw"]);
        using var embedder = new FaceEmbedder(model, default, KernelSet.ByName(set));
        var crops = golden.Crops("input");
        var found = new float[2 * EdgeFaceConfig.EmbeddingSize];
        embedder.EmbedBatch(crops, 2, found, normalise: false);
        for (var i = 0; i < 2; i++) NearEmbedding(Row(golden[variant + ".embedding"], i), Row(found, i));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Every_stage_of_XS_with_formula_weights_agrees_with_the_reference(string set)
    {
        using var golden = new Golden("formula.safetensors");
        using var model = ModelFile.Open(TestData.Shared("models/formula_xs_gamma_06.pt"));
        CompareStages(set, model, golden, golden.Crops("input"), "edgeface_xs_gamma_06.");
    }

    /// <summary>What the repository itself holds must do where the shared data is missing: all kernel sets agree with the scalar one.</summary>
    [Theory, MemberData(nameof(Sets))]
    public void The_default_model_gives_the_scalar_embedding_on_every_kernel_set(string set)
    {
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model, default, KernelSet.ByName(set));
        using var scalar = new FaceEmbedder(model, default, KernelSet.ByName("scalar"));
        var crop = new byte[FaceEmbedder.CropBytes];
        FaceAligner.Align(ImageCodec.Load(TestData.Sample("adam-1.jpg")),
            new(new(90, 100), new(130, 100), new(110, 125), new(95, 145), new(125, 145)), crop);
        float[] expected = new float[EdgeFaceConfig.EmbeddingSize], found = new float[EdgeFaceConfig.EmbeddingSize];
        scalar.Embed(crop, expected);
        embedder.Embed(crop, found);
        Assert.InRange(Reference.Cosine(expected, found), 0.99999, 1.00001);
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_batch_gives_the_same_bits_as_single_crops_on_any_number_of_threads(string set)
    {
        using var model = DefaultModels.OpenRecogniser();
        const int count = 19;
        var crops = new byte[count * FaceEmbedder.CropBytes];
        new Random(4).NextBytes(crops);
        foreach (var mirror in (bool[])[false, true])
        {
            using var one = new FaceEmbedder(model, new() { MirrorSum = mirror, BatchThreads = 1 }, KernelSet.ByName(set));
            using var three = new FaceEmbedder(model, new() { MirrorSum = mirror, BatchThreads = 3 }, KernelSet.ByName(set));
            float[] singles = new float[count * EdgeFaceConfig.EmbeddingSize], batch = new float[singles.Length],
                parallel = new float[singles.Length];
            for (var i = 0; i < count; i++)
                one.Embed(crops.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes),
                    singles.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize));
            one.EmbedBatch(crops, count, batch);
            three.EmbedBatch(crops, count, parallel);
            Assert.Equal(singles, batch);
            Assert.Equal(singles, parallel);
        }
    }

    [Fact]
    public void The_mirror_sum_adds_the_embedding_of_the_mirrored_crop()
    {
        using var model = DefaultModels.OpenRecogniser();
        using var plain = new FaceEmbedder(model);
        using var summed = new FaceEmbedder(model, new() { MirrorSum = true });
        Assert.NotEqual(plain.Contract, summed.Contract);
        byte[] crop = new byte[FaceEmbedder.CropBytes], mirrored = new byte[crop.Length];
        new Random(9).NextBytes(crop);
        const int side = FaceEmbedder.CropSize;
        for (var i = 0; i < side * side; i++) crop.AsSpan(3 * i, 3).CopyTo(mirrored.AsSpan(3 * (i / side * side + side - 1 - i % side)));
        float[] a = new float[512], b = new float[512], sum = new float[512];
        plain.Embed(crop, a, normalise: false);
        plain.Embed(mirrored, b, normalise: false);
        summed.Embed(crop, sum, normalise: false);
        Assert.Equal(a.Zip(b, (x, y) => x + y), sum);
    }

    [Fact]
    public void Concurrent_callers_get_the_bits_of_a_lone_one()
    {
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model);
        const int crops = 6;
        var pixels = new byte[crops * FaceEmbedder.CropBytes];
        new Random(2).NextBytes(pixels);
        var expected = Enumerable.Range(0, crops).Select(Embed).ToArray();
        Parallel.For(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => Assert.Equal(expected[i % crops], Embed(i % crops)));

        float[] Embed(int i)
        {
            var vector = new float[EdgeFaceConfig.EmbeddingSize];
            embedder.Embed(pixels.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes), vector);
            return vector;
        }
    }

    [Fact]
    public void Wrong_sizes_are_refused_and_a_disposed_embedder_says_so()
    {
        using var model = DefaultModels.OpenRecogniser();
        var embedder = new FaceEmbedder(model);
        var vector = new float[EdgeFaceConfig.EmbeddingSize];
        Assert.Contains("37632", Assert.Throws<ArgumentException>(() => embedder.Embed(new byte[5], vector)).Message);
        Assert.Throws<ArgumentException>(() => embedder.Embed(new byte[FaceEmbedder.CropBytes], vector.AsSpan(1)));
        embedder.EmbedBatch([], 0, []);
        embedder.Dispose();
        embedder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => embedder.Embed(new byte[FaceEmbedder.CropBytes], vector));
    }

    internal static IEnumerable<RgbImage> GoldenCrops()
        => JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(TestData.Shared("goldens/crops/order.json")))!
            .Select(f => ImageCodec.Load(TestData.Shared($"goldens/crops/{f}.png")));

    static void CompareStages(string set, ModelFile model, Golden golden, byte[] crops, string prefix)
    {
        using var weights = new EdgeFaceWeights(model.Network!, KernelSet.ByName(set), new Parameters(model.ReadTo, model.IsInt8));
        using var scratch = new Scratch(model.Network!, 1);
        var embedding = new float[EdgeFaceConfig.EmbeddingSize];
        var seen = new List<string>();
        fixed (byte* crop = crops)
        fixed (float* output = embedding)
        {
            EdgeFaceForward.Run(weights, scratch, crop, 1, output, (name, map, pixels, channels) =>
            {
                golden.Near(prefix + name, map, channels, KernelSet.Stride(channels));
                seen.Add(name);
            });
            NearEmbedding(golden[prefix + "embedding"].AsSpan(0, EdgeFaceConfig.EmbeddingSize), embedding);
        }
        Assert.Equal(["stem", "stage0", "stage1", "stage2", "stage3"], seen);
    }

    static Span<float> Row(float[] values, int i) => values.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize);

    internal static void NearEmbedding(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        Assert.InRange(Reference.Cosine(expected, found), 0.99999, 1.00001);
        float magnitude = 0, worst = 0;
        for (var i = 0; i < expected.Length; i++)
            (magnitude, worst) = (Math.Max(magnitude, Math.Abs(expected[i])), Math.Max(worst, Math.Abs(expected[i] - found[i])));
        Assert.True(worst <= 1e-4 * magnitude, $"embedding off by {worst / magnitude:g3} of the largest magnitude");
    }
}
