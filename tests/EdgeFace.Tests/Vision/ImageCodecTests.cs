using System.Diagnostics;
using System.IO.Compression;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

public sealed class ImageCodecTests
{
    static readonly byte[] Dot = PngBytes.Of(1, 1, PngBytes.Rgb, _ => [10, 20, 30]);

    // Tolerances in grey levels: what the encoder lost, and what another order of rounding may change.
    [Theory]
    [InlineData("baseline.jpg", 3)]
    [InlineData("progressive.jpg", 3)]
    [InlineData("restart.jpg", 3)]
    [InlineData("cmyk.jpg", 6)]
    [InlineData("rgb.png")]
    [InlineData("interlaced.png")]
    [InlineData("deep.png")]
    [InlineData("lossless.webp")]
    [InlineData("lossy.webp", 12)]
    [InlineData("odd-420.jpg", 12, 31, 23)]
    [InlineData("rgb24.bmp", 0, 31, 23)]
    [InlineData("palette.png", 0, 13, 8)]
    [InlineData("palette8.bmp", 0, 13, 8)]
    [InlineData("rle8.bmp", 0, 13, 8)]
    [InlineData("animated.gif", 0, 13, 8)]
    public void Colours_are_those_of_the_gradient(string name, int tolerance = 0, int width = 32, int height = 24)
        => GradientPictures.Shows(ImageCodec.Decode(GradientPictures.Read(name)), width, height, GradientPictures.Colour, tolerance);

    [Theory]
    [InlineData("grey.jpg", 3)]
    [InlineData("grey.png", 0)]
    public void Grey_pictures_have_three_equal_channels(string name, int tolerance)
        => GradientPictures.Shows(ImageCodec.Decode(GradientPictures.Read(name)), 32, 24, GradientPictures.Grey, tolerance);

    [Theory]
    [InlineData("alpha.png")]
    [InlineData("alpha.webp")]
    [InlineData("alpha32.bmp")]
    public void Alpha_is_laid_over_white(string name)
        => GradientPictures.Shows(ImageCodec.Decode(GradientPictures.Read(name)), 32, 24,
            (x, y) => GradientPictures.OverWhite(GradientPictures.Colour(x, y), GradientPictures.Alpha(x)));

    [Fact]
    public void Alpha_of_a_grey_picture_is_laid_over_white()
        => GradientPictures.Shows(ImageCodec.Decode(GradientPictures.Read("grey-alpha.png")), 32, 24,
            (x, y) => GradientPictures.OverWhite(GradientPictures.Grey(x, y), GradientPictures.Alpha(x)));

    [Fact]
    public void Alpha_of_a_palette_is_laid_over_white()
    {
        var png = PngBytes.Of(3, 1, PngBytes.Palette, _ => [0, 1, 2],
            PngBytes.Chunk("PLTE", [255, 0, 0, 0, 200, 0, 0, 0, 100]), PngBytes.Chunk("tRNS", [0, 128]));
        GradientPictures.Shows(ImageCodec.Decode(png), 3, 1, (x, _) => x switch
        {
            0 => [255, 255, 255],
            1 => GradientPictures.OverWhite([0, 200, 0], 128),
            _ => [0, 0, 100],
        });
    }

