using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Tests.Vision;

public sealed class ResampleTests
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

    [Theory]
    [InlineData(1.0), InlineData(0.9), InlineData(0.67), InlineData(0.5), InlineData(0.4), InlineData(0.25), InlineData(0.13), InlineData(0.07), InlineData(1.7), InlineData(3.0)]
    public void A_gradient_stays_the_same_gradient_at_every_scale(double s)
    {
        using var pyramid = new ImagePyramid(Gradient());
        int width = ImagePyramid.Scaled(Width, s), height = ImagePyramid.Scaled(Height, s);
        const int left = 2, top = 1;
        var map = new float[width * height * 3];
        pyramid.Resample(s, left, top, width, height, map);
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

    [Fact]
    public void A_sample_of_a_gradient_lies_on_it_and_outside_there_is_nothing()
    {
        var image = Gradient();
        var random = new Random(3);
        var rgb = new float[3];
        for (var i = 0; i < 1000; i++)
        {
            double x = random.NextDouble() * (Width - 1), y = random.NextDouble() * (Height - 1);
            ImagePyramid.Sample(image, x, y, rgb);
            for (var c = 0; c < 3; c++) Assert.Equal(Level(x, y, c), (rgb[c] + 1) * 127.5, 0.6);
        }
        foreach (var (x, y) in ((double, double)[])[(-1, 5), (5, -1), (Width, 5), (5, Height), (double.NaN, 5), (5, double.NegativeInfinity)])
        {
            ImagePyramid.Sample(image, x, y, rgb);
            Assert.Equal([0, 0, 0], rgb);
        }
    }

    [Fact]
    public void A_half_size_copy_holds_the_means_of_four_pixels()
    {
        var pixels = new byte[3 * 9 * 7];
        new Random(4).NextBytes(pixels);
        var level = 1;
        using var pyramid = new ImagePyramid(new(9, 7, pixels));
        var half = pyramid.Level(ref level);
        Assert.Equal((1, 4, 3), (level, half.Width, half.Height));
        for (var y = 0; y < 3; y++)
            for (var x = 0; x < 4; x++)
                for (var c = 0; c < 3; c++)
                {
                    int At(int dx, int dy) => pixels[((2 * y + dy) * 9 + 2 * x + dx) * 3 + c];
                    Assert.InRange(half.Pixels[(y * 4 + x) * 3 + c] - (At(0, 0) + At(1, 0) + At(0, 1) + At(1, 1)) / 4.0, -0.5, 0.5);
                }
        level = 9;
        Assert.Equal(4, pyramid.Level(ref level).Width);
        Assert.Equal(1, level);
    }
}
