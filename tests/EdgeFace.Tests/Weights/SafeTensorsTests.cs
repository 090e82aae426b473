using System.Buffers.Binary;
using System.Text;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Weights;

public sealed class SafeTensorsTests
{
    static byte[] File(string json, int dataBytes) => File(json, new byte[dataBytes]);

    static byte[] File(string json, byte[] data)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }

    static string Tensor(string name, string type, string shape, long begin, long end)
        => $$"""{{name}}:{"dtype":"{{type}}","shape":{{shape}},"data_offsets":[{{begin}},{{end}}]}""";

    [Fact]
    public void Tensors_of_every_kind_are_read()
    {
        using var folder = new TempFolder();
        byte[] data =
        [
            .. TorchZip.Bytes(1f, -2f), .. TorchZip.Bytes((Half)0.5f), .. TorchZip.Bytes<ushort>(0x3FC0),
            .. TorchZip.Bytes<sbyte>(-128, 127), .. TorchZip.Bytes(0.5f, 2f), .. TorchZip.Bytes(3f),
        ];
        var json = $$"""
            { "__metadata__": {"format": "pt"},
              {{Tensor("\"model.f\"", "F32", "[2, 1]", 0, 8)}}, {{Tensor("\"h\"", "F16", "[]", 8, 10)}}, {{Tensor("\"b\"", "BF16", "[1]", 10, 12)}},
              {{Tensor("\"q\"", "I8", "[2]", 12, 14)}}, {{Tensor("\"q.scale\"", "F32", "[2]", 14, 22)}}, {{Tensor("\"q.zero_point\"", "F32", "[1]", 22, 26)}}, {{Tensor("\"none\"", "F32", "[0, 7]", 26, 26)}} }
            """;
        using var model = ModelFile.Open(folder.Write("a", File(json, data)));
        Assert.Equal(["f", "h", "b", "q", "none"], model.Parameters.Select(p => p.Name));
        Assert.Equal([1, -2], model.Read("f", 2, 1));
        Assert.Equal([0.5f], model.Read("h", []));
        Assert.Equal([1.5f], model.Read("b", 1));
        Assert.Equal([-65.5f, 248], model.Read("q", 2));
        Assert.Empty(model.Read("none", 0, 7));
    }

    static string Two(string shape, long begin, long end)
        => $"{{{Tensor("\"a\"", "F32", "[2]", 0, 8)},{Tensor("\"b\"", "F32", shape, begin, end)}}}";

    static readonly Dictionary<string, (Func<byte[]> Content, string Says)> Hostile = new()
    {
        ["only a length"] = (() => new byte[8], "a safetensors header"),
        ["a header of 1 TB"] = (() => [0, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]], "a safetensors header"),
        ["a header longer than the file"] = (() => [9, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8],
            "expected a header within the file's 10 bytes, found a header of 9 bytes"),
        ["no JSON"] = (() => File("nothing", 0), "a safetensors header"),
        ["a list"] = (() => File("[]", 0), "a safetensors header"),
        ["half a header"] = (() => File("{\"a\":{\"dtype\":\"F32\"", 0), "a safetensors header"),
        ["something behind the header"] = (() => File("{} {}", 0), "a safetensors header"),
        ["a number for a tensor"] = (() => File("{\"a\":1}", 0), "a safetensors header"),
        ["a number for a type"] = (() => File("{\"a\":{\"dtype\":32}}", 0), "a safetensors header"),
        ["null for a type"] = (() => File("{\"a\":{\"dtype\":null,\"shape\":[],\"data_offsets\":[0,4]}}", 4), "a text is expected"),
        ["no type"] = (() => File("{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4), "tensor 'a' lacks dtype, shape or data_offsets"),
        ["an unknown field"] = (() => File("{\"a\":{\"strides\":[1]}}", 4), "unknown field 'strides'"),
        ["metadata that is no text"] = (() => File("{\"__metadata__\":{\"a\":{}}}", 0), "a safetensors header"),
        ["100,000 nested lists"] = (() => File("{\"a\":" + new string('[', 100_000), 0), "a safetensors header"),
        ["a name that is no Unicode"] = (() => File("{" + Tensor("\"\\ud800\"", "F32", "[1]", 0, 4) + "}", 4), "a safetensors header"),
        ["a name that is no UTF-8"] = (() =>
        {
            var file = File("{" + Tensor("\"~\"", "F32", "[1]", 0, 4) + "}", 4);
            file[file.AsSpan().IndexOf((byte)'~')] = 0xff;
            return file;
        }, "a safetensors header"),
        ["two tensors of one name"] = (
            () => File($"{{{Tensor("\"a\"", "F32", "[1]", 0, 4)},{Tensor("\"a\"", "F32", "[1]", 4, 8)}}}", 8),
            "tensor 'a': expected one tensor of that name, found two"),
        ["two names that become one"] = (
            () => File($"{{{Tensor("\"a\"", "F32", "[1]", 0, 4)},{Tensor("\"model.a\"", "F32", "[1]", 4, 8)}}}", 8),
            "tensor 'a': expected one tensor of that name, found two"),
        ["an unknown type"] = (() => File($"{{{Tensor("\"a\"", "F64", "[1]", 0, 8)}}}", 8), "tensor 'a': expected F32, F16, BF16 or I8, found F64"),
        ["int8 without scales"] = (() => File($"{{{Tensor("\"a\"", "I8", "[2]", 0, 2)}}}", 2),
            "tensor 'a': expected float scales in 'a.scale', found none"),
        ["int8 with half its scales"] = (
            () => File($"{{{Tensor("\"a\"", "I8", "[3]", 0, 3)},{Tensor("\"a.scale\"", "F32", "[2]", 3, 11)}}}", 11),
            "tensor 'a': expected one scale or one per output, found 2 scales"),
        ["a zero point of a half"] = (
            () => File($"{{{Tensor("\"a\"", "I8", "[2]", 0, 2)},{Tensor("\"a.scale\"", "F32", "[1]", 2, 6)},"
                + $"{Tensor("\"a.zero_point\"", "F32", "[1]", 6, 10)}}}", [0, 0, .. TorchZip.Bytes(1f, 0.5f)]),
            "tensor 'a.zero_point': expected one whole number"),
        ["a shape that is smaller"] = (() => File(Two("[1]", 8, 16), 16), "tensor 'b': expected 8 bytes of F32, found the shape [1]"),
        ["a shape that overflows"] = (() => File(Two("[65536,65536,65536,65536]", 8, 16), 16),
            "tensor 'b': expected 8 bytes of F32, found the shape"),
        ["a size of 2^63-1"] = (() => File(Two("[9223372036854775807]", 8, 16), 16), "tensor 'b': expected 8 bytes of F32"),
        ["a size of 2^64"] = (() => File(Two("[18446744073709551616]", 8, 16), 16), "non-negative numbers are expected"),
        ["a negative size"] = (() => File(Two("[-2]", 8, 16), 16), "non-negative numbers are expected"),
        ["a fraction of a size"] = (() => File(Two("[1.5]", 8, 16), 16), "non-negative numbers are expected"),
        ["nine dimensions"] = (() => File(Two("[1,1,1,1,1,1,1,1,2]", 8, 16), 16), "up to 8 non-negative numbers are expected"),
        ["overlapping tensors"] = (() => File(Two("[2]", 4, 12), 12), "tensor 'b': expected data from byte 8 on, within 12, found bytes 4 to 12"),
        ["a gap"] = (() => File(Two("[2]", 12, 20), 20), "tensor 'b': expected data from byte 8 on"),
        ["data behind the end"] = (() => File(Two("[2]", 8, 16), 15), "tensor 'b': expected data from byte 8 on, within 15, found bytes 8 to 16"),
        ["data that ends before it begins"] = (() => File(Two("[2]", 8, 4), 16), "tensor 'b': expected data from byte"),
        ["offsets of 2^63-1"] = (() => File(Two("[2]", 8, long.MaxValue), 16), "tensor 'b': expected data from byte 8 on"),
        ["data that belongs to no tensor"] = (() => File(Two("[2]", 8, 16), 17), "expected 16 bytes of data, found 17"),
        ["a card that is no card"] = (() => File("{\"__metadata__\":{\"card\":\"[]\"}}", 0), "expected a model card"),
        ["a card of 200 kB"] = (() => File("{\"__metadata__\":{\"card\":\"" + new string(' ', 200_000) + "\"}}", 0),
            "expected a card of at most 65536 bytes, found 200000"),
        ["20,000 empty tensors"] = (
            () => File("{" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => Tensor($"\"{i}\"", "F32", "[0]", 0, 0))) + "}", 0),
            "at most twice the file's"),
        ["a name of 4 MB"] = (() => File("{\"" + new string('a', 4_000_000) + "\":", 0), "a safetensors header"),
        ["a name of 3 MB of escapes"] = (() => File("{\"" + string.Concat(Enumerable.Repeat("\\n", 1_500_000)) + "\":", 0),
            "at most twice the file's"),
    };

    public static TheoryData<string> HostileFiles => [.. Hostile.Keys];

    [Theory, MemberData(nameof(HostileFiles))]
    public void Hostile_files_are_refused(string name)
    {
        var (content, says) = Hostile[name];
        Assert.Contains(says, Refusal.Of(content()).Message, StringComparison.Ordinal);
    }

    static byte[] Good()
    {
        using var folder = new TempFolder();
        using var model = ModelFile.Open(folder.Write("a.pt", TorchZip.Of(TorchZip.Everything().Pickle, TorchZip.Everything().Storages)));
        model.Save(folder["a.safetensors"], WeightPrecision.Int8);
        return System.IO.File.ReadAllBytes(folder["a.safetensors"]);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        using var folder = new TempFolder();
        var good = Good();
        for (var length = 0; length < good.Length; length++) Refusal.Of(folder.Write("a", good[..length]));
    }

    [Fact]
    public void Files_changed_at_any_byte_are_refused_or_read()
    {
        using var folder = new TempFolder();
        var good = Good();
        var opened = 0;
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var value in (byte[])[0xff, (byte)'9', (byte)'"', (byte)(good[at] ^ 1)])
            {
                var changed = good.ToArray();
                changed[at] = value;
                if (Refusal.SurvivesAny(folder.Write("a", changed))) opened++;
            }
        }
        Assert.InRange(opened, 100, 3 * good.Length);
    }
}
