using System.Buffers.Binary;

namespace EdgeFace.Vision;

/// <summary>What a file is that holds a picture but is not read, by its first bytes.</summary>
static class OtherFormats
{
    const int BrandAt = 8, BrandBytes = 4, MostBytes = 256;

    /// <summary>The name of the format, in the plural; null where it is not known.</summary>
    public static string? NameOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => OfBrands(bytes),
        [0xFF, 0x0A, ..] or [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] => "JPEG XL pictures",
        [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => "JPEG 2000 pictures",
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => "TIFF and raw pictures",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "PDF documents",
        [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "Photoshop documents",
        _ => IsSvg(bytes[..Math.Min(bytes.Length, MostBytes)]) ? "SVG drawings" : null,
    };

    /// <summary>A text with that element, perhaps behind a byte order mark, a declaration or a comment.</summary>
    static bool IsSvg(ReadOnlySpan<byte> start)
        => start.TrimStart("\uFEFF \t\r\n"u8) is [(byte)'<', ..] text && text.IndexOf("<svg"u8) >= 0;

    /// <summary>Files of boxes say by brands what is in them: the one they are made for, and, behind its version, those they suit.</summary>
    static string OfBrands(ReadOnlySpan<byte> bytes)
    {
        var heic = false;
        var end = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(bytes), Math.Min(bytes.Length, MostBytes));
        for (var at = BrandAt; at + BrandBytes <= end; at += at == BrandAt ? 2 * BrandBytes : BrandBytes)
        {
            var brand = bytes.Slice(at, BrandBytes);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8)) return "AVIF pictures";
            heic |= brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8);
        }
        return heic ? "HEIC pictures" : "HEIC, AVIF and video files";
    }
}
