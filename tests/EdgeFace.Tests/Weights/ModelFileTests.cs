using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Weights;

namespace EdgeFace.Tests.Weights;

public sealed class ModelFileTests
{
    static readonly ModelCard Card = new()
    {
        Name = "test", Kind = "unknown", Licence = "none: \"numbers\"", Thresholds = [new(1e-3, 0.3, 0.31, null, null, null)],
    };

    static readonly string[] Extensions = [".efw", ".safetensors"];

    [Fact]
    public void Embedded_models_are_those_of_the_repository()
    {
        foreach (var (embedded, name) in ((ModelFile, string)[])[
            (DefaultModels.OpenRecogniser(), "edgeface-xs-distilled"),
            (DefaultModels.OpenDetector(), "edgeface-detector"),
            (DefaultModels.OpenRefiner(), "edgeface-refiner")])
        {
            using (embedded)
            using (var file = ModelFile.Open(TestData.Model($"{name}.efw")))
            {
                embedded.Verify();
                Assert.Equal(file.WeightsSha256, embedded.WeightsSha256);
                Assert.Equal(file.Card.ToJson(), embedded.Card.ToJson());
            }
        }
    }

    [Fact]
    public void The_detector_has_the_values_of_the_training_result()
    {
        using var trained = ModelFile.Open(TestData.Shared("assets/v1/detector.safetensors"));
        using var model = DefaultModels.OpenDetector();
        Assert.Equal(trained.Parameters.Select(p => (p.Name, p.ShapeText)).Order(), model.Parameters.Select(p => (p.Name, p.ShapeText)).Order());
        foreach (var parameter in trained.Parameters)
        {
            float[] expected = trained.Read(parameter.Name), found = model.Read(parameter.Name);
            Assert.True(MemoryMarshal.AsBytes(expected.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(found.AsSpan())), parameter.Name);
        }
    }

    [Fact]
    public void The_recogniser_is_XS_of_gamma_06_with_a_plain_head()
    {
        using var model = DefaultModels.OpenRecogniser();
        Assert.Equal(EdgeFaceVariants.XsGamma06.WithPlainHead(), model.RequireNetwork());
    }

    /// <summary>Values of every magnitude, from below the least half to its most.</summary>
    static Tensor RandomTensor(Random random, string name)
    {
        var shape = new int[random.Next(5)];
        foreach (ref var d in shape.AsSpan()) d = random.Next(1, 6);
        var values = new float[shape.Aggregate(1, (a, b) => a * b)];
        foreach (ref var v in values.AsSpan()) v = (float)(Math.Pow(10, random.NextDouble() * 12.8 - 8) * (random.Next(2) * 2 - 1));
        return new Tensor(name, shape, values);
    }

    static ModelFile Converted(ModelFile model, string path, WeightPrecision precision)
    {
        model.Save(path, precision);
        var converted = ModelFile.Open(path);
        converted.Verify();
        Assert.Equal(model.Card.ToJson(), converted.Card.ToJson());
        Assert.Equal(model.Parameters.Select(p => (p.Name, p.ShapeText)), converted.Parameters.Select(p => (p.Name, p.ShapeText)));
        return converted;
    }

    static ModelFile FromMemory(TempFolder folder, List<Tensor> tensors, ModelCard card)
    {
        EfwFile.Write(folder["start.efw"], tensors, Encoding.UTF8.GetBytes(card.ToJson()));
        return ModelFile.Open(folder["start.efw"]);
    }

    [Fact]
    public void Conversions_keep_values_within_their_precision_and_the_same_identity_in_every_format()
    {
        using var folder = new TempFolder();
        var random = new Random(20230704);
        for (var i = 0; i < 40; i++)
        {
            var tensors = Enumerable.Range(0, random.Next(1, 7)).Select(t => RandomTensor(random, $"t{t}")).ToList();
            using var start = FromMemory(folder, tensors, Card);
            foreach (var precision in Enum.GetValues<WeightPrecision>())
            {
                var identities = new List<string>();
                foreach (var first in Extensions)
                    foreach (var second in Extensions)
                    {
                        using var once = Converted(start, folder["1" + first], precision);
                        using var twice = Converted(once, folder["2" + second], precision);
                        identities.AddRange([once.WeightsSha256, twice.WeightsSha256]);
                        foreach (var tensor in tensors) AssertNear(tensor, twice.Read(tensor.Name), precision);
                    }
                Assert.Single(identities.Distinct());
                if (precision == WeightPrecision.Float32) Assert.Equal(start.WeightsSha256, identities[0]);
            }
        }
    }

