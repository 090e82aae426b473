using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Weights;

namespace EdgeFace.Tests.Models;

/// <summary>
/// Weights that are whole and finite and no recogniser: refused where a model is checked, and an error of the input wherever an embedding
/// is made, never a crash.
/// </summary>
public sealed class DegenerateModelTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    sealed record Spoilt(Func<string, bool> Of, Func<Tensor, Tensor> By, bool HasDirection, bool HasSpace = true);

    static readonly Dictionary<string, Spoilt> Ways = new()
    {
        ["all zeros"] = new(_ => true, Zeros, HasDirection: false, HasSpace: false),
        ["a head of zeros"] = new(n => n.StartsWith("head.fc", StringComparison.Ordinal), Zeros, HasDirection: false, HasSpace: false),
        ["a head of its bias alone"] = new(n => n == "head.fc.weight", Zeros, HasDirection: true, HasSpace: false),
        ["the last norm zero"] = new(n => n is "head.norm.weight" or "head.norm.bias", Zeros, HasDirection: true),
        ["the stem zero"] = new(n => n == "stem.0.weight", Zeros, HasDirection: true),
        ["a downsampling zero"] = new(n => n == "stages.2.downsample.1.weight", Zeros, HasDirection: true),
        ["a head that overflows"] = new(n => n == "head.fc.weight", t => Scaled(t, 1e40), HasDirection: false),
        ["huge values everywhere"] = new(n => n.EndsWith("weight", StringComparison.Ordinal), t => Scaled(t, 1e20), HasDirection: false),
        ["int8 with scales of zero"] = new(n => n == "head.fc.weight", t => Int8(t, 0), HasDirection: true, HasSpace: false),
        ["int8 with scales that overflow"] = new(n => n == "head.fc.weight", t => Int8(t, 2e36f), HasDirection: false),
    };

    public static TheoryData<string> Names => [.. Ways.Keys];

    static Tensor Zeros(Tensor tensor) => Scaled(tensor, 0);

    static Tensor Scaled(Tensor tensor, double factor)
        => new(tensor.Name, tensor.Shape.ToArray(),
            [.. tensor.ToFloats().Select(v => (float)Math.Clamp(v * factor, float.MinValue, float.MaxValue))]);

    static Tensor Int8(Tensor tensor, float scale)
    {
        var quantised = tensor.Convert(TensorType.Int8);
        return new(tensor.Name, tensor.Shape.ToArray(), TensorType.Int8, quantised.Data.ToArray(), [.. Enumerable.Repeat(scale, tensor.Shape[0])]);
    }

    string Write(string way)
    {
        var (of, by) = (Ways[way].Of, Ways[way].By);
        var path = _folder["spoilt.efw"];
        List<Tensor> tensors = [.. FormulaWeights.Tensors(EdgeFaceVariants.XxsQ).Select(t => of(t.Name) ? by(t) : t)];
        Assert.Contains(tensors, t => of(t.Name));
        EfwFile.Write(path, tensors, []);
        return path;
    }

    [Theory, MemberData(nameof(Names))]
    public void Verify_refuses_it(string way)
    {
        using var model = ModelFile.Open(Write(way));
        var refused = Assert.Throws<ModelFormatException>(model.Verify);
        Assert.Equal(ErrorKind.Input, refused.Kind);
        Assert.Contains("spoilt.efw", refused.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Names))]
    public void An_embedding_without_direction_is_an_error_that_names_the_model(string way)
    {
        using var model = ModelFile.Open(Write(way));
        foreach (var mirror in (bool[])[false, true])
        {
            using var embedder = new FaceEmbedder(model, new() { MirrorSum = mirror, BatchThreads = 2 });
            var crops = new byte[4 * FaceEmbedder.CropBytes];
            var vectors = new float[4 * EdgeFaceConfig.EmbeddingSize];
            if (Ways[way].HasDirection)
            {
                embedder.EmbedBatch(crops, 4, vectors);
                Assert.Equal(1, embedder.Embed(crops.AsSpan(0, FaceEmbedder.CropBytes)).Vector.ToArray().Sum(v => (double)v * v), 1e-4);
                continue;
            }
            foreach (var make in (Action[])[
                () => embedder.EmbedBatch(crops, 4, vectors),
                () => embedder.Embed(crops.AsSpan(0, FaceEmbedder.CropBytes))])
            {
                var refused = Assert.Throws<DegenerateEmbeddingException>(make);
                Assert.Equal((ErrorKind.Input, "spoilt"), (refused.Kind, refused.Model));
                Assert.Contains("'spoilt'", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_head_that_reaches_no_directions_has_no_space(string way)
    {
        using var model = ModelFile.Open(Write(way));
        if (Ways[way].HasSpace)
        {
            Assert.InRange(EmbeddingSpace.Of(model).Rank, 2, 512);
            return;
        }
        var refused = Assert.Throws<ModelFormatException>(() => EmbeddingSpace.Of(model));
        Assert.Equal((ErrorKind.Input, "head.fc.weight"), (refused.Kind, refused.Tensor));
    }

    [Theory, MemberData(nameof(Names))]
    public void No_command_takes_it_for_a_recogniser_or_aborts(string way)
    {
        var path = Write(way);
        var verified = ToolRun.Of("models", "verify", path, "--json");
        Assert.Equal(3, verified.ExitCode);
        var said = verified.Json.GetProperty("models")[0];
        Assert.Equal((false, "input"), (said.GetProperty("valid").GetBoolean(), said.GetProperty("kind").GetString()));
        ToolRun.Of("models", "convert", path, _folder["out.efw"]).Fails(3, "spoilt.efw");
        ToolRun.Of("models", "convert", path, _folder["out.onnx"]).Fails(3, "spoilt.efw");
        Assert.Empty(Directory.GetFiles(_folder.Path, "out.*"));
        if (Ways[way].HasDirection) return;
        ToolRun.Of("compare", TestData.Sample("adam-1.jpg"), TestData.Sample("adam-2.jpg"), "--model", path, "--threshold", "0.4")
            .Fails(3, "'spoilt'");
        Assert.Equal(3, ToolRun.Of("embed", TestData.Sample("adam-1.jpg"), "--model", path).ExitCode);
    }

    [Fact]
    public void Zeros_in_a_branch_beside_the_main_line_leave_a_recogniser()
    {
        List<Tensor> tensors = [.. FormulaWeights.Tensors(EdgeFaceVariants.XxsQ)
            .Select(t => t.Name.StartsWith("stages.1.blocks.0.mlp.fc2", StringComparison.Ordinal) ? Zeros(t) : t)];
        EfwFile.Write(_folder["branch.efw"], tensors, []);
        using var model = ModelFile.Open(_folder["branch.efw"]);
        model.Verify();
    }

    [Theory]
    [InlineData("edgeface-detector")]
    [InlineData("edgeface-refiner")]
    public void A_detector_or_refiner_is_verified_on_a_portrait(string name)
    {
        ToolRun.Of("models", "verify", name).Succeeds();
        using var set = WeightFile.Open(TestData.Model($"{name}.efw"));
        void Spoil(string file, Func<Tensor, Tensor> by)
        {
            EfwFile.Write(_folder[file], [.. set.Tensors.Select(by)], set.Card);
            ToolRun.Of("models", "verify", _folder[file]).Fails(3, file);
            ToolRun.Of("models", "convert", _folder[file], _folder["out.efw"]).Fails(3, file);
        }
        Spoil("zeros.efw", Zeros);
        Spoil("stem.efw", t => t.Name.StartsWith("stem", StringComparison.Ordinal) ? Zeros(t) : t);
        Spoil("huge.efw", t => Scaled(t, 1e30));
        Spoil("swapped.efw", t => t.Name == "stem.weight" ? t.Rename("stem2.weight") : t);
        Assert.False(File.Exists(_folder["out.efw"]));
    }

    [Fact]
    public void What_is_no_model_of_ours_is_not_verified_as_one()
    {
        EfwFile.Write(_folder["other.efw"], [new("weight", [2, 2], [1, 2, 3, 4])], []);
        ToolRun.Of("models", "verify", _folder["other.efw"]).Fails(3, "other.efw", "a recogniser, a detector or a refiner");
    }
}
