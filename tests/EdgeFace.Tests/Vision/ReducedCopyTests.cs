using EdgeFace.Kernels;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Tests.Vision;

/// <summary>Of large JPEGs a copy at a fraction of the size is decoded, and from it faces are taken that are large enough.</summary>
public sealed class ReducedCopyTests
{
    static byte[] Colour(int x, int y) => [(byte)(x * 7), (byte)(y * 5), (byte)(255 - x * 3 - y)];

    [Theory]
    [InlineData(2559, 1000, 0), InlineData(2560, 1000, 2), InlineData(1000, 2560, 2)]
    [InlineData(5119, 40, 2), InlineData(5120, 40, 3), InlineData(12000, 40, 3)]
    [InlineData(2560, 7, 0), InlineData(2560, 8, 2)]
    public void The_size_alone_says_whether_there_is_one(int width, int height, int level)
    {
        using var leased = ImageCodec.Lease(BlockJpeg.Of(width, height, Colour));
        Assert.Equal((width, height, level), (leased.Image.Width, leased.Image.Height, leased.Image.Reduced?.Level ?? 0));
        if (leased.Image.Reduced is { } reduced) Assert.Equal((width >> level, height >> level), (reduced.Image.Width, reduced.Image.Height));
    }

    [Fact]
    public void Other_formats_have_none()
        => Assert.Null(ImageCodec.Decode(PngBytes.Of(4000, 20, PngBytes.Grey, _ => new byte[4000])).Reduced);

    // Sides that end within a block, and within a pixel of the copy.
    [Theory]
    [InlineData(2560, 1600, false), InlineData(2560, 1600, true), InlineData(2563, 1601, false)]
    [InlineData(5128, 128, false), InlineData(5126, 127, true)]
    public void Each_of_its_pixels_stands_for_those_at_its_place(int width, int height, bool progressive)
    {
        var file = BlockJpeg.Of(width, height, Colour, progressive);
        using var leased = ImageCodec.Lease(file);
        foreach (var image in (RgbImage[])[ImageCodec.Decode(file), leased.Image])
        {
            Shows(image.Reduced!.Image, 8 >> image.Reduced.Level, Colour);
            Shows(image, 8, Colour);
        }
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void The_exif_orientation_is_applied_to_it(int orientation)
    {
        const int width = 2560, height = 640, right = width / 8 - 1, bottom = height / 8 - 1;
        var image = ImageCodec.Decode(ExifBytes.InJpeg(BlockJpeg.Of(width, height, Colour), orientation, bigEndian: true));
        foreach (var (picture, side) in ((RgbImage, int)[])[(image, 8), (image.Reduced!.Image, 2)])
            Shows(picture, side, (x, y) => orientation switch
            {
                1 => Colour(x, y),
                2 => Colour(right - x, y),
                3 => Colour(right - x, bottom - y),
                4 => Colour(x, bottom - y),
                5 => Colour(y, x),
                6 => Colour(y, bottom - x),
                7 => Colour(right - y, bottom - x),
                _ => Colour(right - y, x),
            });
    }

    [Theory]
    [InlineData(1, 2), InlineData(2, 0), InlineData(3, 0), InlineData(4, 0), InlineData(5, 2), InlineData(6, 0), InlineData(7, 0), InlineData(8, 0)]
    public void Where_its_pixels_would_lie_between_those_of_the_picture_there_is_none(int orientation, int level)
    {
        var file = ExifBytes.InJpeg(BlockJpeg.Of(2561, 642, Colour), orientation, bigEndian: false);
        Assert.Equal(level, ImageCodec.Decode(file).Reduced?.Level ?? 0);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Grey_and_cmyk_pictures_have_their_colours(bool progressive)
    {
        var grey = ImageCodec.Decode(BlockJpeg.Of(2560, 64, (x, y) => [(byte)(x + 10 * y)], progressive));
        foreach (var (picture, side) in ((RgbImage, int)[])[(grey, 8), (grey.Reduced!.Image, 2)])
            Shows(picture, side, (x, y) => [(byte)(x + 10 * y), (byte)(x + 10 * y), (byte)(x + 10 * y)]);
        var cmyk = ImageCodec.Decode(BlockJpeg.Of(2560, 64, (x, y) => [(byte)x, (byte)(20 * y), 77, 255], progressive));
        foreach (var (picture, side) in ((RgbImage, int)[])[(cmyk, 8), (cmyk.Reduced!.Image, 2)])
            Shows(picture, side, (x, y) => [(byte)x, (byte)(20 * y), 77]);
    }

    [Fact]
    public void The_picture_itself_is_decoded_when_its_pixels_are_asked_for_and_only_while_it_is_leased()
    {
        RgbImage first, second;
        using (var leased = ImageCodec.Lease(BlockJpeg.Of(2560, 64, Colour)))
        {
            first = leased.Image;
            Shows(first, 8, Colour);
        }
        using (var leased = ImageCodec.Lease(BlockJpeg.Of(2560, 64, Colour))) second = leased.Image;
        foreach (var image in (RgbImage[])[first, second])
        {
            Assert.Throws<ObjectDisposedException>(() => image.Pixels.Length);
            Assert.Throws<ObjectDisposedException>(() => image.Reduced!.Image.Pixels.Length);
        }
    }

    [Fact]
    public void The_bytes_that_were_given_may_change_meanwhile()
    {
        var file = BlockJpeg.Of(2560, 64, Colour);
        using var leased = ImageCodec.Lease(file);
        file.AsSpan().Clear();
        Shows(leased.Image, 8, Colour);
    }

    [Fact]
    public void A_damaged_picture_leaves_its_room_and_is_refused_by_name()
    {
        var file = BlockJpeg.Of(2560, 64, Colour);
        // What the values were divided by is not told any more.
        file.AsSpan(file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDB]) + 1, 1).Fill(0xEF);
        for (var i = 0; i < 2 * Environment.ProcessorCount + 1; i++)
        {
            var message = Assert.Throws<ImageFormatException>(() => ImageCodec.Lease(file, default, "bad.jpg").Dispose()).Message;
            Assert.StartsWith("bad.jpg: ", message, StringComparison.Ordinal);
        }
        ImageCodec.Lease(BlockJpeg.Of(2560, 64, Colour)).Dispose();
    }