    static void AssertNear(Tensor tensor, float[] found, WeightPrecision precision)
    {
        var values = tensor.ToFloats();
        var perOutput = tensor.Shape.Length > 0 ? values.Length / tensor.Shape[0] : 1;
        for (var i = 0; i < values.Length; i++)
        {
            var rowMost = values.AsSpan(i / perOutput * perOutput, perOutput).ToArray().Max(Math.Abs);
            // Half a unit in the last of 11 bits, or of the least half; half a step of 127 in a row, and the rounding of its scale.
            var error = tensor.Shape.Length < 2 ? 0 : precision switch
            {
                WeightPrecision.Float16 => Math.Max(Math.Abs(values[i]) / 2048, Math.Pow(2, -25)),
                WeightPrecision.Int8 => rowMost / 254 * (1 + 1e-5),
                _ => 0,
            };
            Assert.InRange(found[i], values[i] - error, values[i] + error);
        }
    }

    [Fact]
    public void The_identity_is_the_SHA_256_that_its_definition_says()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        foreach (var (name, shape, values) in ((string, int[], float[])[])[("B", [2], [1, -0f]), ("a", [1, 1], [3]), ("ä", [], [4])])
        {
            writer.Write(Encoding.UTF8.GetBytes(name));
            writer.Write((byte)0);
            writer.Write(shape.Length);
            foreach (var d in shape) writer.Write(d);
            foreach (var v in values) writer.Write(v);
        }
        var expected = Convert.ToHexStringLower(SHA256.HashData(memory.ToArray()));
        using var folder = new TempFolder();
        using var model = FromMemory(folder, [new("ä", [], [4]), new("a", [1, 1], [3]), new("B", [2], [1, -0f])], Card);
        Assert.Equal(expected, model.WeightsSha256);
        model.Save(folder["a.safetensors"]);
        using var other = ModelFile.Open(folder["a.safetensors"]);
        Assert.Equal(expected, other.WeightsSha256);
    }

    [Fact]
    public void Quantised_checkpoints_keep_every_value_in_every_format()
    {
        using var folder = new TempFolder();
        var (pickle, storages) = TorchZip.Everything();
        using var model = ModelFile.Open(folder.Write("a.pt", TorchZip.Of(pickle, storages)));
        foreach (var extension in Extensions)
            foreach (var precision in (WeightPrecision[])[WeightPrecision.Float32, WeightPrecision.Int8])
            {
                using var converted = Converted(model, folder["a" + extension], precision);
                Assert.Equal([-65.5f, -2, -1.5f, -1, 0, 62], converted.Read("fc.weight"));
            }
    }

    [Fact]
    public void A_stored_identity_that_is_wrong_does_not_verify()
    {
        using var folder = new TempFolder();
        var file = EfwBytes.Of(EfwBytes.Floats("a", 1));
        using var model = ModelFile.Open(folder.Write("a", file));
        Assert.Contains("expected weights with SHA-256 0000", Assert.Throws<ModelFormatException>(model.Verify).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(float.NaN, "NaN"), InlineData(float.PositiveInfinity, "Infinity"), InlineData(float.NegativeInfinity, "-Infinity")]
    public void Values_that_are_not_finite_are_refused(float value, string text)
    {
        using var folder = new TempFolder();
        using var model = FromMemory(folder, [new("good", [1], [1]), new("bad", [2, 1], [1, value])], Card);
        foreach (var act in (Action[])[model.Verify, () => model.Read("bad"), () => model.Save(folder["b.efw"], WeightPrecision.Int8)])
        {
            var refusal = Assert.Throws<ModelFormatException>(act);
            Assert.Equal((model.Source, "bad", "finite values", text), (refusal.File, refusal.Tensor, refusal.Expected, refusal.Found));
        }
        Assert.False(File.Exists(folder["b.efw"]));
    }

    [Fact]
    public void Values_beyond_the_range_of_16_bits_are_refused_rather_than_made_infinite()
    {
        using var folder = new TempFolder();
        using var model = FromMemory(folder, [new("big", [1, 2], [65_504, 65_520])], Card);
        Assert.Equal("big", Assert.Throws<ModelFormatException>(() => model.Save(folder["b.efw"], WeightPrecision.Float16)).Tensor);
        Assert.False(File.Exists(folder["b.efw"]));
    }

    public static TheoryData<string, string> Misfits => new()
    {
        { "missing", "tensor 'stages.1.blocks.1.xca.temperature': expected [4, 1, 1] as in edgeface_xxs, found no such tensor" },
        { "extra", "tensor 'one.more': expected only the 160 tensors of edgeface_xxs, found one more" },
        { "shape", "tensor 'stages.1.blocks.1.xca.temperature': expected [4, 1, 1] as in edgeface_xxs, found [8, 1, 1]" },
        { "stem", "tensor 'stem.0.weight': expected 24, 32, 48 or 80 channels, found [23, 3, 4, 4]" },
        { "none", "tensor 'stem.0.weight': expected an EdgeFace network, found no such tensor" },
    };

    [Theory, MemberData(nameof(Misfits))]
    public void Tensors_that_are_no_network_are_refused_by_name(string change, string says)
    {
        const string temperature = "stages.1.blocks.1.xca.temperature";
        var tensors = FormulaWeights.Tensors(EdgeFaceVariants.Xxs);
        switch (change)
        {
            case "missing": tensors.RemoveAll(t => t.Name == temperature); break;
            case "extra": tensors.Add(new("one.more", [1], [1])); break;
            case "shape": tensors[tensors.FindIndex(t => t.Name == temperature)] = new(temperature, [8, 1, 1], new float[8]); break;
            case "stem": tensors[0] = new("stem.0.weight", [23, 3, 4, 4], new float[23 * 48]); break;
            default: tensors = [new("other", [1], [1])]; break;
        }
        using var folder = new TempFolder();
        using var model = FromMemory(folder, tensors, Card with { Kind = "recogniser" });
        Assert.Equal($"{model.Source}: {says}", Assert.Throws<ModelFormatException>(model.Verify).Message);
        Assert.Throws<ModelFormatException>(() => new FaceEmbedder(model));
    }

    [Fact]
    public void A_network_without_a_card_gets_one_that_says_what_can_be_seen()
    {
        using var folder = new TempFolder();
        FormulaWeights.Write(EdgeFaceVariants.Xxs, folder["mine.safetensors"]);
        using var model = ModelFile.Open(folder["mine.safetensors"]);
        Assert.Equal(("mine", "recogniser", "edgeface_xxs"), (model.Card.Name, model.Card.Kind, model.Card.Architecture));
        Assert.Equal(EdgeFaceVariants.Xxs.ParameterCount, model.ParameterCount);
        model.Verify();
    }

    [Fact]
    public void A_card_can_be_changed_without_the_weights()
    {
        using var folder = new TempFolder();
        using var model = FromMemory(folder, [new("a", [1], [1])], Card);
        var other = model.WithCard(Card with { Name = "other" });
        Assert.Equal(("other", model.WeightsSha256), (other.Card.Name, other.WeightsSha256));
        other.Save(folder["b.efw"]);
        using var saved = ModelFile.Open(folder["b.efw"]);
        Assert.Equal("other", saved.Card.Name);
    }

    [Fact]
    public void A_card_that_no_reader_would_take_is_not_written()
    {
        using var folder = new TempFolder();
        using var model = FromMemory(folder, [new("a", [1], [1])], Card);
        foreach (var extension in Extensions)
            Assert.Throws<ArgumentException>(() =>
                model.WithCard(Card with { Description = new string('x', 70_000) }).Save(folder["b" + extension]));
    }

    [Fact]
    public void A_disposed_model_says_so_instead_of_reading_memory_that_is_gone()
    {
        using var folder = new TempFolder();
        var model = FromMemory(folder, [new("a", [1], [1])], Card);
        var copy = model.WithCard(Card);
        model.Dispose();
        model.Dispose();
        foreach (var m in (ModelFile[])[model, copy])
            foreach (var act in (Action[])[() => m.Read("a"), m.Verify, () => m.Save(folder["b.efw"]), () => _ = m.Storage])
                Assert.Throws<ObjectDisposedException>(act);
    }

    public static TheoryData<string, string> NoModels => new()
    {
        { "missing", "expected a model file, found no such file" },
        { "missing/too", "expected a model file, found no such file" },
        { "directory", "expected a model file, found a directory" },
        { "empty", "expected a model file, found an empty file" },
        { "short", "found a file that starts with 010203" },
        { "text", "found a file that starts with 48656c6c6f2c2077" },
        { "legacy.pt", "found a file that starts with 80028a0a6cfc9c46" },
        { "a\0b", "expected a readable model file" },
    };

    [Theory, MemberData(nameof(NoModels))]
    public void What_is_no_model_is_refused(string name, string says)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["directory"]);
        folder.Write("empty", []);
        folder.Write("short", [1, 2, 3]);
        folder.Write("text", "Hello, world"u8.ToArray());
        folder.Write("legacy.pt", Convert.FromHexString("80028a0a6cfc9c46f9206aa850192e"));
        Assert.Contains(says, Refusal.Of(folder[name]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_is_refused()
    {
        if (!File.Exists("/dev/zero")) Assert.Skip("needs /dev/zero");
        Refusal.Of("/dev/zero");
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_refused()
    {
        if (Environment.IsPrivilegedProcess) Assert.Skip("runs as root, whom no file mode keeps out");
        using var folder = new TempFolder();
        folder.Write("a", [1]);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["a"], UnixFileMode.None);
        else Assert.Skip("needs Unix file modes");
        Assert.Contains("expected a readable model file", Refusal.Of(folder["a"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_can_be_replaced_by_what_was_read_from_it()
    {
        using var folder = new TempFolder();
        using (var model = FromMemory(folder, [new("a", [2, 2], [1, 2, 3, 4])], Card)) model.Save(folder["start.efw"], WeightPrecision.Float16);
        using var again = ModelFile.Open(folder["start.efw"]);
        Assert.Equal([1, 2, 3, 4], again.Read("a"));
        Assert.Equal("Float16", again.Storage);
    }

    [Fact]
    public void Other_extensions_are_not_written()
    {
        using var folder = new TempFolder();
        using var model = FromMemory(folder, [new("a", [1], [1])], Card);
        Assert.Throws<ArgumentException>(() => model.Save(folder["a.pth"]));
        Assert.Equal(["start.efw"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_full_disk_leaves_the_old_file_and_no_part_of_the_new_one()
    {
        using var folder = new TempFolder();
        var disk = Directory.CreateDirectory(folder["disk"]).FullName;
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk) != 0)
            Assert.Skip("needs root on Linux, to mount a small disk");
        try
        {
            using var small = FromMemory(folder, [new("a", [1], [1])], Card);
            using var large = FromMemory(folder, [new("a", [100_000], new float[100_000])], Card);
            foreach (var extension in Extensions)
            {
                var path = Path.Combine(disk, "model" + extension);
                small.Save(path);
                var before = File.ReadAllBytes(path);
                Assert.Throws<IOException>(() => large.Save(path));
                Assert.Equal(before, File.ReadAllBytes(path));
                Assert.Equal([path], Directory.GetFileSystemEntries(disk));
                File.Delete(path);
            }
        }
        finally
        {
            Assert.Equal(0, Run("umount", disk));
        }
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    [Fact]
    public void A_folder_that_is_missing_or_a_folder_in_the_way_is_an_IO_error()
    {
        using var folder = new TempFolder();
        using var model = FromMemory(folder, [new("a", [1], [1])], Card);
        Assert.ThrowsAny<IOException>(() => model.Save(folder["missing/a.efw"]));
        Directory.CreateDirectory(folder["taken.efw"]);
        Assert.ThrowsAny<IOException>(() => model.Save(folder["taken.efw"]));
        Assert.Equal(["start.efw", "taken.efw"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }
}
