namespace EdgeFace.Vision;

/// <summary>
/// What a JPEG encoder of a low quality leaves of a picture: 8 x 8 blocks, the standard tables (ISO/IEC 10918-1, annex K), colours at half size.
/// </summary>
static class BlockCompression
{
    static readonly int[] Luminance =
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    static readonly int[] Chrominance =
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ];

    static readonly double[,] Cosines = MakeCosines();

    /// <param name="quality">As libjpeg counts it, 1 to 100.</param>
    public static RgbImage Of(RgbImage image, int quality)
    {
        int width = image.Width, height = image.Height, halfWidth = (width + 1) / 2, halfHeight = (height + 1) / 2;
        double[] luma = new double[width * height], blue = new double[halfWidth * halfHeight],
            red = new double[halfWidth * halfHeight], count = new double[halfWidth * halfHeight];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var p = Distortion.Pixel(image, x, y);
                var half = y / 2 * halfWidth + x / 2;
                luma[y * width + x] = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] - 128;
                blue[half] += -0.168736 * p[0] - 0.331264 * p[1] + 0.5 * p[2];
                red[half] += 0.5 * p[0] - 0.418688 * p[1] - 0.081312 * p[2];
                count[half]++;
            }
        for (var i = 0; i < count.Length; i++) (blue[i], red[i]) = (blue[i] / count[i], red[i] / count[i]);
        Quantise(luma, width, height, Scaled(Luminance, quality));
        Quantise(blue, halfWidth, halfHeight, Scaled(Chrominance, quality));
        Quantise(red, halfWidth, halfHeight, Scaled(Chrominance, quality));
        return Distortion.Make(width, height, (x, y, rgb) =>
        {
            double l = luma[y * width + x] + 128, cb = blue[y / 2 * halfWidth + x / 2], cr = red[y / 2 * halfWidth + x / 2];
            (rgb[0], rgb[1], rgb[2]) =
                (Distortion.Byte(l + 1.402 * cr), Distortion.Byte(l - 0.344136 * cb - 0.714136 * cr), Distortion.Byte(l + 1.772 * cb));
        });
    }

    static int[] Scaled(int[] table, int quality)
    {
        var scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        return [.. table.Select(t => Math.Clamp((t * scale + 50) / 100, 1, 255))];
    }

    static void Quantise(double[] plane, int width, int height, int[] table)
    {
        double[] block = new double[64], half = new double[64];
        for (var top = 0; top < height; top += 8)
            for (var left = 0; left < width; left += 8)
            {
                for (var i = 0; i < 64; i++) block[i] = plane[Math.Min(top + i / 8, height - 1) * width + Math.Min(left + i % 8, width - 1)];
                Transform(block, half, forward: true);
                for (var i = 0; i < 64; i++) block[i] = Math.Round(block[i] / table[i]) * table[i];
                Transform(block, half, forward: false);
                for (var i = 0; i < 64; i++)
                    if (top + i / 8 < height && left + i % 8 < width) plane[(top + i / 8) * width + left + i % 8] = block[i];
            }
    }

    static void Transform(double[] block, double[] half, bool forward)
    {
        for (var y = 0; y < 8; y++)
            for (var u = 0; u < 8; u++)
            {
                double sum = 0;
                for (var x = 0; x < 8; x++) sum += block[8 * y + x] * (forward ? Cosines[u, x] : Cosines[x, u]);
                half[8 * y + u] = sum;
            }
        for (var x = 0; x < 8; x++)
            for (var v = 0; v < 8; v++)
            {
                double sum = 0;
                for (var y = 0; y < 8; y++) sum += half[8 * y + x] * (forward ? Cosines[v, y] : Cosines[y, v]);
                block[8 * v + x] = sum;
            }
    }

    static double[,] MakeCosines()
    {
        var table = new double[8, 8];
        for (var u = 0; u < 8; u++)
            for (var x = 0; x < 8; x++) table[u, x] = (u == 0 ? Math.Sqrt(0.125) : 0.5) * Math.Cos((2 * x + 1) * u * Math.PI / 16);
        return table;
    }
}
