using System.Buffers.Binary;
using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>The EXIF orientation of a PNG file, which the library reads in JPEG and WebP only.</summary>
static class PngExif
{
    const int SignatureBytes = 8, ChunkBytes = 12, EntryBytes = 12;
    const ushort OrientationTag = 0x112, SixteenBits = 3;

    /// <summary>The orientation that a file's eXIf chunk declares; upright where there is none, or none that makes sense.</summary>
    public static SKEncodedOrigin Orientation(ReadOnlySpan<byte> png)
    {
        for (var rest = png[SignatureBytes..]; rest.Length >= ChunkBytes;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - ChunkBytes) break;
            if (rest.Slice(4, 4).SequenceEqual("eXIf"u8)) return OfTiff(rest.Slice(8, (int)length));
            rest = rest[(ChunkBytes + (int)length)..];
        }
        return SKEncodedOrigin.TopLeft;
    }

    /// <summary>Looks through the first directory of a TIFF structure.</summary>
    static SKEncodedOrigin OfTiff(ReadOnlySpan<byte> tiff)
    {
        var big = tiff.StartsWith("MM\0*"u8);
        if (tiff.Length < 8 || !big && !tiff.StartsWith("II*\0"u8)) return SKEncodedOrigin.TopLeft;
        var directory = big ? BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]);
        if (directory > tiff.Length - 2) return SKEncodedOrigin.TopLeft;
        var entries = tiff[((int)directory + 2)..];
        for (var left = Short(tiff[(int)directory..]); left > 0 && entries.Length >= EntryBytes; left--, entries = entries[EntryBytes..])
            if (Short(entries) == OrientationTag && Short(entries[2..]) == SixteenBits)
                return Short(entries[8..]) is >= 1 and <= 8 and var origin ? (SKEncodedOrigin)origin : SKEncodedOrigin.TopLeft;
        return SKEncodedOrigin.TopLeft;

        int Short(ReadOnlySpan<byte> at) => big ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
    }
}
