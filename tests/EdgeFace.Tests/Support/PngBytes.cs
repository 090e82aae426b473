using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>Lays out PNG files chunk by chunk, right or wrong in any of them, with all checksums as they must be.</summary>
static class PngBytes
{
    public const byte Grey = 0, Rgb = 2, Palette = 3, Rgba = 6;

    /// <param name="row">The bytes of row y.</param>
    /// <param name="extra">Chunks between the header and the pixels.</param>
    public static byte[] Of(int width, int height, byte colourType, Func<int, byte[]> row, params ReadOnlySpan<byte[]> extra)
        => Of(width, height, colourType, Deflate(Enumerable.Range(0, height).Select(y => (byte[])[0, .. row(y)])), extra);

    public static byte[] Of(int width, int height, byte colourType, byte[] deflated, params ReadOnlySpan<byte[]> extra)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, colourType);
        var file = new List<byte> { 0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A };
        file.AddRange(Chunk("IHDR", header));
        foreach (var chunk in extra) file.AddRange(chunk);
        file.AddRange(Chunk("IDAT", deflated));
        file.AddRange(Chunk("IEND", []));
        return [.. file];
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. data];
        byte[] chunk = [0, 0, 0, 0, .. typed, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32(typed));
        return chunk;
    }

    public static byte[] Deflate(IEnumerable<byte[]> parts)
    {
        using var memory = new MemoryStream();
        using (var stream = new ZLibStream(memory, CompressionLevel.Fastest))
            foreach (var part in parts) stream.Write(part);
        return memory.ToArray();
    }

    static uint Crc32(byte[] bytes)
    {
        var crc = ~0u;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
