namespace EdgeFace.Vision.Detection;

/// <summary>
/// A picture and its half-size copies, each pixel the mean of 2 x 2 of the level before; levels are made when first asked for, and freed with the
/// pyramid.
/// </summary>
sealed class ImagePyramid(RgbImage image) : IDisposable
{
    readonly List<RgbImage> _levels = [image];

    public RgbImage Picture => _levels[0];

    /// <summary>Level k, or the smallest there can be: a level is at least 2 pixels wide and high.</summary>
    public RgbImage Level(ref int level)
    {
        while (_levels.Count <= level && _levels[^1] is { Width: >= 4, Height: >= 4 } last) _levels.Add(Halve(last));
        level = Math.Min(level, _levels.Count - 1);
        return _levels[level];
    }

    static RgbImage Halve(RgbImage image)
    {
        int width = image.Width / 2, height = image.Height / 2;
        var half = RgbImage.InNativeMemory(width, height);
        for (var y = 0; y < height; y++)
        {
            var top = image.Pixels.Slice(2 * y * image.Width * 3, image.Width * 3);
            var bottom = image.Pixels.Slice((2 * y + 1) * image.Width * 3, image.Width * 3);
            var row = half.Target.Slice(y * width * 3, width * 3);
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 3; c++)
                    row[3 * x + c] = (byte)((top[6 * x + c] + top[6 * x + 3 + c] + bottom[6 * x + c] + bottom[6 * x + 3 + c] + 2) >> 2);
        }
        return half;
    }

    public void Dispose()
    {
        foreach (var level in _levels.Skip(1)) level.Free();
    }

    /// <summary>The level to sample from when one step of the target covers the given number of source pixels.</summary>
    public static int LevelFor(double step, double most)
    {
        var level = 0;
        for (; step >= most; step /= 2) level++;
        return level;
    }

    /// <summary>
    /// Fills a part of the picture scaled by s into an NHWC float map with 3 channels, values byte / 127.5 - 1. Target pixel (x, y) shows the scaled
    /// picture's pixel (left + x, top + y); what lies beyond it is 0.
    /// </summary>
    public void Resample(double s, int left, int top, int width, int height, Span<float> target)
    {
        // From a half-size level when it shrinks by more than 1.5, a quarter-size one beyond 3, and so on, so that nothing aliases.
        var k = LevelFor(1 / s, 1.5 + 1e-9);
        var source = Level(ref k);
        int scaledWidth = Scaled(Picture.Width, s), scaledHeight = Scaled(Picture.Height, s);
        var columns = Axis(left, width, scaledWidth, s, k, source.Width);
        target.Clear();
        for (var y = 0; y < Math.Min(height, scaledHeight - top); y++)
        {
            var (y0, y1, fy) = Position(top + y, s, k, source.Height);
            ReadOnlySpan<byte> upper = source.Pixels.Slice(y0 * source.Width * 3, source.Width * 3), lower = source.Pixels.Slice(y1 * source.Width * 3, source.Width * 3);
            var row = target.Slice(y * width * 3, width * 3);
            for (var x = 0; x < columns.Length; x++)
            {
                var (x0, x1, fx) = columns[x];
                for (var c = 0; c < 3; c++)
                {
                    float a = upper[x0 * 3 + c], b = upper[x1 * 3 + c], d = lower[x0 * 3 + c], e = lower[x1 * 3 + c];
                    float high = a + (b - a) * fx, low = d + (e - d) * fx;
                    row[x * 3 + c] = (high + (low - high) * fy) / 127.5f - 1;
                }
            }
        }
    }

    /// <summary>A side of the picture scaled by s, in whole pixels.</summary>
    public static int Scaled(int side, double s) => Math.Max(1, (int)Math.Round(side * s));

    static (int, int, float)[] Axis(int first, int count, int scaled, double s, int level, int side)
        => [.. Enumerable.Range(0, Math.Max(0, Math.Min(count, scaled - first))).Select(x => Position(first + x, s, level, side))];

    static (int, int, float) Position(int target, double s, int level, int side)
    {
        var at = Math.Clamp((target + 0.5) / s / (1 << level) - 0.5, 0, side - 1);
        var low = (int)at;
        return (low, Math.Min(low + 1, side - 1), (float)(at - low));
    }

    /// <summary>One value of a level at a point in its pixels, bilinear; what lies outside is 0 in the scale byte / 127.5 - 1.</summary>
    public static void Sample(RgbImage level, double x, double y, Span<float> rgb)
    {
        rgb.Clear();
        if (!(x > -1 && y > -1 && x < level.Width && y < level.Height)) return;
        int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y);
        float fx = (float)(x - x0), fy = (float)(y - y0);
        Add(x0, y0, (1 - fx) * (1 - fy), rgb);
        Add(x0 + 1, y0, fx * (1 - fy), rgb);
        Add(x0, y0 + 1, (1 - fx) * fy, rgb);
        Add(x0 + 1, y0 + 1, fx * fy, rgb);

        void Add(int px, int py, float weight, Span<float> sum)
        {
            if ((uint)px >= (uint)level.Width || (uint)py >= (uint)level.Height) return;
            var pixel = level.Pixels.Slice((py * level.Width + px) * 3, 3);
            for (var c = 0; c < 3; c++) sum[c] += weight * (pixel[c] / 127.5f - 1);
        }
    }
}
