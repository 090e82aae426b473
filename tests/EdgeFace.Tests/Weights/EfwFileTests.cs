using System.Buffers.Binary;
using EdgeFace.Tests.Support;
using EdgeFace.Weights;

namespace EdgeFace.Tests.Weights;

public sealed class EfwFileTests
{
    [Fact]
    public void The_checksum_is_CRC_32C()
    {
        // The check value of the algorithm's definition, and RFC 3720 B.4.
        Assert.Equal(0xE3069283, EfwFile.Crc32C(0, "123456789"u8));
        Assert.Equal(0x8A9136AAu, EfwFile.Crc32C(0, new byte[32]));
        Assert.Equal(0xE3069283, EfwFile.Crc32C(EfwFile.Crc32C(0, "1234"u8), "56789"u8));
    }

    static EfwBytes.Entry[] Entries() =>
    [
        new("f", 0, [2, 2], TorchZip.Bytes(1f, 2f, 3f, 4f)),
        new("h", 1, [2], TorchZip.Bytes((Half)0.5f, (Half)(-2f))),
        new("q", 3, [2, 2], TorchZip.Bytes<sbyte>(-128, 127, 1, 2), [0.5f, 2f], 1),
        new("none", 0, [0], []),
        new("scalar", 0, [], TorchZip.Bytes(7f)),
    ];

    static byte[] Good() => EfwBytes.Of("""{"name":"n","kind":"unknown"}"""u8.ToArray(), 5, Entries());

    [Fact]
    public void The_layout_is_that_of_the_specification()
    {
        using var folder = new TempFolder();
        using var model = ModelFile.Open(folder.Write("a", Good()));
        Assert.Equal("n", model.Card.Name);
        Assert.Equal(["f", "h", "q", "none", "scalar"], model.Parameters.Select(p => p.Name));
        Assert.Equal([1, 2, 3, 4], model.Read("f", 2, 2));
        Assert.Equal([0.5f, -2], model.Read("h", 2));
        Assert.Equal([-64.5f, 63, 0, 2], model.Read("q", 2, 2));
        Assert.Empty(model.Read("none", 0));
        Assert.Equal([7], model.Read("scalar", []));
    }

    [Fact]
    public void Written_files_have_aligned_data_and_right_checksums()
    {
        using var folder = new TempFolder();
        using var model = ModelFile.Open(folder.Write("a", Good()));
        model.Save(folder["b.efw"], WeightPrecision.Int8);
        var file = File.ReadAllBytes(folder["b.efw"]);
        Assert.Equal(file, EfwBytes.FixHeader([.. file]));
        using var tensors = EfwFile.Read(folder["b.efw"]);
        var start = MemoryAddress(tensors.Tensors[0]);
        Assert.All(tensors.Tensors, t => Assert.Equal(0, (MemoryAddress(t) - start) % 64));
    }

    static unsafe long MemoryAddress(Tensor tensor)
    {
        fixed (byte* data = tensor.Data) return (long)data;
    }

    static byte[] Set64(byte[] file, int at, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
        return EfwBytes.FixHeader(file);
    }

    static byte[] One(Func<EfwBytes.Entry, EfwBytes.Entry> change) => EfwBytes.Of(change(new("t", 0, [2, 2], TorchZip.Bytes(1f, 2f, 3f, 4f))));

