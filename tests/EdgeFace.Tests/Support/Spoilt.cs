using EdgeFace.Vision;

namespace EdgeFace.Tests.Support;

/// <summary>Pictures from which nobody can be recognised any more, made of pictures from which somebody can.</summary>
static class Spoilt
{
    /// <summary>Turned clockwise by quarters.</summary>
    public static RgbImage Turned(RgbImage image, int quarters)
    {
        for (; quarters > 0; quarters--)
        {
            var from = image;
            image = Make(from.Height, from.Width, (x, y) => (y, from.Height - 1 - x), from);
        }
        return image;
    }

    /// <summary>As if the picture had so many pixels in each direction as the n-th part: each n x n pixels are their mean.</summary>
    public static RgbImage Coarse(RgbImage image, int n)
    {
        var pixels = image.Pixels.ToArray();
        for (var y = 0; y + n <= image.Height; y += n)
            for (var x = 0; x + n <= image.Width; x += n)
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0;
                    for (var i = 0; i < n * n; i++) sum += pixels[((y + i / n) * image.Width + x + i % n) * 3 + c];
                    for (var i = 0; i < n * n; i++) pixels[((y + i / n) * image.Width + x + i % n) * 3 + c] = (byte)(sum / (n * n));
                }
        return new(image.Width, image.Height, pixels);
    }

    /// <summary>Blurred by means over squares, three times.</summary>
    public static RgbImage Blurred(RgbImage image, int radius)
    {
        var pixels = image.Pixels.ToArray();
        for (var i = 0; i < 3; i++)
        {
            pixels = Means(pixels, image.Width, image.Height, 3, image.Width * 3, radius);
            pixels = Means(pixels, image.Height, image.Width, image.Width * 3, 3, radius);
        }
        return new(image.Width, image.Height, pixels);
    }

    /// <summary>With dark glasses, and a mask over nose and mouth, on a crop.</summary>
    public static RgbImage Covered(RgbImage crop)
    {
        var pixels = crop.Pixels.ToArray();
        for (var y = 0; y < crop.Height; y++)
            for (var x = 0; x < crop.Width; x++)
            {
                var at = pixels.AsSpan((y * crop.Width + x) * 3, 3);
                if (Within(x, y, 38, 52, 15, 11) || Within(x, y, 74, 52, 15, 11)) at.Fill(20);
                else if (y > 70 && Within(x, y, 56, 70, 41, 48)) at.Fill(190);
            }
        return new(crop.Width, crop.Height, pixels);

        static bool Within(int x, int y, double cx, double cy, double a, double b)
            => (x - cx) * (x - cx) / (a * a) + (y - cy) * (y - cy) / (b * b) < 1;
    }

    /// <summary>With up to so many levels more or less, for each channel of each pixel.</summary>
    public static RgbImage Noisy(RgbImage image, int levels)
    {
        var random = new Random(levels);
        return new(image.Width, image.Height,
            [.. image.Pixels.ToArray().Select(v => (byte)Math.Clamp(v + random.Next(-levels, levels + 1), 0, 255))]);
    }

    /// <summary>Each value times a factor, plus an offset.</summary>
    public static RgbImage Levels(RgbImage image, double factor, double offset = 0)
        => new(image.Width, image.Height, [.. image.Pixels.ToArray().Select(v => (byte)Math.Clamp(v * factor + offset + 0.5, 0, 255))]);

    /// <summary>Two pictures side by side, on black.</summary>
    public static RgbImage Beside(RgbImage left, RgbImage right)
    {
        int width = left.Width + right.Width, height = Math.Max(left.Height, right.Height);
        var pixels = new byte[3 * width * height];
        foreach (var (image, at) in ((RgbImage, int)[])[(left, 0), (right, left.Width)])
            for (var y = 0; y < image.Height; y++)
                image.Pixels.Slice(3 * y * image.Width, 3 * image.Width).CopyTo(pixels.AsSpan(3 * (y * width + at)));
        return new(width, height, pixels);
    }

    static byte[] Means(byte[] from, int length, int lines, int step, int stride, int radius)
    {
        var to = new byte[from.Length];
        for (var line = 0; line < lines; line++)
            for (var c = 0; c < 3; c++)
                for (var i = 0; i < length; i++)
                {
                    var sum = 0;
                    for (var d = -radius; d <= radius; d++) sum += from[line * stride + Math.Clamp(i + d, 0, length - 1) * step + c];
                    to[line * stride + i * step + c] = (byte)(sum / (2 * radius + 1));
                }
        return to;
    }

    static RgbImage Make(int width, int height, Func<int, int, (int X, int Y)> source, RgbImage from)
    {
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (sx, sy) = source(x, y);
                from.Pixels.Slice((sy * from.Width + sx) * 3, 3).CopyTo(pixels.AsSpan((y * width + x) * 3));
            }
        return new(width, height, pixels);
    }
}
