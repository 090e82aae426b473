using System.IO.Compression;
using System.Runtime.InteropServices;

namespace EdgeFace.Tests.Support;

/// <summary>Archives as torch.save writes them, and archives that only look like it.</summary>
static class TorchZip
{
    public static byte[] Of(byte[] pickle, params ReadOnlySpan<(string Key, byte[] Bytes)> storages)
    {
        var entries = new List<(string, byte[])> { ("net/data.pkl", pickle) };
        foreach (var (key, bytes) in storages) entries.Add(($"net/data/{key}", bytes));
        entries.Add(("net/version", "3\n"u8.ToArray()));
        return Archive(CompressionLevel.NoCompression, [.. entries]);
    }

    public static byte[] Archive(CompressionLevel level, params ReadOnlySpan<(string Name, byte[] Bytes)> entries)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = archive.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }
        return memory.ToArray();
    }

    public static byte[] Bytes<T>(params ReadOnlySpan<T> values) where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();

    /// <summary>A bit of everything: plain, half, bfloat16, transposed, a parameter, and a quantised layer with and without a bias.</summary>
    public static (byte[] Pickle, (string Key, byte[] Bytes)[] Storages) Everything() => (
        new Pickle().Dictionary(
            ("model.plain.weight", p => p.Tensor("Float", "0", 6, 0, [2, 3], [3, 1])),
            ("model.half.weight", p => p.Tensor("Half", "1", 2, 0, [2], [1])),
            ("model.brain.weight", p => p.Tensor("BFloat16", "2", 2, 0, [2], [1])),
            ("model.turned.weight", p => p.Tensor("Float", "0", 6, 0, [3, 2], [1, 3])),
            ("model.part.weight", p => p.Tensor("Float", "0", 6, 4, [2], [1])),
            ("model.parameter", p => p.Parameter(q => q.Tensor("Float", "3", 1, 0, [], []))),
            ("model.fc.scale", p => p.Tensor("Float", "3", 1, 0, [], [])),
            ("model.fc.zero_point", p => p.Tensor("Long", "4", 1, 0, [], [])),
            ("model.fc._packed_params.dtype", p => p.Global("torch", "qint8")),
            ("model.fc._packed_params._packed_params", p =>
            {
                p.Quantised("QInt8", "5", 6, [2, 3], [3, 1], 0.5, 3);
                p.Parameter(q => q.Tensor("Float", "6", 2, 0, [2], [1])).Raw("\x86");
            }),
            ("model.bare._packed_params._packed_params", p => p.Quantised("QInt8", "5", 6, [2, 3], [3, 1], 0.25, 0).Raw("N\x86"))).End(),
        [
            ("0", Bytes(1f, 2f, 3f, 4f, 5f, 6f)), ("1", Bytes((Half)0.5f, (Half)(-2f))), ("2", Bytes<ushort>(0x3FC0, 0xC000)),
            ("3", Bytes(7f)), ("4", Bytes(0L)),
            ("5", Bytes<sbyte>(-128, -1, 0, 1, 3, 127)), ("6", Bytes(8f, 9f)),
        ]);
}
