using System.Buffers.Binary;
using System.IO.Compression;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Weights;

public sealed class PyTorchCheckpointTests
{
    const int OneTensorBytes = 4 * 6;

    [Fact]
    public void Tensors_of_every_kind_are_read()
    {
        using var folder = new TempFolder();
        var (pickle, storages) = TorchZip.Everything();
        using var model = ModelFile.Open(folder.Write("a.pt", TorchZip.Of(pickle, storages)));
        (string Name, int[] Shape, float[] Values)[] expected =
        [
            ("plain.weight", [2, 3], [1, 2, 3, 4, 5, 6]),
            ("half.weight", [2], [0.5f, -2]),
            ("brain.weight", [2], [1.5f, -2]),
            ("turned.weight", [3, 2], [1, 4, 2, 5, 3, 6]),
            ("part.weight", [2], [5, 6]),
            ("parameter", [], [7]),
            ("fc.weight", [2, 3], [-65.5f, -2, -1.5f, -1, 0, 62]),
            ("fc.bias", [2], [8, 9]),
            ("bare.weight", [2, 3], [-32, -0.25f, 0, 0.25f, 0.75f, 31.75f]),
        ];
        Assert.Equal(expected.Select(e => e.Name), model.Parameters.Select(p => p.Name));
        foreach (var (name, shape, values) in expected) Assert.Equal(values, model.Read(name, shape));
    }

    [Theory, InlineData("state_dict"), InlineData("model")]
    public void A_trainers_wrapper_is_opened(string key)
    {
        using var folder = new TempFolder();
        var pickle = new Pickle().Dictionary(("epoch", p => p.Int(7)), (key, p => p.Dictionary(("a", OneTensor)))).End();
        using var model = ModelFile.Open(folder.Write("a.pt", TorchZip.Of(pickle, ("0", new byte[OneTensorBytes]))));
        Assert.Equal("a", Assert.Single(model.Parameters).Name);
    }

    [Theory, InlineData("edgeface_xs_q"), InlineData("edgeface_xxs_q")]
    public void Official_quantised_checkpoints_are_networks_with_int8_linears(string name)
    {
        using var model = ModelFile.Open(TestData.Shared($"models/{name}.pt"));
        var network = EdgeFaceVariants.Find(name)!;
        Assert.Equal(network.Dims, model.RequireNetwork().Dims);
        Assert.Null(model.Network!.Gamma);
        Assert.Equal("Int8", model.Storage);
        Assert.Equal(network.ParameterCount, model.ParameterCount);
        foreach (var parameter in ParameterManifest.Of(network))
            Assert.Equal(parameter.Count, model.Read(parameter.Name, [.. parameter.Shape]).Length);
        // 0.00936... is the scale of the first linear layer in the checkpoint's pickle, seen with Python's pickletools.
        if (name == "edgeface_xxs_q")
            Assert.All(model.Read("stages.0.blocks.0.mlp.fc1.weight"), v => Assert.Equal(MathF.Round(v / 0.009360913f) * 0.009360913f, v));
    }