    static readonly Dictionary<string, (Func<byte[]> Content, string Says)> Hostile = new()
    {
        ["only the magic"] = (() => Good()[..8], "expected a header of 96 bytes, found a file of 8"),
        ["version 2"] = (() => { var file = Good(); file[8] = 2; return EfwBytes.FixHeader(file); }, "expected .efw version 1, found version 2"),
        ["a longer file declared"] = (() => Set64(Good(), 16, 1 << 30), "the file is cut off"),
        ["a shorter file declared"] = (() => Set64(Good(), 16, 100), "the file is too long"),
        ["a table in the header"] = (() => Set64(Good(), 24, 8), "expected a tensor table inside"),
        ["a table behind the end"] = (() => Set64(Good(), 24, 1 << 20), "expected a tensor table inside"),
        ["a table whose end overflows"] = (() => Set64(Good(), 32, ulong.MaxValue - 50), "expected a tensor table inside"),
        ["a card of 2^64-1 bytes"] = (() => Set64(Good(), 48, ulong.MaxValue), "expected a card inside"),
        ["a card of 100 kB"] = (() => EfwBytes.Of(new byte[100_000], 0), "expected a card of at most 65536 bytes, found 100000"),
        ["a card that is no card"] = (() => EfwBytes.Of("nothing"u8.ToArray(), 0), "expected a model card"),
        ["a header that does not end in zeros"] = (() => { var file = Good(); file[95] = 1; return file; }, "expected a header that ends in zeros"),
        ["a damaged table"] = (() => { var file = Good(); file[EfwBytes.HeaderBytes + 2] ^= 1; return file; }, "the file is damaged"),
        ["damaged data"] = (() => { var file = Good(); file[^1] ^= 1; return file; }, "tensor 'scalar': expected data with checksum"),
        ["damaged scales"] = (
            () => { var file = Good(); file[file.AsSpan().IndexOf(TorchZip.Bytes(0.5f, 2f))] ^= 1; return file; },
            "tensor 'q': expected data with checksum"),
        ["four billion entries"] = (() => EfwBytes.Of([], -1, Entries()), "expected 4294967295 table entries, found a table that ends in entry 5"),
        ["an entry too many"] = (() => EfwBytes.Of([], 4, Entries()), "expected 4 table entries, found 48 bytes after them"),
        ["a name of no bytes"] = (() => One(t => t with { Name = "" }), "expected a tensor name of 1 to 1024 bytes, found 0"),
        ["a name of 60 kB"] = (() => One(t => t with { NameLength = 60_000 }), "expected a tensor name of 1 to 1024 bytes, found 60000"),
        ["a name longer than the table"] = (() => One(t => t with { NameLength = 1000 }), "a table that ends in entry 0"),
        ["an unknown type"] = (() => One(t => t with { Type = 9 }), "tensor 't': expected a known type, found 9"),
        ["bfloat16"] = (() => One(t => t with { Type = 2 }), "tensor 't': expected a known type, found 2"),
        ["255 dimensions"] = (() => One(t => t with { Rank = 255 }), "tensor 't': expected up to 8 dimensions, found 255"),
        ["a negative size"] = (() => One(t => t with { Shape = [-2, -2] }), "tensor 't': expected 16 bytes of Float32, found the shape [-2, -2]"),
        ["a size that overflows"] = (() => One(t => t with { Shape = [65536, 65536, 65536, 65536] }),
            "tensor 't': expected 16 bytes of Float32, found the shape"),
        ["a smaller shape"] = (() => One(t => t with { Shape = [2, 1] }), "tensor 't': expected 16 bytes of Float32, found the shape [2, 1]"),
        ["8 GB declared"] = (() => One(t => t with { Shape = [int.MaxValue], Bytes = 4UL * int.MaxValue }),
            "tensor 't': expected 8589934588 bytes of Float32"),
        ["data behind the end"] = (() => One(t => t with { Offset = 1 << 20 }), "tensor 't': expected aligned data inside"),
        ["data whose end overflows"] = (() => One(t => t with { Offset = ulong.MaxValue - 63 }), "tensor 't': expected aligned data inside"),
        ["data off its boundary"] = (() => One(t => t with { Offset = 129 }), "tensor 't': expected aligned data inside"),
        ["data in the header"] = (() => One(t => t with { Offset = 64 }), "tensor 't': expected data from byte 96 on"),
        ["tensors that overlap"] = (() => EfwBytes.Of(EfwBytes.Floats("a", 1), EfwBytes.Floats("b", 1) with { Offset = 192 }),
            "tensor 'b': expected data from byte 196 on, then its scales, found data at 192"),
        ["scales before their data"] = (() => One(t => t with { Type = 3, Shape = [16], Scales = [1], ScaleOffset = 96 }),
            "tensor 't': expected data from byte 96 on, then its scales"),
        ["a billion scales"] = (() => One(t => t with { Type = 3, Shape = [16], ScaleCount = 1 << 30 }), "1073741824 scales"),
        ["int8 without scales"] = (() => One(t => t with { Type = 3, Shape = [16] }), "tensor 't': expected one scale or one per output, found 0"),
        ["floats with scales"] = (() => One(t => t with { Scales = [1] }), "tensor 't': expected no scales, found 1"),
        ["a zero point of 32 bits"] = (() => One(t => t with { Type = 3, Shape = [16], Scales = [1], ZeroPoint = int.MinValue }),
            "tensor 't': expected a zero point of 8 bits, found -2147483648"),
        ["two tensors of one name"] = (() => EfwBytes.Of(EfwBytes.Floats("a", 1), EfwBytes.Floats("a", 1)),
            "tensor 'a': expected one tensor of that name, found two"),
        ["20,000 empty tensors"] = (() => EfwBytes.Of([.. Enumerable.Range(0, 20_000).Select(i => EfwBytes.Floats($"{i}"))]),
            "at most twice the file's"),
    };

    public static TheoryData<string> HostileFiles => [.. Hostile.Keys];

    [Theory, MemberData(nameof(HostileFiles))]
    public void Hostile_files_are_refused(string name)
    {
        var (content, says) = Hostile[name];
        Assert.Contains(says, Refusal.Of(content()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_more_than_2_GB_is_refused_before_it_is_read()
    {
        using var folder = new TempFolder();
        const int values = 600_000_000;
        var path = folder.Write("a", Set64(One(t => t with { Shape = [values], Bytes = 4L * values }), 16, 192 + 4L * values));
        using (var stream = new FileStream(path, FileMode.Open)) stream.SetLength(192 + 4L * values);
        Assert.Contains("expected 2400000000 bytes of Float32", Refusal.Of(path).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        using var folder = new TempFolder();
        var good = Good();
        for (var length = 0; length < good.Length; length++) Refusal.Of(folder.Write("a", good[..length]));
    }

    [Fact]
    public void A_flipped_bit_is_noticed_or_changes_nothing()
    {
        using var folder = new TempFolder();
        Flips.NoticedOrHarmless(folder["a"], Good());
    }

    [Fact]
    public void Files_changed_behind_a_right_checksum_are_refused_or_read()
    {
        using var folder = new TempFolder();
        var good = Good();
        var opened = 0;
        for (var at = 8; at < good.Length; at++)
        {
            foreach (var value in (byte[])[0, 0x7f, 0xff, (byte)(good[at] ^ 1), (byte)(good[at] ^ 0x40)])
            {
                var changed = good.ToArray();
                changed[at] = value;
                if (Refusal.SurvivesAny(folder.Write("a", EfwBytes.FixHeader(changed)))) opened++;
            }
        }
        Assert.InRange(opened, 100, 4 * good.Length);
    }
}
