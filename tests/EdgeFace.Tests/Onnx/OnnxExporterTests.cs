using EdgeFace.Models;
using EdgeFace.Onnx;
using EdgeFace.Tests.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Onnx;

/// <summary>ONNX Runtime, which shares no code with the engine, gets the engine's embeddings from the exported files.</summary>
public sealed class OnnxExporterTests : IDisposable
{
    const double LeastCosine = 0.99999;

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static readonly EdgeFaceConfig PlainHead = EdgeFaceVariants.XsGamma06.WithPlainHead();

    public static TheoryData<string> Variants => [.. EdgeFaceVariants.All.Select(v => v.Name), PlainHead.Name];

    [Theory, MemberData(nameof(Variants))]
    public void Floats_give_the_embeddings_of_the_engine(string variant)
    {
        using var model = Formula(variant);
        model.Save(_folder["m.onnx"]);
        using var run = new OnnxRun(_folder["m.onnx"]);
        foreach (var count in (int[])[1, 3]) Compare(run, model, Noise(count), count, LeastCosine);
    }

    [Fact]
    public void Floats_of_the_default_model_give_the_embeddings_of_the_engine()
    {
        using var model = DefaultModels.OpenRecogniser();
        model.Save(_folder["m.onnx"]);
        using var run = new OnnxRun(_folder["m.onnx"]);
        var crops = Int8Tests.SampleCrops();
        Compare(run, model, crops, crops.Length / FaceEmbedder.CropBytes, 0.999999);
        Assert.Equal(model.Card.ToJson(), run.Session.ModelMetadata.CustomMetadataMap["card"]);
    }

    [Fact]
    public void Floats_of_an_official_checkpoint_give_the_embeddings_of_the_engine()
    {
        using var model = ModelFile.Open(TestData.Shared("models/edgeface_xs_q.pt"));
        model.Save(_folder["m.onnx"]);
        using var run = new OnnxRun(_folder["m.onnx"]);
        var crops = ParityTests.GoldenCrops().SelectMany(c => c.Pixels.ToArray()).ToArray();
        Compare(run, model, crops, crops.Length / FaceEmbedder.CropBytes, 0.999999);
    }

    [Theory, MemberData(nameof(Variants))]
    public void Int8_stays_near_the_engine_in_floats(string variant)
    {
        using var model = Formula(variant);
        model.Save(_folder["m.onnx"], WeightPrecision.Int8);
        using var run = new OnnxRun(_folder["m.onnx"]);
        foreach (var count in (int[])[1, 3]) Compare(run, model, Noise(count), count, 0.998);
    }

    [Fact]
    public void Int8_of_the_default_model_stays_near_the_engine_in_floats()
    {
        using var model = DefaultModels.OpenRecogniser();
        model.Save(_folder["m.onnx"], WeightPrecision.Int8);
        using var run = new OnnxRun(_folder["m.onnx"]);
        // One crop at a time: the whole batch shares one scale for what enters a layer.
        var crops = Int8Tests.SampleCrops();
        for (var i = 0; i < crops.Length; i += FaceEmbedder.CropBytes) Compare(run, model, crops[i..(i + FaceEmbedder.CropBytes)], 1, 0.97);
    }

    [Theory, MemberData(nameof(Variants))]
    public void Onnx_runtime_fuses_what_it_has_one_kernel_for(string variant)
    {
        using var model = Formula(variant);
        var network = model.Network!;
        int blocks = network.Depths.Sum(), products = ParameterManifest.Of(network).Count(p => p.Shape.Count == 2);
        model.Save(_folder["float.onnx"]);
        new OnnxRun(_folder["float.onnx"], _folder["float.optimised.onnx"]).Dispose();
        model.Save(_folder["int8.onnx"], WeightPrecision.Int8);
        new OnnxRun(_folder["int8.onnx"], _folder["int8.optimised.onnx"]).Dispose();
        foreach (var file in (string[])["float", "int8"])
        {
            Assert.Equal(blocks, OnnxRun.Nodes(_folder[$"{file}.onnx"], "Erf"));
            Assert.Equal(0, OnnxRun.Nodes(_folder[$"{file}.optimised.onnx"], "Erf"));
        }
        Assert.Equal(products, OnnxRun.Nodes(_folder["int8.onnx"], "MatMulInteger"));
        Assert.Equal(products, OnnxRun.Nodes(_folder["int8.optimised.onnx"], "DynamicQuantizeMatMul"));
    }

    [Fact]
    public void A_parameter_that_is_missing_is_named_and_leaves_no_file()
    {
        var network = EdgeFaceVariants.Xxs;
        var error = Assert.Throws<KeyNotFoundException>(() =>
            OnnxExporter.Write(_folder["m.onnx"], network, name => throw new KeyNotFoundException(name), false, []));
        Assert.Contains("stem.0.weight", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Save_refuses_half_floats_and_other_networks()
    {
        using var model = Formula("edgeface_xxs");
        Assert.Throws<ArgumentException>(() => model.Save(_folder["m.onnx"], WeightPrecision.Float16));
        using var detector = DefaultModels.OpenDetector();
        Assert.Throws<ModelFormatException>(() => detector.Save(_folder["m.onnx"]));
        Assert.False(File.Exists(_folder["m.onnx"]));
    }

    static void Compare(OnnxRun run, ModelFile model, byte[] crops, int count, double least)
    {
        using var embedder = new FaceEmbedder(model);
        var expected = new float[count * EdgeFaceConfig.EmbeddingSize];
        embedder.EmbedBatch(crops, count, expected, normalise: false);
        var found = run.Embed(crops, count);
        var cosines = Enumerable.Range(0, count).Select(i => Reference.Cosine(Row(expected, i), Row(found, i))).ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine($"batch {count}: cosine at least {cosines.Min():f6}");
        Assert.All(cosines, c => Assert.InRange(c, least, 1.000001));
    }

    ModelFile Formula(string variant)
    {
        FormulaWeights.Write(EdgeFaceVariants.Find(variant) ?? PlainHead, _folder["formula.efw"]);
        return ModelFile.Open(_folder["formula.efw"]);
    }

    /// <summary>Crops of blocks of colour.</summary>
    static byte[] Noise(int count)
    {
        var crops = new byte[count * FaceEmbedder.CropBytes];
        var random = new Random(6);
        for (var i = 0; i < count; i++)
        {
            var cells = new byte[14 * 14 * 3];
            random.NextBytes(cells);
            for (var j = 0; j < FaceEmbedder.CropBytes; j++)
            {
                int y = j / 3 / FaceEmbedder.CropSize, x = j / 3 % FaceEmbedder.CropSize;
                crops[i * FaceEmbedder.CropBytes + j] = cells[(y / 8 * 14 + x / 8) * 3 + j % 3];
            }
        }
        return crops;
    }

    static ReadOnlySpan<float> Row(float[] values, int i) => values.AsSpan(i * EdgeFaceConfig.EmbeddingSize, EdgeFaceConfig.EmbeddingSize);
}
