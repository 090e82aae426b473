using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

/// <summary>Pictures from pixels of any layout.</summary>
public sealed class RgbImageTests
{
    public static TheoryData<PixelLayout, int> Layouts => new()
    {
        { PixelLayout.Rgb, 3 }, { PixelLayout.Bgr, 3 }, { PixelLayout.Rgba, 4 }, { PixelLayout.Bgra, 4 }, { PixelLayout.Grey, 1 },
    };

    static byte[] Colour(PixelLayout layout, int x, int y)
    {
        byte r = (byte)(10 + 7 * x), g = (byte)(90 + 11 * y), b = (byte)(200 - 3 * x - 5 * y);
        return layout == PixelLayout.Grey ? [r, r, r] : [r, g, b];
    }

    static byte[] Stored(PixelLayout layout, int x, int y) => (layout, Colour(layout, x, y)) switch
    {
        (PixelLayout.Rgb, var c) => c,
        (PixelLayout.Bgr, [var r, var g, var b]) => [b, g, r],
        (PixelLayout.Rgba, var c) => [.. c, (byte)(x * y)],
        (PixelLayout.Bgra, [var r, var g, var b]) => [b, g, r, (byte)(x * y)],
        (_, var c) => [c[0]],
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Pixels_of_every_layout_and_stride_are_packed_once(PixelLayout layout, int bytes)
    {
        foreach (var (width, height) in ((int, int)[])[(1, 1), (1, 5), (7, 1), (13, 9), (32, 4)])
            foreach (var gap in (int[])[0, 1, 5, 64])
            {
                var stride = width * bytes + gap;
                // After the pixels of the last row nothing follows.
                var frame = new byte[(height - 1) * stride + width * bytes];
                Array.Fill(frame, (byte)251);
                for (var y = 0; y < height; y++)
                    for (var x = 0; x < width; x++) Stored(layout, x, y).CopyTo(frame, y * stride + x * bytes);
                var image = RgbImage.FromPixels(frame, width, height, stride, layout);
                Array.Clear(frame);
                Assert.Equal((width, height, 3 * width * height), (image.Width, image.Height, image.Pixels.Length));
                for (var y = 0; y < height; y++)
                    for (var x = 0; x < width; x++)
                        Assert.Equal(Colour(layout, x, y), image.Pixels.Slice(3 * (y * width + x), 3).ToArray());
            }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Sizes_and_strides_that_do_not_fit_are_refused_without_arithmetic_running_over(PixelLayout layout, int bytes)
    {
        var frame = new byte[4 * 3 * bytes];
        Assert.Equal(4, RgbImage.FromPixels(frame, 4, 3, 4 * bytes, layout).Width);
        foreach (var stride in (int[])[4 * bytes - 1, 0, -1, -4 * bytes, int.MinValue])
            Assert.Contains($"at least {4 * bytes} bytes apart",
                Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.FromPixels(frame, 4, 3, stride, layout)).Message);
        foreach (var (width, height) in ((int, int)[])[(0, 3), (4, 0), (-4, 3), (4, -3), (int.MinValue, int.MinValue)])
            Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.FromPixels(frame, width, height, 4 * bytes, layout));
        Assert.Contains($"not {frame.Length - 1}",
            Assert.Throws<ArgumentException>(() => RgbImage.FromPixels(frame.AsSpan(1), 4, 3, 4 * bytes, layout)).Message);
        Assert.Throws<ArgumentException>(() => RgbImage.FromPixels([], 4, 3, 4 * bytes, layout));
        Assert.Throws<ArgumentException>(() => RgbImage.FromPixels(frame, 4, 3, int.MaxValue, layout));
        Assert.ThrowsAny<ArgumentException>(() => RgbImage.FromPixels(frame, int.MaxValue, int.MaxValue, int.MaxValue, layout));
        Assert.ThrowsAny<ArgumentException>(() => RgbImage.FromPixels(frame, 1, int.MaxValue, bytes, layout));
        Assert.ThrowsAny<ArgumentException>(() => RgbImage.FromPixels(frame, 1 << 16, 1 << 16, 1 << 18, layout));
    }

    [Fact]
    public void What_is_no_layout_is_refused()
        => Assert.Throws<ArgumentOutOfRangeException>(() => RgbImage.FromPixels(new byte[12], 2, 2, 6, (PixelLayout)5));

    [Fact]
    public void Packed_pixels_are_kept_without_a_copy()
    {
        var memory = new byte[100];
        var image = new RgbImage(4, 2, memory.AsMemory(10, 24));
        memory[10] = 77;
        Assert.Equal(77, image.Pixels[0]);
        var array = new byte[24];
        var kept = new RgbImage(4, 2, array);
        array[23] = 78;
        Assert.Equal(78, kept.Pixels[23]);
        Assert.Throws<ArgumentException>(() => new RgbImage(4, 2, memory.AsMemory(0, 23)));
        Assert.Throws<ArgumentException>(() => new RgbImage(4, 2, ReadOnlyMemory<byte>.Empty));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(0, 2, ReadOnlyMemory<byte>.Empty));
    }
}