    [Fact]
    public void The_pyramid_is_made_of_it_from_its_level_on_and_of_the_picture_below()
    {
        // Another colour tells where a level comes from.
        RgbImage Plain(int width, int height, byte value) => new(width, height, [.. Enumerable.Repeat(value, 3 * width * height)]);
        var decoded = 0;
        var image = new RgbImage(64, 48, new ReducedCopy(Plain(16, 12, 200), 2), () =>
        {
            decoded++;
            return Plain(64, 48, 100);
        });
        using var pyramid = new ImagePyramid(KernelSet.Default);
        for (var round = 0; round < 2; round++)
        {
            pyramid.Begin(image);
            Assert.Equal((64, 48), pyramid.Picture);
            foreach (var (level, width, value) in ((int, int, byte)[])[(3, 8, 200), (2, 16, 200), (4, 4, 200)]) Is(level, width, value);
            Assert.Equal(round, decoded);
            foreach (var (level, width, value) in ((int, int, byte)[])[(1, 32, 100), (0, 64, 100), (2, 16, 200)]) Is(level, width, value);
            Assert.Equal(1, decoded);
            pyramid.End();
        }

        unsafe void Is(int level, int width, byte value)
        {
            var k = level;
            var made = pyramid.Level(ref k);
            Assert.Equal((level, width, value), (k, made.Width, made.Row(made.Height - 1)[3 * made.Width - 1]));
        }
    }

    [Fact]
    public void A_face_is_taken_from_it_where_it_is_four_times_as_large_as_the_crop()
    {
        RgbImage Plain(int side, byte value) => new(side, side, [.. Enumerable.Repeat(value, 3 * side * side)]);
        var image = new RgbImage(1024, 1024, Plain(1024, 100).Pixels.ToArray(), new ReducedCopy(Plain(256, 200), 2));
        var crop = new byte[FaceEmbedder.CropBytes];
        foreach (var (scale, value) in ((double, byte)[])[(1, 100), (3.99, 100), (4.01, 200), (8.5, 200)])
        {
            var t = FaceAligner.Template;
            Point At(Point p) => new SimilarityTransform(scale, 0, 20, 20).Apply(p);
            FaceAligner.Align(image, new(At(t.LeftEye), At(t.RightEye), At(t.Nose), At(t.LeftMouth), At(t.RightMouth)), crop);
            Assert.Equal(value, crop[3 * (112 * 56 + 56)]);
        }
    }

    static void Shows(RgbImage image, int side, Func<int, int, byte[]> block)
    {
        var pixels = image.Pixels;
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < image.Width; x++)
            {
                var found = pixels.Slice(3 * (y * image.Width + x), 3);
                if (!found.SequenceEqual(block(x / side, y / side)))
                    Assert.Fail($"pixel ({x}, {y}) of {image.Width} x {image.Height} is {string.Join(' ', found.ToArray())}, "
                        + $"not {string.Join(' ', block(x / side, y / side))}");
            }
    }
}
