using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>Lays out .efw files by hand, right or wrong in any field, with all checksums as they must be.</summary>
sealed class EfwBytes
{
    public const int HeaderBytes = 96;

    public sealed record Entry(string Name, byte Type, int[] Shape, byte[] Data, float[]? Scales = null, int ZeroPoint = 0)
    {
        public ulong? Offset { get; init; }
        public ulong? Bytes { get; init; }
        public ulong? ScaleOffset { get; init; }
        public uint? ScaleCount { get; init; }
        public byte? Rank { get; init; }
        public ushort? NameLength { get; init; }
    }

    public static Entry Floats(string name, params float[] values) => new(name, 0, [values.Length], TorchZip.Bytes(values));

    public static byte[] Of(params ReadOnlySpan<Entry> entries) => Of([], entries.Length, entries);

    public static byte[] Of(byte[] card, int count, params ReadOnlySpan<Entry> entries)
    {
        var tableBytes = 0;
        foreach (var e in entries) tableBytes += 42 + Encoding.UTF8.GetByteCount(e.Name) + 4 * e.Shape.Length;
        using var table = new MemoryStream();
        using var writer = new BinaryWriter(table);
        var data = new List<byte>(new byte[HeaderBytes + tableBytes]);
        data.AddRange(card);
        foreach (var e in entries)
        {
            while (data.Count % 64 != 0) data.Add(0);
            var offset = data.Count;
            data.AddRange(e.Data);
            while (data.Count % 4 != 0) data.Add(0);
            var scaleOffset = data.Count;
            var scales = TorchZip.Bytes<float>(e.Scales ?? []);
            data.AddRange(scales);
            var name = Encoding.UTF8.GetBytes(e.Name);
            writer.Write(e.NameLength ?? (ushort)name.Length);
            writer.Write(name);
            writer.Write(e.Type);
            writer.Write(e.Rank ?? (byte)e.Shape.Length);
            writer.Write((ushort)0);
            foreach (var d in e.Shape) writer.Write(d);
            writer.Write(e.Offset ?? (ulong)offset);
            writer.Write(e.Bytes ?? (ulong)e.Data.Length);
            writer.Write(e.ScaleOffset ?? (ulong)scaleOffset);
            writer.Write(e.ScaleCount ?? (uint)(e.Scales?.Length ?? 0));
            writer.Write(e.ZeroPoint);
            writer.Write(Crc32C([.. e.Data, .. scales]));
        }
        var file = data.ToArray();
        table.ToArray().CopyTo(file, HeaderBytes);
        byte[] magic = [0x89, (byte)'E', (byte)'F', (byte)'W', 0x0D, 0x0A, 0x1A, 0x0A];
        magic.CopyTo(file, 0);
        file[8] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), count);
        long[] places = [file.Length, HeaderBytes, tableBytes, HeaderBytes + tableBytes, card.Length];
        for (var i = 0; i < places.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16 + 8 * i), places[i]);
        return FixHeader(file);
    }

    /// <summary>Makes the header's checksum right again, where its sections are inside the file.</summary>
    public static byte[] FixHeader(byte[] file)
    {
        var covered = new List<byte>(file[..88]);
        foreach (var at in (int[])[24, 40])
        {
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)),
                size = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 8));
            if (offset > (ulong)file.Length || size > (ulong)file.Length - offset) return file;
            covered.AddRange(file.AsSpan((int)offset, (int)size));
        }
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(88), Crc32C([.. covered]));
        return file;
    }

    /// <summary>CRC-32C bit by bit, as RFC 3720 defines it.</summary>
    public static uint Crc32C(byte[] bytes)
    {
        var crc = ~0u;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }
        return ~crc;
    }
}
