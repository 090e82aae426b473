using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Models;

/// <summary>What int8 costs: the same network stored as int8 against itself in floats.</summary>
public sealed class Int8Tests : IDisposable
{
    const double LeastCosine = 0.995;

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Sets => [.. KernelSet.Available.Select(k => k.Name)];

    public static IEnumerable<TheoryDataRow<string, bool>> Models()
        => from set in KernelSet.Available
           from official in (bool[])[false, true]
           select new TheoryDataRow<string, bool>(set.Name, official);

    [Theory, MemberData(nameof(Models))]
    public void Int8_stays_near_floats_on_the_golden_crops(string set, bool official)
    {
        using var model = official ? Widened(TestData.Shared("models/edgeface_xs_q.pt")) : DefaultModels.OpenRecogniser();
        NearFloats(set, model, ParityTests.GoldenCrops().SelectMany(c => c.Pixels.ToArray()).ToArray());
    }

    [Theory, MemberData(nameof(Sets))]
    public void Int8_stays_near_floats_on_the_samples(string set)
    {
        using var model = DefaultModels.OpenRecogniser();
        NearFloats(set, model, SampleCrops());
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_batch_of_int8_gives_the_same_bits_as_single_crops(string set)
    {
        using var model = DefaultModels.OpenRecogniser();
        using var stored = Int8(model);
        const int count = 11;
        var crops = new byte[count * FaceEmbedder.CropBytes];
        new Random(4).NextBytes(crops);
        using var one = new FaceEmbedder(stored, new() { BatchThreads = 1 }, KernelSet.ByName(set));
        using var two = new FaceEmbedder(stored, new() { BatchThreads = 2 }, KernelSet.ByName(set));
        float[] singles = new float[count * EdgeFaceConfig.EmbeddingSize], batch = new float[singles.Length],
                parallel = new float[singles.Length];
        for (var i = 0; i < count; i++)
            one.Embed(crops.AsSpan(i * FaceEmbedder.CropBytes, FaceEmbedder.CropBytes),
                singles.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize));
        one.EmbedBatch(crops, count, batch);
        two.EmbedBatch(crops, count, parallel);
        Assert.Equal(singles, batch);
        Assert.Equal(singles, parallel);
    }

    [Fact]
    public void Only_linear_layers_with_a_scale_for_each_output_run_in_int8()
    {
        using var model = DefaultModels.OpenRecogniser();
        using var stored = Int8(model);
        Assert.True(stored.IsInt8("stages.2.blocks.0.mlp.fc1.linear1.weight"));
        Assert.False(stored.IsInt8("stages.2.blocks.0.conv_dw.weight"));
        Assert.False(stored.IsInt8("stages.2.blocks.0.gamma"));
        Assert.False(model.IsInt8("stages.2.blocks.0.mlp.fc1.linear1.weight"));
        using var official = ModelFile.Open(TestData.Shared("models/edgeface_xs_q.pt"));
        Assert.Equal("Int8", official.Storage);
        Assert.False(official.IsInt8("head.fc.weight"));
    }

    [Fact]
    public void Int8_tells_the_Lfw_pairs_apart_as_floats_do()
    {
        var lfw = new Lfw();
        using var model = DefaultModels.OpenRecogniser();
        using var stored = Int8(model);
        using FaceEmbedder floats = new(model), bytes = new(stored);
        var vectors = lfw.Embed(floats, bytes);
        // One threshold for both: what folds choose falls between the same scores at different places.
        var threshold = model.Card.ThresholdFor(1e-2)!.OneCrop;
        double before = lfw.AccuracyAt(vectors[0], threshold), after = lfw.AccuracyAt(vectors[1], threshold);
        double missedBefore = lfw.FalseNonMatchRate(vectors[0], 1e-3), missedAfter = lfw.FalseNonMatchRate(vectors[1], 1e-3);
        TestContext.Current.TestOutputHelper?.WriteLine($"LFW accuracy {before:p2} in floats, {after:p2} in int8; "
            + $"FNMR at FMR 1e-3 {missedBefore:p2} and {missedAfter:p2}");
        Assert.InRange(after, before - 0.0015, before + 0.0015);
        Assert.InRange(missedAfter, 0, missedBefore + 0.005);
    }

    void NearFloats(string set, ModelFile model, byte[] crops)
    {
        var count = crops.Length / FaceEmbedder.CropBytes;
        using var stored = Int8(model);
        using FaceEmbedder floats = new(model, default, KernelSet.ByName(set)), bytes = new(stored, default, KernelSet.ByName(set));
        float[] expected = new float[count * EdgeFaceConfig.EmbeddingSize], found = new float[expected.Length];
        floats.EmbedBatch(crops, count, expected);
        bytes.EmbedBatch(crops, count, found);
        var cosines = Enumerable.Range(0, count).Select(i => Reference.Cosine(Row(expected, i), Row(found, i))).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine($"{set}: cosine at least {cosines.Min():f5}, on average {cosines.Average():f5}");
        Assert.All(cosines, c => Assert.InRange(c, LeastCosine, 0.99999));
    }

    ModelFile Int8(ModelFile model)
    {
        model.Save(_folder["int8.efw"], WeightPrecision.Int8);
        return ModelFile.Open(_folder["int8.efw"]);
    }

    /// <summary>A checkpoint of one scale a matrix as floats, so that it can be stored with one an output.</summary>
    ModelFile Widened(string path)
    {
        using var model = ModelFile.Open(path);
        model.Save(_folder["float.efw"]);
        return ModelFile.Open(_folder["float.efw"]);
    }

    internal static byte[] SampleCrops()
    {
        using var detector = Vision.DetectorTests.Open();
        using var model = DefaultModels.OpenRecogniser();
        using var embedder = new FaceEmbedder(model);
        var analyzer = new FaceAnalyzer(detector, embedder);
        return [.. from name in (string[])["adam", "dalia", "gopal", "julia"]
                   from value in analyzer.Single(ImageCodec.Load(TestData.Sample(name + "-1.jpg"))).Crop.ToArray()
                   select value];
    }

    static Span<float> Row(float[] values, int i) => values.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize);
}
