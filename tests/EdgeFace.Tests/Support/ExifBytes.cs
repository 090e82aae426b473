using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>Puts an EXIF orientation into files of several formats.</summary>
static class ExifBytes
{
    public static byte[] InJpeg(byte[] jpeg, int orientation, bool bigEndian)
    {
        byte[] exif = [.. "Exif\0\0"u8, .. Tiff(orientation, bigEndian)];
        return [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg.AsSpan(2)];
    }

    /// <summary>A lossless WebP of one chunk, in the extended format that can hold more.</summary>
    public static byte[] InWebP(byte[] webp, int width, int height, int orientation)
    {
        byte[] extended = [0x08, 0, 0, 0, (byte)(width - 1), 0, 0, (byte)(height - 1), 0, 0];
        byte[] chunks = [.. "WEBP"u8, .. Riff("VP8X", extended), .. webp.AsSpan(12), .. Riff("EXIF", Tiff(orientation, bigEndian: false))];
        return Riff("RIFF", chunks);
    }

    static byte[] Riff(string type, byte[] data)
    {
        byte[] chunk = [.. Encoding.ASCII.GetBytes(type), 0, 0, 0, 0, .. data, .. new byte[data.Length % 2]];
        BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(4), data.Length);
        return chunk;
    }

    /// <summary>One directory with one entry: tag 0x112, type 3 (16 bits), one value.</summary>
    public static byte[] Tiff(int orientation, bool bigEndian)
        => bigEndian
            ? [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0]
            : [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0, 0, 0];
}
