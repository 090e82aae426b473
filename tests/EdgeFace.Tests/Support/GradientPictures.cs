using EdgeFace.Vision;

namespace EdgeFace.Tests.Support;

/// <summary>The pictures of Fixtures/images, and the formulas of the gradients that they show.</summary>
static class GradientPictures
{
    static readonly string Folder = Path.Combine(TestData.Repository, "tests", "EdgeFace.Tests", "Fixtures", "images");

    public static IReadOnlyList<string> Names { get; } = [.. Directory.GetFiles(Folder).Select(f => Path.GetFileName(f))
        .Where(f => Path.GetExtension(f) is not (".sh" or ".md")).Order(StringComparer.Ordinal)];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    public static byte[] Colour(int x, int y) => [(byte)(8 * x), (byte)(10 * y), (byte)(255 - 4 * x - 5 * y)];

    public static byte[] Grey(int x, int y) => [(byte)(4 * x + 5 * y), (byte)(4 * x + 5 * y), (byte)(4 * x + 5 * y)];

    public static byte Alpha(int x) => (byte)(255 - 8 * x);

    /// <summary>A colour of this alpha on white paper.</summary>
    public static byte[] OverWhite(byte[] colour, double alpha) => [.. colour.Select(c => (byte)Math.Round(255 + (c - 255) * alpha / 255))];

    /// <summary>Asserts size and pixels.</summary>
    public static void Shows(RgbImage image, int width, int height, Func<int, int, byte[]> expected, int tolerance = 0)
    {
        Assert.Equal((width, height), (image.Width, image.Height));
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                byte[] wanted = expected(x, y), found = image.Pixels.Slice((y * width + x) * 3, 3).ToArray();
                for (var c = 0; c < 3; c++)
                    Assert.True(Math.Abs(wanted[c] - found[c]) <= tolerance,
                        $"pixel ({x}, {y}) is {string.Join(' ', found)}, not {string.Join(' ', wanted)} to {tolerance}");
            }
    }
}
