using System.Numerics;

namespace EdgeFace.Vision;

/// <summary>What spoils pictures, as pure functions of pixels; seeded where there is chance in it.</summary>
static class Distortion
{
    /// <summary>Turned clockwise by a multiple of 90 degrees, as a camera held otherwise would have taken it.</summary>
    public static RgbImage Turn(RgbImage image, int quarters)
    {
        var (width, height) = quarters % 2 == 0 ? (image.Width, image.Height) : (image.Height, image.Width);
        return Make(width, height, (x, y, rgb) =>
        {
            var (sx, sy) = (quarters & 3) switch
            {
                0 => (x, y),
                1 => (y, image.Height - 1 - x),
                2 => (image.Width - 1 - x, image.Height - 1 - y),
                _ => (image.Width - 1 - y, x),
            };
            Pixel(image, sx, sy).CopyTo(rgb);
        });
    }

    /// <summary>Each channel times a factor plus an offset, in 8-bit levels.</summary>
    public static RgbImage Levels(RgbImage image, double[] factors, double offset = 0)
        => Make(image.Width, image.Height, (x, y, rgb) =>
        {
            var pixel = Pixel(image, x, y);
            for (var c = 0; c < 3; c++) rgb[c] = Byte(pixel[c] * factors[c] + offset);
        });

    /// <summary>Gaussian blur, sigma in pixels; borders are repeated.</summary>
    public static RgbImage Blur(RgbImage image, double sigma)
    {
        var radius = (int)Math.Ceiling(3 * sigma);
        if (radius < 1) return image;
        var weights = new float[2 * radius + 1];
        for (var i = -radius; i <= radius; i++) weights[i + radius] = (float)Math.Exp(-i * i / (2 * sigma * sigma));
        var sum = weights.Sum();
        for (var i = 0; i < weights.Length; i++) weights[i] /= sum;
        // Rows, then columns, as sums of weighted lines.
        int row = 3 * image.Width, height = image.Height;
        var across = new float[row * height];
        var padded = new float[row + 6 * radius];
        for (var y = 0; y < height; y++)
        {
            for (var i = 0; i < padded.Length; i++) padded[i] = image.Pixels[y * row + 3 * Math.Clamp(i / 3 - radius, 0, image.Width - 1) + i % 3];
            for (var i = 0; i < weights.Length; i++) Add(padded.AsSpan(3 * i, row), weights[i], across.AsSpan(y * row, row));
        }
        var pixels = new byte[across.Length];
        var line = new float[row];
        for (var y = 0; y < height; y++)
        {
            Array.Clear(line);
            for (var i = -radius; i <= radius; i++) Add(across.AsSpan(Math.Clamp(y + i, 0, height - 1) * row, row), weights[i + radius], line);
            for (var x = 0; x < row; x++) pixels[y * row + x] = Byte(line[x]);
        }
        return new(image.Width, height, pixels);
    }

    static void Add(ReadOnlySpan<float> values, float weight, Span<float> sums)
    {
        var i = 0;
        for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
            (new Vector<float>(sums[i..]) + weight * new Vector<float>(values[i..])).CopyTo(sums[i..]);
        for (; i < values.Length; i++) sums[i] += weight * values[i];
    }

    /// <summary>Reduced by the mean over the pixels that each new one covers.</summary>
    public static RgbImage Reduce(RgbImage image, double scale)
    {
        int width = Math.Max(1, (int)Math.Round(image.Width * scale)), height = Math.Max(1, (int)Math.Round(image.Height * scale));
        var taps = Math.Max(1, (int)Math.Ceiling(1 / scale));
        var sampled = new byte[3];
        return Make(width, height, (x, y, rgb) =>
        {
            double r = 0, g = 0, b = 0;
            for (var i = 0; i < taps * taps; i++)
            {
                Sample(image, Inside((x + (i % taps + 0.5) / taps) / scale - 0.5, image.Width),
                    Inside((y + (i / taps + 0.5) / taps) / scale - 0.5, image.Height), sampled);
                (r, g, b) = (r + sampled[0], g + sampled[1], b + sampled[2]);
            }
            (rgb[0], rgb[1], rgb[2]) = (Byte(r / (taps * taps)), Byte(g / (taps * taps)), Byte(b / (taps * taps)));
        });
    }

    /// <summary>Enlarged (or reduced without care for aliasing) to a size, bilinear.</summary>
    public static RgbImage Resize(RgbImage image, int width, int height)
        => Make(width, height, (x, y, rgb) => Sample(image,
            Inside((x + 0.5) * image.Width / width - 0.5, image.Width), Inside((y + 0.5) * image.Height / height - 0.5, image.Height), rgb));

    /// <summary>Dark glasses and a mask over nose and mouth, of chance colours, drawn where the face's landmarks say.</summary>
    public static RgbImage Disguise(RgbImage image, in Landmarks landmarks, Random random)
    {
        if (!FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var fromTemplate)) return image;
        var toTemplate = fromTemplate.Inverse();
        byte[] mask = [(byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)],
            glass = [(byte)random.Next(40), (byte)random.Next(40), (byte)random.Next(40)];
        var upper = 66 + random.Next(8);
        return Make(image.Width, image.Height, (x, y, rgb) =>
        {
            var at = toTemplate.Apply(new Point(x, y));
            double left = Ellipse(at, 38, 52, 15, 11), right = Ellipse(at, 74, 52, 15, 11);
            if (left < 1 || right < 1 || at is { X: > 45 and < 67, Y: > 49 and < 53 }) glass.CopyTo(rgb);
            else if (at.Y > upper && Ellipse(at, 56, 70, 41, 48) < 1) mask.CopyTo(rgb);
            else Pixel(image, x, y).CopyTo(rgb);
        });

        static double Ellipse(Point p, double x, double y, double a, double b) => (p.X - x) * (p.X - x) / (a * a) + (p.Y - y) * (p.Y - y) / (b * b);
    }

    public delegate void Shade(int x, int y, Span<byte> rgb);

    public static RgbImage Make(int width, int height, Shade shade)
    {
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) shade(x, y, pixels.AsSpan(3 * (y * width + x), 3));
        return new RgbImage(width, height, pixels);
    }

    public static ReadOnlySpan<byte> Pixel(RgbImage image, int x, int y) => image.Pixels.Slice(3 * (y * image.Width + x), 3);

    public static byte Byte(double value) => (byte)Math.Clamp(value + 0.5, 0, 255);

    static double Inside(double at, int side) => Math.Clamp(at, 0, side - 1);

    public static void Sample(RgbImage image, double x, double y, Span<byte> rgb)
    {
        rgb.Clear();
        if (!(x > -1 && y > -1 && x < image.Width && y < image.Height)) return;
        int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y);
        double fx = x - x0, fy = y - y0;
        for (var c = 0; c < 3; c++)
            rgb[c] = Byte((At(x0, y0, c) * (1 - fx) + At(x0 + 1, y0, c) * fx) * (1 - fy)
                + (At(x0, y0 + 1, c) * (1 - fx) + At(x0 + 1, y0 + 1, c) * fx) * fy);

        double At(int px, int py, int c) => (uint)px < (uint)image.Width && (uint)py < (uint)image.Height ? Pixel(image, px, py)[c] : 0;
    }
}
