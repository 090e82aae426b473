using System.Buffers.Binary;

namespace EdgeFace.Tests.Support;

/// <summary>
/// JPEG files of blocks of 8 x 8 pixels of one colour each: what they show is known exactly.
/// </summary>
static class BlockJpeg
{
    const byte StartOfFrame = 0xC0, Progressive = 0xC2, Huffman = 0xC4, Quantization = 0xDB, Scan = 0xDA, Adobe = 0xEE;

    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="block">Values of the block at (x, y): grey, or R, G, B, or C, M, Y, K where 255 is none.</param>
    /// <param name="progressive">Whether it is decoded by way of memory for all coefficients.</param>
    public static byte[] Of(int width, int height, Func<int, int, byte[]> block, bool progressive = false)
    {
        var components = block(0, 0).Length;
        var frame = new byte[6 + 3 * components];
        (frame[0], frame[5]) = (8, (byte)components);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(3), (ushort)width);
        for (var i = 0; i < components; i++) (frame[6 + 3 * i], frame[7 + 3 * i]) = ((byte)(i + 1), 0x11);
        // Of the mean: nine lengths of differences, 0 to 8 bits, by four bits each. Of what differs from it: the single bit 0, for nothing.
        byte[] mean = [0x00, 0, 0, 0, 9, .. new byte[12], 0, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[] rest = [0x10, 1, .. new byte[15], 0];
        var blocks = (width + 7) / 8 * ((height + 7) / 8);
        IEnumerable<byte> Rest(int component) => [.. Segment(Scan, [1, (byte)component, 0, 1, 63, 0]), .. new byte[(blocks + 7) / 8]];
        byte[] scan =
        [
            (byte)components, .. Enumerable.Range(1, components).SelectMany(c => (byte[])[(byte)c, 0]),
            0, (byte)(progressive ? 0 : 63), 0,
        ];
        return
        [
            0xFF, 0xD8, .. Segment(Adobe, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0]),
            // The mean times eight is what is stored, over eight.
            .. Segment(Quantization, [0, .. Enumerable.Repeat((byte)8, 64)]), .. Segment(progressive ? Progressive : StartOfFrame, frame),
            .. Segment(Huffman, mean), .. Segment(Huffman, rest), .. Segment(Scan, scan),
            .. Coded(width, height, components, block, progressive),
            .. progressive ? Enumerable.Range(1, components).SelectMany(Rest) : [], 0xFF, 0xD9,
        ];
    }

    static List<byte> Coded(int width, int height, int components, Func<int, int, byte[]> block, bool progressive)
    {
        var bytes = new List<byte>();
        var (pending, count) = (0, 0);
        var before = new int[components];
        for (var y = 0; y < (height + 7) / 8; y++)
            for (var x = 0; x < (width + 7) / 8; x++)
            {
                var values = block(x, y);
                for (var c = 0; c < components; c++)
                {
                    int value = values[c] - 128, difference = value - before[c], length = 32 - int.LeadingZeroCount(Math.Abs(difference));
                    before[c] = value;
                    Put(length, 4);
                    Put(difference < 0 ? difference + (1 << length) - 1 : difference, length);
                    if (!progressive) Put(0, 1);
                }
            }
        while (count > 0) Put(1, 1);
        return bytes;

        void Put(int bits, int length)
        {
            for (var i = length - 1; i >= 0; i--)
            {
                pending = pending << 1 | bits >> i & 1;
                if (++count < 8) continue;
                bytes.Add((byte)pending);
                if ((byte)pending == 0xFF) bytes.Add(0);
                (pending, count) = (0, 0);
            }
        }
    }

    static byte[] Segment(byte marker, byte[] content) => [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];
}
