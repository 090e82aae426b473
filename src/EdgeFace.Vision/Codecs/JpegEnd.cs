using System.Buffers.Binary;

namespace EdgeFace.Vision;

/// <summary>
/// Looks for a JPEG file's end marker. The library takes a progressive file without its later scans for whole, and one whose missing part
/// is zeros, as interrupted downloads leave it.
/// </summary>
static class JpegEnd
{
    const byte End = 0xD9;

    public static bool IsThere(ReadOnlySpan<byte> jpeg)
    {
        // From marker to marker; between those of a scan lie its coded pixels, where FF is followed by 00.
        for (var rest = jpeg; rest.IndexOf((byte)0xFF) is >= 0 and var at && at + 1 < rest.Length;)
        {
            rest = rest[(at + 1)..];
            switch (rest[0])
            {
                case End:
                    return true;
                case 0xFF or <= 0x01 or >= 0xD0 and < End:
                    break; // padding, or a marker that stands alone
                case var _ when rest.Length < 3:
                    return false;
                default:
                    rest = rest[Math.Min(rest.Length, 1 + BinaryPrimitives.ReadUInt16BigEndian(rest[1..]))..];
                    break;
            }
        }
        return false;
    }
}
