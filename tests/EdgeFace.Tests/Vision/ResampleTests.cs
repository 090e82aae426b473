using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Tests.Vision;

public sealed unsafe class ResampleTests
{
    const int Width = 240, Height = 200;

    // Grey levels of a plane; one that is not whole is rounded where it is stored.
    static double Level(double x, double y, int c) => c switch { 0 => 20 + 0.9 * x, 1 => 230 - y, _ => 10 + 0.5 * x + 0.6 * y };

    static RgbImage Gradient()
    {
        var pixels = new byte[3 * Width * Height];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)Math.Round(Level(i / 3 % Width, i / 3 / Width, i % 3));
        return new(Width, Height, pixels);
    }

    public static TheoryData<string> Sets => [.. KernelSet.Available.Select(k => k.Name)];

    public static TheoryData<string, double> Scales
        => new(KernelSet.Available.SelectMany(k => ((double[])[1.0, 0.9, 0.67, 0.5, 0.4, 0.25, 0.13, 0.07, 1.7, 3.0]).Select(s => (k.Name, s))));

    [Theory, MemberData(nameof(Scales))]
    public void A_gradient_stays_the_same_gradient_at_every_scale(string set, double s)
    {
        var kernels = KernelSet.ByName(set);
        using var pyramid = new ImagePyramid(kernels);
        using var rows = new ScaledRows(kernels, 1 / 127.5f, -1);
        int width = ImagePyramid.Scaled(Width, s), height = ImagePyramid.Scaled(Height, s);
        const int left = 2, top = 1;
        var map = new float[width * height * 3];
        fixed (byte* pixels = Gradient().Pixels)
        {
            pyramid.Begin(pixels, Width, Height);
            rows.Set(pyramid, s, left, top, width);
            for (var y = 0; y < height; y++)
            {
                using var row = new GuardedBuffer(3 * width);
                rows.Read(y, row.Pointer);
                row.ToArray().CopyTo(map, y * 3 * width);
            }
        }
        // Within this of the picture's edge there is nothing to interpolate between.
        var edge = Math.Max(0.5, 1 / s);
        // Half a grey level for each time that pixels were rounded: when made, and once for each half-size copy.
        var tolerance = 0.5 * (1 + ImagePyramid.LevelFor(1 / s, 1.5 + 1e-9)) + 0.01;
        var compared = 0;
        for (var i = 0; i < map.Length; i++)
        {
            int tx = i / 3 % width, ty = i / 3 / width;
            double x = (left + tx + 0.5) / s - 0.5, y = (top + ty + 0.5) / s - 0.5;
            if (tx >= width - left || ty >= height - top)
            {
                Assert.Equal(0, map[i]);
            }
            else if (x >= edge && y >= edge && x <= Width - 1 - edge && y <= Height - 1 - edge)
            {
                Assert.Equal(Level(x, y, i % 3), (map[i] + 1) * 127.5, tolerance);
                compared++;
            }
        }
        Assert.InRange(compared, map.Length / 2, map.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(9)]
    public void At_half_the_size_pixels_are_the_means_of_four_also_where_a_side_is_odd(int side)
    {
        var random = new Random(side);
        var pixels = new byte[3 * side * side];
        random.NextBytes(pixels);
        using var pyramid = new ImagePyramid(KernelSet.Default);
        using var rows = new ScaledRows(KernelSet.Default, 1, 0);
        using var row = new GuardedBuffer(3 * 32);
        fixed (byte* p = pixels)
        {
            pyramid.Begin(p, side, side);
            rows.Set(pyramid, 0.5, 0, 0, 32);
            for (var y = 0; y < 32; y++)
            {
                rows.Read(y, row.Pointer);
                for (var i = 0; i < row.Count && side >= 4; i++)
                {
                    int x = i / 3, c = i % 3;
                    if (x < side / 2 && y < side / 2)
                        Assert.Equal(
                            (At(2 * x, 2 * y) + At(2 * x + 1, 2 * y) + At(2 * x, 2 * y + 1) + At(2 * x + 1, 2 * y + 1)) / 4.0, row[i], 0.51);
                    else Assert.Equal(0, row[i]);

                    int At(int px, int py) => pixels[3 * (py * side + px) + c];
                }
            }
        }
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_thin_picture_is_sampled_where_it_is_looked_at(string set)
    {
        // No smaller copy is made of it, so that the samples lie far apart.
        const int width = 3000, height = 3;
        var pixels = new byte[3 * width * height];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)(i / 3 % width / 15 + 10 * (i % 3));
        using var pyramid = new ImagePyramid(KernelSet.ByName(set));
        using var rows = new ScaledRows(KernelSet.ByName(set), 1, 0);
        using var row = new GuardedBuffer(3 * 64);
        fixed (byte* p = pixels)
        {
            pyramid.Begin(p, width, height);
            rows.Set(pyramid, 0.02, 0, 0, 64);
            rows.Read(0, row.Pointer);
        }
        for (var i = 0; i < row.Count; i++) Assert.Equal(i / 3 < 60 ? ((i / 3 + 0.5) / 0.02 - 0.5) / 15 + 10 * (i % 3) : 0, row[i], 1.01);
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_patch_of_a_gradient_lies_on_it_and_outside_there_is_nothing(string set)
    {
        var kernels = KernelSet.ByName(set);
        using var pyramid = new ImagePyramid(kernels);
        var patch = new PatchRows(kernels);
        using var row = new GuardedBuffer(3 * RefinerNetwork.PatchSize);
        var random = new Random(3);
        int inside = 0, outside = 0;
        fixed (byte* pixels = Gradient().Pixels)
        {
            pyramid.Begin(pixels, Width, Height);
            for (var i = 0; i < 60; i++)
            {
                double angle = random.NextDouble() * Math.Tau, scale = 0.2 + 0.6 * random.NextDouble();
                var (right, down) = (random.Next(-60, Width), random.Next(-60, Height));
                var transform = new SimilarityTransform(scale * Math.Cos(angle), scale * Math.Sin(angle), right, down);
                patch.Set(pyramid, transform);
                for (var y = 0; y < RefinerNetwork.PatchSize; y++)
                {
                    patch.Read(y, row.Pointer);
                    for (var x = 0; x < RefinerNetwork.PatchSize; x++)
                    {
                        const double step = 140.0 / 64;
                        var at = transform.Apply(new((float)(56 + (x + 0.5 - 32) * step), (float)(64 + (y + 0.5 - 32) * step)));
                        var isOutside = at.X < -1.01 || at.Y < -1.01 || at.X > Width + 0.01 || at.Y > Height + 0.01;
                        var isInside = at.X >= 0 && at.Y >= 0 && at.X <= Width - 1 && at.Y <= Height - 1;
                        (inside, outside) = (inside + (isInside ? 1 : 0), outside + (isOutside ? 1 : 0));
                        for (var c = 0; c < 3; c++)
                        {
                            if (isOutside) Assert.Equal(0, row[3 * x + c]);
                            if (isInside) Assert.Equal(Level(at.X, at.Y, c), (row[3 * x + c] + 1) * 127.5, 0.6);
                        }
                    }
                }
            }
        }
        Assert.True(inside > 10000 && outside > 10000, $"{inside} pixels inside, {outside} outside");
    }

    [Theory, MemberData(nameof(Sets))]
    public void A_half_size_copy_holds_the_means_of_four_pixels(string set)
    {
        foreach (var (width, height) in ((int, int)[])[(9, 7), (4, 4), (64, 5), (77, 6), (34, 4)])
        {
            var pixels = new byte[3 * width * height];
            new Random(4).NextBytes(pixels);
            using var pyramid = new ImagePyramid(KernelSet.ByName(set));
            fixed (byte* p = pixels)
            {
                pyramid.Begin(p, width, height);
                var level = 1;
                var half = pyramid.Level(ref level);
                Assert.Equal((1, width / 2, height / 2), (level, half.Width, half.Height));
                for (var y = 0; y < half.Height; y++)
                    for (var x = 0; x < half.Width; x++)
                        for (var c = 0; c < 3; c++)
                        {
                            int At(int dx, int dy) => pixels[((2 * y + dy) * width + 2 * x + dx) * 3 + c];
                            Assert.Equal((At(0, 0) + At(1, 0) + At(0, 1) + At(1, 1) + 2) / 4, half.Row(y)[3 * x + c]);
                        }
            }
        }
    }

    [Fact]
    public void A_level_is_at_least_two_pixels_wide_and_high()
    {
        using var pyramid = new ImagePyramid(KernelSet.Default);
        fixed (byte* pixels = new byte[3 * 9 * 7])
        {
            pyramid.Begin(pixels, 9, 7);
            var level = 9;
            Assert.Equal((4, 3), (pyramid.Level(ref level).Width, pyramid.Level(ref level).Height));
            Assert.Equal(1, level);
        }
    }
}