    [Fact]
    public void A_bmp_without_a_mask_for_alpha_is_opaque()
    {
        byte[] header = [40, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 32, 0, .. new byte[24]];
        byte[] bmp = [(byte)'B', (byte)'M', 62, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, .. header, 30, 20, 10, 0, 60, 50, 40, 0];
        Assert.Equal([10, 20, 30, 40, 50, 60], ImageCodec.Decode(bmp).Pixels.ToArray());
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void The_exif_orientation_is_applied(int orientation)
    {
        foreach (var bigEndian in (bool[])[false, true])
        {
            ShowsUpright(ExifBytes.InJpeg(GradientPictures.Read("baseline.jpg"), orientation, bigEndian), 3);
            var chunk = PngBytes.Chunk("eXIf", ExifBytes.Tiff(orientation, bigEndian));
            byte[] Row(int y) => [.. Enumerable.Range(0, 32).SelectMany(x => GradientPictures.Colour(x, y))];
            ShowsUpright(PngBytes.Of(32, 24, PngBytes.Rgb, Row, chunk), 0);
        }
        ShowsUpright(ExifBytes.InWebP(GradientPictures.Read("lossless.webp"), 32, 24, orientation), 0);

        // EXIF 2.32, tag 0x112: what the 0th row and the 0th column of the stored picture show.
        void ShowsUpright(byte[] file, int tolerance)
        {
            const int right = 31, bottom = 23;
            var turned = orientation > 4;
            GradientPictures.Shows(ImageCodec.Decode(file), turned ? 24 : 32, turned ? 32 : 24, (x, y) => orientation switch
            {
                1 => GradientPictures.Colour(x, y),
                2 => GradientPictures.Colour(right - x, y),
                3 => GradientPictures.Colour(right - x, bottom - y),
                4 => GradientPictures.Colour(x, bottom - y),
                5 => GradientPictures.Colour(y, x),
                6 => GradientPictures.Colour(y, bottom - x),
                7 => GradientPictures.Colour(right - y, bottom - x),
                _ => GradientPictures.Colour(right - y, x),
            }, tolerance);
        }
    }

    [Theory]
    [InlineData(0), InlineData(9), InlineData(255)]
    public void An_orientation_that_does_not_exist_is_none(int orientation)
        => GradientPictures.Shows(ImageCodec.Decode(ExifBytes.InJpeg(GradientPictures.Read("baseline.jpg"), orientation, bigEndian: true)),
            32, 24, GradientPictures.Colour, 3);

    // More rows than are decoded at once, and sides that end within a block.
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Each_pixel_of_a_larger_jpeg_lies_where_it_should(int orientation)
    {
        foreach (var (width, height, progressive) in ((int, int, bool)[])[(203, 77, false), (61, 130, true), (5, 400, false), (400, 3, true)])
            foreach (var components in (int[])[1, 3, 4])
            {
                var file = ExifBytes.InJpeg(BlockJpeg.Of(width, height, Block, progressive), orientation, bigEndian: true);
                var turned = orientation > 4;
                int right = width - 1, bottom = height - 1;
                GradientPictures.Shows(ImageCodec.Decode(file), turned ? height : width, turned ? width : height, (x, y) => orientation switch
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

                byte[] Block(int x, int y) => components switch
                {
                    1 => [(byte)(9 * x + 5 * y)],
                    3 => [(byte)(9 * x), (byte)(5 * y), (byte)(255 - 3 * x - y)],
                    _ => [(byte)(9 * x), (byte)(5 * y), (byte)(255 - 3 * x - y), 255],
                };

                byte[] Colour(int x, int y) => Block(x / 8, y / 8) is [var grey] ? [grey, grey, grey] : Block(x / 8, y / 8)[..3];
            }
    }

    [Fact]
    public void Damaged_exif_of_a_png_does_not_cost_the_picture()
    {
        var random = new Random(17);
        for (var i = 0; i < 3000; i++)
        {
            var tiff = ExifBytes.Tiff(6, bigEndian: i % 2 == 0);
            for (var flips = random.Next(1, 4); flips > 0; flips--) tiff[random.Next(tiff.Length)] ^= (byte)(1 << random.Next(8));
            var chunk = PngBytes.Chunk("eXIf", tiff[..random.Next(tiff.Length + 1)]);
            var image = ImageCodec.Decode(PngBytes.Of(2, 1, PngBytes.Rgb, _ => [1, 2, 3, 4, 5, 6], chunk));
            Assert.Equal(6, image.Pixels.Length);
        }
    }

    [Fact]
    public void Values_are_taken_as_stored_whatever_colour_space_is_declared()
    {
        var gamma = PngBytes.Chunk("gAMA", [0, 0, 0x27, 0x10]);
        var chromaticities = PngBytes.Chunk("cHRM", [.. ((int[])[31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600])
            .SelectMany(v => (byte[])[0, (byte)(v >> 16), (byte)(v >> 8), (byte)v])]);
        foreach (var chunks in (byte[][][])[[], [gamma], [gamma, chromaticities]])
        {
            var png = PngBytes.Of(32, 24, PngBytes.Rgb, y => [.. Enumerable.Range(0, 32).SelectMany(x => GradientPictures.Colour(x, y))], chunks);
            GradientPictures.Shows(ImageCodec.Decode(png), 32, 24, GradientPictures.Colour);
        }
    }

    [Fact]
    public void A_single_pixel_is_a_picture()
        => Assert.Equal([10, 20, 30], ImageCodec.Decode(Dot).Pixels.ToArray());

    [Fact]
    public void What_was_saved_is_loaded_again()
    {
        using var folder = new TempFolder();
        var pixels = new byte[3 * 50 * 7];
        new Random(1).NextBytes(pixels);
        ImageCodec.SavePng(new RgbImage(50, 7, pixels), folder["a.png"]);
        var again = ImageCodec.Load(folder["a.png"]);
        Assert.Equal((50, 7), (again.Width, again.Height));
        Assert.Equal(pixels, again.Pixels.ToArray());
        Assert.ThrowsAny<IOException>(() => ImageCodec.SavePng(again, folder["missing/a.png"]));
    }

    public static TheoryData<string, string> NoPictures => new()
    {
        { "missing", "no such file" },
        { "missing/too", "no such file" },
        { "directory", "this is a directory" },
        { "a\0b", "cannot be read" },
        { "empty", "the file is empty" },
        { "text", "not a JPEG, PNG, WebP, BMP or GIF picture" },
        { "zeros", "not a JPEG, PNG, WebP, BMP or GIF picture" },
        { "heic", "HEIC pictures are not read; convert it to JPEG or PNG" },
        { "avif", "AVIF pictures are not read; convert it to JPEG or PNG" },
        { "header", "header is damaged" },
        { "cut", "cut off" },
        { "dot/below", "no such file" },
    };

    [Theory, MemberData(nameof(NoPictures))]
    public void What_is_no_picture_is_refused_by_name(string name, string says)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["directory"]);
        folder.Write("empty", []);
        folder.Write("text", "A BM, a RIFF and a GIF."u8.ToArray());
        folder.Write("zeros", new byte[5000]);
        folder.Write("heic", [0, 0, 0, 24, .. "ftypheic"u8, .. new byte[50]]);
        folder.Write("avif", [0, 0, 0, 24, .. "ftypavif"u8, .. new byte[50]]);
        folder.Write("header", Dot[..20]);
        folder.Write("cut", GradientPictures.Read("baseline.jpg")[..700]);
        folder.Write("dot", Dot);
        var message = Assert.Throws<ImageFormatException>(() => ImageCodec.Load(folder[name])).Message;
        Assert.StartsWith(folder[name] + ": ", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> OtherFormats => new()
    {
        { "HEIC pictures are", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0, .. "mif1heic"u8] },
        { "HEIC pictures are", [0, 0, 0, 24, .. "ftypmif1"u8, 0, 0, 0, 0, .. "mif1heix"u8] },
        { "HEIC pictures are", [0, 0, 0, 24, .. "ftypmsf1"u8, 0, 0, 0, 0, .. "hevcmsf1"u8] },
        { "AVIF pictures are", [0, 0, 0, 28, .. "ftypmif1"u8, 0, 0, 0, 0, .. "mif1avifmiaf"u8] },
        { "AVIF pictures are", [0, 0, 0, 20, .. "ftypavis"u8, 0, 0, 0, 0, .. "msf1"u8] },
        { "HEIC, AVIF and video files are", [0, 0, 0, 24, .. "ftypisom"u8, 0, 0, 2, 0, .. "isommp42avif"u8] },
        { "HEIC, AVIF and video files are", [0, 0, 0, 0, .. "ftyp"u8] },
        { "JPEG XL pictures are", [0xFF, 0x0A, 1, 2, 3] },
        { "JPEG XL pictures are", [0, 0, 0, 12, .. "JXL \r\n"u8, 0x87, 0x0A] },
        { "JPEG 2000 pictures are", [0, 0, 0, 12, .. "jP  \r\n"u8, 0x87, 0x0A] },
        { "JPEG 2000 pictures are", [0xFF, 0x4F, 0xFF, 0x51, 0] },
        { "TIFF and raw pictures are", [.. "II*\0"u8, 8, 0, 0, 0] },
        { "TIFF and raw pictures are", [.. "MM\0*"u8, 0, 0, 0, 8] },
        { "TIFF and raw pictures are", [.. "MM\0+"u8, 0, 8, 0, 0] },
        { "PDF documents are", [.. "%PDF-1.7"u8] },
        { "Photoshop documents are", [.. "8BPS"u8, 0, 1] },
        { "SVG drawings are", [.. "<svg xmlns="u8] },
        { "SVG drawings are", [.. "\uFEFF<?xml version='1.0'?>\n<!-- a --><svg xmlns="u8] },
    };

    [Theory, MemberData(nameof(OtherFormats))]
    public void Other_formats_are_recognised_by_their_bytes_and_say_what_to_do(string what, byte[] file)
    {
        var error = Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(file, default, "it.jpg"));
        Assert.Equal(($"it.jpg: {what} not read; convert it to JPEG or PNG", ErrorKind.Input), (error.Message, error.Kind));
        // Cut short, it is refused too, in whatever words.
        for (var length = 0; length < file.Length; length++) Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(file.AsSpan(0, length)));
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_refused()
    {
        if (Environment.IsPrivilegedProcess) Assert.Skip("runs as root, whom no file mode keeps out");
        using var folder = new TempFolder();
        folder.Write("a.png", Dot);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder["a.png"], UnixFileMode.None);
        else Assert.Skip("needs Unix file modes");
        Assert.Contains("cannot be read", Assert.Throws<ImageFormatException>(() => ImageCodec.Load(folder["a.png"])).Message);
    }

    [Fact]
    public void A_device_without_end_is_refused_at_the_limit()
    {
        if (!File.Exists("/dev/zero")) Assert.Skip("needs /dev/zero");
        var limits = new ImageLimits { MaxBytes = 1_000_000 };
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("limit of 1000000", Assert.Throws<ImageFormatException>(() => ImageCodec.Load("/dev/zero", limits)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void A_named_pipe_is_read_to_its_end()
    {
        using var folder = new TempFolder();
        if (OperatingSystem.IsWindows()) Assert.Skip("needs named pipes in the file system");
        using (var mkfifo = Process.Start("mkfifo", folder["pipe"])) mkfifo.WaitForExit();
        byte[] file = [.. Dot, .. new byte[200_000]];
        var writer = new Thread(() => File.WriteAllBytes(folder["pipe"], file));
        writer.Start();
        Assert.Equal(file, ImageCodec.ReadFile(folder["pipe"]));
        writer.Join();
    }

    [Theory]
    [InlineData(1), InlineData(65_535), InlineData(65_536), InlineData(65_537), InlineData(300_000)]
    public void A_file_may_have_as_many_bytes_as_the_limit_and_not_one_more(int length)
    {
        using var folder = new TempFolder();
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        folder.Write("a", bytes);
        Assert.Equal(bytes, ImageCodec.ReadFile(folder["a"], new() { MaxBytes = length }));
        Assert.Equal(bytes, ImageCodec.ReadFile(folder["a"], new() { MaxBytes = long.MaxValue }));
        folder.Write("a", [.. bytes, 0]);
        Assert.Contains($"limit of {length};",
            Assert.Throws<ImageFormatException>(() => ImageCodec.ReadFile(folder["a"], new() { MaxBytes = length })).Message);
        Assert.Contains($"limit of {length};",
            Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(new byte[length + 1], new() { MaxBytes = length })).Message);
    }

    [Fact]
    public void A_picture_may_have_as_many_pixels_as_the_limit_and_not_one_more()
    {
        var png = GradientPictures.Read("rgb.png");
        Assert.Equal(32, ImageCodec.Decode(png, new() { MaxPixels = 32 * 24 }).Width);
        Assert.Equal(32, ImageCodec.Decode(png, new() { MaxPixels = long.MaxValue }).Width);
        Assert.Contains("32 x 24 pixels are more than the limit of 767",
            Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(png, new() { MaxPixels = 32 * 24 - 1 })).Message);
    }

    [Fact]
    public void Limits_below_one_are_refused()
    {
        foreach (var value in (long[])[0, -1, long.MinValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new ImageLimits { MaxBytes = value });
            Assert.Throws<ArgumentOutOfRangeException>(() => new ImageLimits { MaxPixels = value });
        }
    }

    [Fact]
    public void A_decoded_picture_costs_three_bytes_a_pixel_on_the_heap()
    {
        const int side = 3000;
        var row = new byte[3 * side];
        var png = PngBytes.Of(side, side, PngBytes.Rgb, _ => row);
        // What the first picture of the process makes once.
        ImageCodec.Decode(png);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var image = ImageCodec.Decode(png);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, image.Pixels.Length, image.Pixels.Length + 10_000);
    }

    [Theory]
    [InlineData(1), InlineData(65_536), InlineData(65_537), InlineData(300_000)]
    public async Task Files_and_streams_are_read_to_the_limit_and_no_further(int length)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TempFolder();
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        folder.Write("a", bytes);
        var limits = new ImageLimits { MaxBytes = length };
        Assert.Equal(bytes, await ImageCodec.ReadFileAsync(folder["a"], limits, cancellation));
        folder.Write("a", [.. bytes, 0]);
        Assert.Contains($"limit of {length};",
            (await Assert.ThrowsAsync<ImageFormatException>(() => ImageCodec.ReadFileAsync(folder["a"], limits, cancellation))).Message);
        foreach (var seekable in (bool[])[true, false])
        {
            Stream Endless() => seekable ? new MemoryStream([.. bytes, 0])
                : new GZipStream(Zipped([.. bytes, .. new byte[100_000]]), CompressionMode.Decompress);
            Assert.Contains($"it: more bytes than the limit of {length};",
                Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(Endless(), limits, "it")).Message);
            Assert.Contains($"it: more bytes than the limit of {length};",
                (await Assert.ThrowsAsync<ImageFormatException>(() => ImageCodec.DecodeAsync(Endless(), limits, "it", cancellation))).Message);
        }
    }

    [Fact]
    public async Task A_stream_is_decoded_from_where_it_stands_and_stays_open()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var png = GradientPictures.Read("rgb.png");
        var expected = ImageCodec.Decode(png).Pixels.ToArray();
        using var stream = new MemoryStream([1, 2, 3, .. png]) { Position = 3 };
        Assert.Equal(expected, ImageCodec.Decode(stream).Pixels.ToArray());
        stream.Position = 3;
        Assert.Equal(expected, (await ImageCodec.DecodeAsync(stream, cancellation: cancellation)).Pixels.ToArray());
        Assert.True(stream.CanRead);
        using var unseekable = new GZipStream(Zipped(png), CompressionMode.Decompress);
        Assert.Equal(expected, (await ImageCodec.DecodeAsync(unseekable, cancellation: cancellation)).Pixels.ToArray());
        Assert.Equal(expected, (await ImageCodec.DecodeAsync(png.AsMemory(), cancellation: cancellation)).Pixels.ToArray());
        Assert.Contains("the picture: the file is empty", Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(Stream.Null)).Message);
        await Assert.ThrowsAsync<ImageFormatException>(() => ImageCodec.LoadAsync("/no/such/file", cancellation: cancellation));
    }

    static MemoryStream Zipped(byte[] bytes)
    {
        var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true)) zip.Write(bytes);
        zipped.Position = 0;
        return zipped;
    }
}
