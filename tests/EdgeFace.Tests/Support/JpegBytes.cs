using System.Buffers.Binary;

namespace EdgeFace.Tests.Support;

/// <summary>Baseline JPEG files of one grey, of any size and few bytes.</summary>
static class JpegBytes
{
    public static byte[] Grey(int width, int height)
    {
        var frame = new byte[] { 8, 0, 0, 0, 0, 1, 1, 0x11, 0 };
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(3), (ushort)width);
        // Both codes are the single bit 0: "the mean does not change" and "no more coefficients".
        byte[] oneCode = [1, .. new byte[15], 0];
        var blocks = (width + 7) / 8 * ((height + 7) / 8);
        return
        [
            0xFF, 0xD8, .. Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]), .. Segment(0xC0, frame),
            .. Segment(0xC4, [0x00, .. oneCode]), .. Segment(0xC4, [0x10, .. oneCode]), .. Segment(0xDA, [1, 1, 0x00, 0, 63, 0]),
            .. new byte[(2 * blocks + 7) / 8], 0xFF, 0xD9,
        ];
    }

    static byte[] Segment(byte marker, byte[] content) => [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];
}