    public static TheoryData<string> Variants
        => [.. EdgeFaceVariants.All.Select(v => v.Name).Where(n => !n.EndsWith("_q", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Variants))]
    public void What_is_written_is_read_back_bit_for_bit_under_the_official_names(string name)
    {
        using var folder = new TempFolder();
        var network = EdgeFaceVariants.Find(name)!;
        FormulaWeights.Write(network, folder["a.safetensors"]);
        using var model = ModelFile.Open(folder["a.safetensors"]);
        model.Save(folder["a.pt"]);
        using var written = ModelFile.Open(folder["a.pt"]);
        Assert.Equal(name, written.RequireNetwork().Name);
        Assert.Equal(model.WeightsSha256, written.WeightsSha256);
        Assert.Equal(ParameterManifest.Of(network).Select(p => p.Name), written.Parameters.Select(p => p.Name));
        foreach (var p in ParameterManifest.Of(network)) Assert.Equal(model.Read(p.Name, [.. p.Shape]), written.Read(p.Name, [.. p.Shape]));

        // The archive by .NET's own reader: names, order and place of the entries are torch.save's.
        var bytes = File.ReadAllBytes(folder["a.pt"]);
        using var zip = new ZipArchive(new MemoryStream(bytes));
        var storages = Enumerable.Range(0, written.Parameters.Count).Select(i => $"archive/data/{i}");
        Assert.Equal(["archive/data.pkl", "archive/byteorder", .. storages, "archive/version"], zip.Entries.Select(e => e.FullName));
        Assert.All(zip.Entries, e => Assert.Equal(e.Length, e.CompressedLength));
        using var pickle = new StreamReader(zip.Entries[0].Open(), System.Text.Encoding.Latin1);
        var text = pickle.ReadToEnd();
        Assert.All(ParameterManifest.Of(network), p => Assert.Contains("model." + p.Name, text, StringComparison.Ordinal));
        for (int at = 0, next; (next = bytes.AsSpan(at).IndexOf("PK\u0003\u0004"u8)) >= 0; at += next + 4)
        {
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + next + 26)),
                extraLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + next + 28));
            Assert.Equal(0, (at + next + 30 + nameLength + extraLength) % 64);
        }
    }

    [Theory, InlineData("edgeface_xs_q"), InlineData("edgeface_xxs_q"), InlineData("formula_xs_gamma_06")]
    public void Checkpoints_take_at_most_twice_their_size_of_memory(string name)
    {
        using var model = Refusal.Open(TestData.Shared($"models/{name}.pt"), out var refusal);
        Assert.Null(refusal);
    }

    static void OneTensor(Pickle p) => p.Tensor("Float", "0", 6, 0, [2, 3], [3, 1]);

    static Pickle With(Action<Pickle> value) => new Pickle().Dictionary(("a", value));

    static Pickle View(long count, long offset, long[] shape, long[] strides) => With(p => p.Tensor("Float", "0", count, offset, shape, strides));

    static readonly Dictionary<string, (Func<Pickle> Pickle, string Says)> Hostile = new()
    {
        ["os.system"] = (() => new Pickle().Global("os", "system").Text("touch /tmp/owned").Raw("\x85R"), "global 'os.system' is not allowed"),
        ["posix.system"] = (() => new Pickle().Global("posix", "system").Text("id").Raw("\x85R"), "global 'posix.system' is not allowed"),
        ["builtins.eval by STACK_GLOBAL"] = (() => new Pickle().Text("builtins").Text("eval").Raw("\x93"), "global 'builtins.eval' is not allowed"),
        ["a .NET type"] = (() => new Pickle().Global("System.Diagnostics", "Process"), "is not allowed"),
        ["a name without end"] = (() => new Pickle().Raw("c" + new string('x', 9000)), "a name that does not end"),
        ["REDUCE of a text"] = (() => new Pickle().Text("os.system").Text("id").Raw("\x85R"), "a call of something that is no function"),
        ["REDUCE of a storage type"] = (() => new Pickle().Global("torch", "FloatStorage").Raw(")R"), "a call of 'torch.FloatStorage'"),
        ["OrderedDict with contents"] = (() => new Pickle().Global("collections", "OrderedDict").Raw("]\x85R"), "with other arguments"),
        ["BUILD of a tensor"] = (() => With(p => { OneTensor(p); p.Raw("}b"); }), "only a dictionary may be given attributes"),
        ["BUILD of a list"] = (() => new Pickle().Raw("]}b"), "only a dictionary may be given attributes"),
        ["NEWOBJ"] = (() => new Pickle().EmptyOrderedDict().Raw(")\x81"), "opcode 0x81 is not allowed"),
        ["INST"] = (() => new Pickle().Raw("(ios\nsystem\n"), "opcode 0x69 is not allowed"),
        ["OBJ"] = (() => new Pickle().Raw("(o"), "opcode 0x6f is not allowed"),
        ["EXT1"] = (() => new Pickle().Raw("\x82\x01"), "opcode 0x82 is not allowed"),
        ["PERSID"] = (() => new Pickle().Raw("Pid\n"), "opcode 0x50 is not allowed"),
        ["LONG4 of 2 GB"] = (() => new Pickle().Raw("\x8b\xff\xff\xff\x7f"), "opcode 0x8b is not allowed"),
        ["BINUNICODE8 of 8 EB"] = (() => new Pickle().Raw("\x8d\xff\xff\xff\xff\xff\xff\xff\x7f"), "opcode 0x8d is not allowed"),
        ["BINUNICODE of 4 GB"] = (() => new Pickle().Raw("X\xff\xff\xff\xff"), "a text of 4294967295 bytes"),
        ["BINUNICODE beyond the end"] = (() => new Pickle().Raw("X\x00\x10\x00\x00"), "the pickle ends early"),
        ["LONG1 of 255 bytes"] = (() => new Pickle().Raw("\x8a\xff" + new string('\x7f', 255)), "an integer of 255 bytes"),
        ["protocol 77"] = (() => new Pickle().Raw("\x80\x4d"), "protocol 77"),
        ["PUT at a negative index"] = (() => new Pickle().Raw("Nr\xff\xff\xff\xff"), "memo -1"),
        ["GET of nothing"] = (() => new Pickle().Raw("h\x05"), "memo 5 was never stored"),
        ["TUPLE without MARK"] = (() => new Pickle().Raw("Nt"), "a mark is missing"),
        ["pop below a MARK"] = (() => new Pickle().Raw("N(\x85"), "the stack is empty"),
        ["values left over"] = (() => new Pickle().Raw("NN"), "values left over"),
        ["odd SETITEMS"] = (() => new Pickle().Raw("}(NNNu"), "pairs set in something"),
        ["APPEND to a dictionary"] = (() => new Pickle().Raw("}Na"), "no list"),
        ["a list that holds itself"] = (() => new Pickle().Raw("]q\x00h\x00" + "a"), "expected a state dictionary, found a list"),
        ["a dictionary that holds itself"] = (() => new Pickle().Raw("}q\x00").Text("state_dict").Raw("h\x00s"),
            "tensor 'state_dict': expected a tensor, found a dictionary"),
        ["a tuple doubled 2,000 times"] = (() => new Pickle().Raw(")q\x00").Raw("h\x00h\x00\x86q\x00", 2000), "values left over"),
        ["tuples 500,000 deep"] = (() => new Pickle().Raw("N").Raw("\x85", 500_000), "at most twice the file's"),
        ["500,000 dictionaries"] = (() => new Pickle().Raw("}", 500_000), "values are on the stack"),
        ["500,000 marks"] = (() => new Pickle().Raw("(", 500_000), "too many marks"),
        ["500,000 memorised values"] = (
            () => Enumerable.Range(0, 500_000).Aggregate(new Pickle().Raw("N"), (p, i) => p.Raw("r" + Pickle.Int32(i))),
            "at most twice the file's"),
        ["a list of a million shared values"] = (() => new Pickle().Raw("]q\x00(").Raw("N" + new string('N', 999) + "e(", 1000),
            "at most twice the file's"),
        ["a million texts"] = (() => new Pickle().Raw("]").Raw("\x8c\x00" + "a", 1_000_000), "at most twice the file's"),
        ["no state dictionary"] = (() => new Pickle().Int(42), "expected a state dictionary, found a number"),
        ["no tensors"] = (() => new Pickle().Dictionary(), "one without tensors"),
        ["a number for a name"] = (() => new Pickle().EmptyOrderedDict().Int(1).Raw("Ns"), "expected names as keys, found a number"),
        ["a number for a tensor"] = (() => With(p => p.Int(1)), "tensor 'a': expected a tensor, found a number"),
        ["two names that become one"] = (() => new Pickle().Dictionary(("a", OneTensor), ("model.a", OneTensor)),
            "tensor 'a': expected one tensor of that name, found two"),
        ["a half-packed layer"] = (() => new Pickle().Dictionary(("fc._packed_params._packed_params", OneTensor)),
            "expected a (weight, bias) pair, found a tensor"),
        ["a layer packed with a text"] = (
            () => new Pickle().Dictionary(("fc._packed_params._packed_params", p => { OneTensor(p); p.Text("b").Raw("\x86"); })),
            "expected a (weight, bias) pair"),
        ["a missing storage"] = (() => With(p => p.Tensor("Float", "9", 6, 0, [2, 3], [3, 1])),
            "tensor 'a': expected a zip entry 'net/data/9', found none"),
        ["a storage outside the archive"] = (() => With(p => p.Tensor("Float", "../../../etc/passwd", 6, 0, [2, 3], [3, 1])),
            "tensor 'a': expected a zip entry 'net/data/../../../etc/passwd', found none"),
        ["a storage of doubles"] = (() => With(p => p.Tensor("Double", "0", 3, 0, [3], [1])),
            "tensor 'a': expected float, half, bfloat16 or qint8 values, found DoubleStorage"),
        ["a storage of a function"] = (
            () => new Pickle().Raw("(").Text("storage").Global("torch._utils", "_rebuild_tensor_v2").Text("0").Text("cpu").Int(6).Raw("tQ"),
            "no storage"),
        ["a storage of too many values"] = (() => View(7, 0, [2, 3], [3, 1]),
            "tensor 'a': expected 7 values of 4 bytes in its storage, found 24 bytes"),
        ["a storage of 2^62 values"] = (() => View(1L << 62, 0, [2, 3], [3, 1]), "tensor 'a': expected 4611686018427387904 values"),
        ["a storage of -1 values"] = (() => View(-1, 0, [2, 3], [3, 1]), "no storage"),
        ["a negative size"] = (() => View(6, 0, [-2, 3], [3, 1]), "a dimension that is no size"),
        ["a negative stride"] = (() => View(6, 5, [6], [-1]), "a stride that is no size"),
        ["a negative offset"] = (() => View(6, -1, [2, 3], [3, 1]), "a negative offset"),
        ["an offset beyond the end"] = (() => View(6, 1, [2, 3], [3, 1]), "tensor 'a': expected positions below 6 in its storage, found 6"),
        ["an empty tensor far away"] = (() => View(6, long.MaxValue, [0], [1]), "tensor 'a': expected positions below 6"),
        ["strides out of the storage"] = (() => View(6, 0, [2, 3], [4, 1]), "tensor 'a': expected positions below 6 in its storage, found 6"),
        ["strides whose sum overflows"] = (() => View(6, 0, [2, 2], [int.MaxValue, int.MaxValue]),
            "tensor 'a': expected positions below 6 in its storage, found 4294967294"),
        ["an offset whose sum overflows"] = (() => View(6, long.MaxValue, [2, 3], [3, 1]),
            "tensor 'a': expected positions below 6 in its storage, found 9223372036854775812"),
        ["a size that overflows"] = (() => View(6, 0, [65536, 65536, 65536, 65536], [1, 1, 1, 1]),
            "tensor 'a': expected at most the 6 values of its storage"),
        ["a size of 2^31"] = (() => View(6, 0, [1L << 31], [1]), "a dimension that is no size"),
        ["an expansion by stride 0"] = (() => View(6, 0, [1_000_000_000], [0]), "tensor 'a': expected at most the 6 values of its storage"),
        ["fewer strides than sizes"] = (() => View(6, 0, [2, 3], [1]), "a tensor of 2 dimensions and 1 strides"),
        ["nine dimensions"] = (() => View(6, 0, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1]), "a tensor of 9 dimensions"),
        ["a scale that is no number"] = (() => With(p => p.Quantised("QInt8", "0", 24, [24], [1], double.NaN, 0)), "a scale that is not finite"),
        ["a zero point of 32 bits"] = (() => With(p => p.Quantised("QInt8", "0", 24, [24], [1], 1, 128)), "a zero point of 128"),
        ["floats that claim to be quantised"] = (() => With(p => p.Quantised("Float", "0", 6, [6], [1], 0.5, 0)), "with other arguments"),
        ["quantised values without a scale"] = (() => With(p => p.Tensor("QInt8", "0", 24, 0, [24], [1])), "with other arguments"),
        ["50,000 tensors in one storage"] = (
            () => Enumerable.Range(0, 50_000).Aggregate(With(p => { OneTensor(p); p.Raw("q\x01"); }), (p, i) => p.Text($"{i}").Raw("h\x01s")),
            "at most twice the file's"),
    };

    public static TheoryData<string> HostilePickles => [.. Hostile.Keys];

    [Theory, MemberData(nameof(HostilePickles))]
    public void Hostile_pickles_are_refused(string name)
    {
        var (pickle, says) = Hostile[name];
        Assert.Contains(says, Refusal.Of(TorchZip.Of(pickle().End(), ("0", new byte[OneTensorBytes]))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/owned"));
    }

    static byte[] Good() => TorchZip.Of(With(OneTensor).End(), ("0", new byte[OneTensorBytes]));

    /// <summary>Start of the first directory entry with the given name.</summary>
    static int Directory(byte[] zip, string name)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(name);
        for (var at = 0; ; at++)
            if (zip.AsSpan(at).StartsWith("PK\x01\x02"u8) && zip.AsSpan(at + 46).StartsWith(bytes)) return at;
    }

    static byte[] Patched(string entry, int field, params byte[] bytes)
    {
        var zip = Good();
        bytes.CopyTo(zip, Directory(zip, entry) + field);
        return zip;
    }

    static readonly Dictionary<string, (Func<byte[]> Zip, string Says)> HostileArchives = new()
    {
        ["a compressed checkpoint"] = (() => TorchZip.Archive(CompressionLevel.Optimal,
            ("net/data.pkl", With(OneTensor).End()), ("net/data/0", new byte[OneTensorBytes])),
            "'net/data.pkl' stored as it is, as torch.save writes it, found one compressed by method 8"),
        ["a bomb of 50 MB"] = (() => TorchZip.Archive(CompressionLevel.Optimal, ("net/data.pkl", new byte[50_000_000])),
            "found one compressed by method 8"),
        ["a compressed entry of a stored size"] = (() => Patched("net/data/0", 10, 8, 0), "'net/data/0' stored as it is"),
        ["an encrypted entry"] = (() => Patched("net/data/0", 8, 1, 0), "found an encrypted one"),
        ["a damaged storage"] = (() => Patched("net/data/0", 16, 1, 2, 3, 4), "'net/data/0' with checksum 04030201"),
        ["a storage of 4 GB"] = (() => Patched("net/data/0", 24, 0xff, 0xff, 0xff, 0xff), "4294967295 bytes at"),
        ["a storage behind the end"] = (() => Patched("net/data/0", 42, 0xff, 0xff, 0xff, 0x7f), "found a header at 2147483647"),
        ["a storage without a header"] = (() => Patched("net/data/0", 42, 1, 0, 0, 0), "with its header at byte 1, found other content"),
        ["a name longer than the directory"] = (() => Patched("net/version", 28, 0xff, 0xff),
            "expected 3 entries in the zip directory, found 2 and a part of one"),
        ["two pickles of one name"] = (
            () => TorchZip.Archive(CompressionLevel.NoCompression, ("net/data.pkl", new byte[1]), ("net/data.pkl", new byte[1])),
            "expected one zip entry 'net/data.pkl', found two"),
        ["no pickle"] = (() => TorchZip.Archive(CompressionLevel.NoCompression, ("net/other", new byte[1])),
            "expected a zip entry 'data.pkl', found none"),
        ["a TorchScript archive"] = (() => TorchZip.Archive(CompressionLevel.NoCompression,
            ("net/data.pkl", new Pickle().Global("__torch__", "Net").End()), ("net/constants.pkl", new byte[1])),
            "found a TorchScript archive"),
        ["60,000 entries"] = (() => TorchZip.Archive(CompressionLevel.NoCompression,
            [.. Enumerable.Range(0, 60_000).Select(i => ($"{i}", Array.Empty<byte>()))]), "expected"),
        ["more entries than the directory has"] = (
            () => { var zip = Good(); BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.Length - 12), 9); return zip; },
            "expected 9 entries in the zip directory, found 3"),
        ["a directory outside the file"] = (
            () => { var zip = Good(); BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(zip.Length - 6), uint.MaxValue); return zip; },
            "at 4294967295"),
        ["something behind the end"] = (() => [.. Good(), 0], "the file is cut off or damaged"),
        ["only a start"] = (() => "PK\x03\x04"u8.ToArray(), "the file is cut off or damaged"),
    };

    public static TheoryData<string> Archives => [.. HostileArchives.Keys];

    [Theory, MemberData(nameof(Archives))]
    public void Hostile_archives_are_refused(string name)
    {
        var (zip, says) = HostileArchives[name];
        Assert.Contains(says, Refusal.Of(zip()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        using var folder = new TempFolder();
        var (pickle, storages) = TorchZip.Everything();
        var whole = TorchZip.Of(pickle, storages);
        for (var length = 0; length < whole.Length; length++) Refusal.Of(folder.Write("a.pt", whole[..length]));
        foreach (var bytes in Enumerable.Range(0, pickle.Length).Select(n => pickle[..n]))
            Refusal.Of(folder.Write("a.pt", TorchZip.Of(bytes, storages)));
    }

    [Fact]
    public void A_flipped_bit_is_noticed_or_changes_nothing()
    {
        using var folder = new TempFolder();
        var (pickle, storages) = TorchZip.Everything();
        Flips.NoticedOrHarmless(folder["a.pt"], TorchZip.Of(pickle, storages));
    }

    [Fact]
    public void Pickles_changed_at_any_byte_are_refused_or_read()
    {
        using var folder = new TempFolder();
        var (pickle, storages) = TorchZip.Everything();
        var opened = 0;
        for (var at = 0; at < pickle.Length; at++)
        {
            foreach (var value in (byte[])[0xff, (byte)'R', (byte)(pickle[at] ^ 1)])
            {
                var changed = pickle.ToArray();
                changed[at] = value;
                if (Refusal.SurvivesAny(folder.Write("a.pt", TorchZip.Of(changed, storages)))) opened++;
            }
        }
        Assert.InRange(opened, 100, 2 * pickle.Length);
    }

    [Fact]
    public void Random_opcodes_are_refused_or_read()
    {
        using var folder = new TempFolder();
        var random = new Random(20240607);
        string[] words =
        [
            "}", "]", ")", "(", "t", "\x85", "\x86", "\x87", "N", "\x88", "\x89", "K\x02", "M\x02\x01", "J\xff\xff\xff\xff",
            "\x8a\x02\x01\x80", "G\x3f\xf0\x00\x00\x00\x00\x00\x00", "\x8c\x01z", "\x8c\x07storage", "\x8c\x01" + "0", "ctorch\nFloatStorage\n",
            "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch._utils\n_rebuild_parameter\n", "ccollections\nOrderedDict\n", "q\x00", "q\x01", "\x94",
            "h\x00", "h\x01", "Q", "R", "a", "e", "s", "u", "b", ".",
        ];
        for (var i = 0; i < 2000; i++)
        {
            var pickle = new Pickle();
            if (i % 2 == 0) pickle.Raw("}\x8c\x01" + "a").Tensor("Float", "0", 6, 0, [2, 3], [3, 1]).Raw("s");
            for (var n = random.Next(40); n > 0; n--) pickle.Raw(words[random.Next(words.Length)]);
            Refusal.SurvivesAny(folder.Write("a.pt", TorchZip.Of(pickle.End(), ("0", new byte[OneTensorBytes]))));
        }
    }
}
