using System.Buffers.Binary;
using System.Diagnostics;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

/// <summary>Hostile and damaged pictures: a picture or an ImageFormatException, within the limits, and in no time.</summary>
public sealed class ImageCodecFuzzTests
{
    static readonly ImageLimits Limits = new() { MaxPixels = 1 << 18 };

    public static TheoryData<string> Names => [.. GradientPictures.Names];

    [Theory, MemberData(nameof(Names))]
    public void A_truncated_picture_is_refused_or_whole(string name)
    {
        var file = GradientPictures.Read(name);
        var whole = Decode(file)!.Pixels.ToArray();
        for (var length = 0; length < file.Length; length++)
            if (Decode(file[..length]) is { } image)
                Assert.True(whole.AsSpan().SequenceEqual(image.Pixels), $"{length} of {file.Length} bytes gave another picture");
        Assert.Null(Decode(file[..(file.Length / 2 - 1)]));
    }

    [Fact]
    public void A_jpeg_whose_tail_is_missing_or_zeros_is_refused()
    {
        foreach (var file in GradientPictures.Names.Where(n => Path.GetExtension(n) == ".jpg").Select(GradientPictures.Read))
            for (var length = 0; length < file.Length; length++)
            {
                Assert.Null(Decode(file[..length]));
                Assert.Null(Decode([.. file[..length], .. new byte[file.Length - length]]));
            }
    }

    [Theory, MemberData(nameof(Names))]
    public void Flipped_bits_give_a_picture_or_a_refusal(string name)
    {
        var file = GradientPictures.Read(name);
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var copy = file.ToArray();
            // The first bytes hold the sizes and the tables: they get half of the flips.
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                copy[random.Next(random.Next(2) == 0 ? Math.Min(64, copy.Length) : copy.Length)] ^= (byte)(1 << random.Next(8));
            Decode(copy);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Spliced_pictures_give_a_picture_or_a_refusal(string name)
    {
        var file = GradientPictures.Read(name);
        var random = new Random(11);
        foreach (var other in GradientPictures.Names.Where(n => Path.GetExtension(n) == Path.GetExtension(name)).Select(GradientPictures.Read))
            for (var i = 0; i < 100; i++)
                Decode([.. file[..random.Next(file.Length)], .. other[random.Next(other.Length)..]]);
    }

    [Fact]
    public void Every_flipped_bit_of_a_png_is_noticed_or_harmless()
    {
        foreach (var name in GradientPictures.Names.Where(n => Path.GetExtension(n) == ".png"))
        {
            var file = GradientPictures.Read(name);
            var whole = Decode(file)!.Pixels.ToArray();
            for (var bit = 0; bit < 8 * file.Length; bit++)
            {
                file[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.True(Decode(file) is not { } image || whole.AsSpan().SequenceEqual(image.Pixels),
                    $"{name}: bit {bit % 8} of byte {bit / 8} changed the picture unnoticed");
                file[bit / 8] ^= (byte)(1 << bit % 8);
            }
        }
    }

    [Fact]
    public void Noise_behind_a_signature_is_refused()
    {
        var random = new Random(13);
        byte[][] signatures =
        [
            [0xFF, 0xD8, 0xFF], [0x89, .. "PNG\r\n\x1A\n"u8], [.. "RIFF\0\0\0\0WEBPVP8L"u8],
            [.. "BM"u8], [.. "GIF89a"u8], [.. "\0\0\0\0ftypmif1"u8], [],
        ];
        var noise = new byte[2000];
        foreach (var signature in signatures)
            for (var i = 0; i < 300; i++)
            {
                random.NextBytes(noise);
                signature.CopyTo(noise, 0);
                Decode(noise);
            }
    }

    [Theory]
    [InlineData(20_000, 20_000)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1_000_000, 1_000_000)]
    public void A_picture_that_declares_too_many_pixels_is_refused_before_any_is_allocated(int width, int height)
    {
        var png = PngBytes.Of(width, height, PngBytes.Rgb, PngBytes.Deflate([new byte[1000]]));
        Refused(png);
        // Whatever the limit, the pixels must fit an array.
        if ((long)width * height > int.MaxValue / 4) Refused(png, new() { MaxPixels = long.MaxValue });
    }

    [Fact]
    public void Huge_canvases_of_other_formats_are_refused()
    {
        byte[] gif = GradientPictures.Read("animated.gif"), bmp = GradientPictures.Read("rgb24.bmp"),
            jpeg = GradientPictures.Read("baseline.jpg"), webp = GradientPictures.Read("lossless.webp");
        BinaryPrimitives.WriteUInt32LittleEndian(gif.AsSpan(6), uint.MaxValue);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 60_000);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(jpeg.AsSpan(jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 5), 0xFFDCFFDC);
        BinaryPrimitives.WriteUInt32LittleEndian(webp.AsSpan(21), 0x0FFFFFFF);
        foreach (var file in (byte[][])[gif, bmp, jpeg, webp])
            Assert.Contains("pixels are more than the limit", Refused(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_beyond_the_declared_ones_are_not_inflated()
    {
        // 300 MB of zeros in 300 KB, behind a header of 8 x 8 pixels.
        var zeros = PngBytes.Deflate(Enumerable.Repeat(new byte[3_000_000], 100));
        var bombs = (byte[][])[PngBytes.Chunk("iCCP", [.. "p\0\0"u8, .. zeros]), PngBytes.Chunk("zTXt", [.. "t\0\0"u8, .. zeros])];
        Assert.Equal(new byte[192], ImageCodec.Decode(PngBytes.Of(8, 8, PngBytes.Rgb, zeros)).Pixels.ToArray());
        Assert.Equal(new byte[192], ImageCodec.Decode(PngBytes.Of(8, 8, PngBytes.Rgb, PngBytes.Deflate([new byte[200]]), bombs)).Pixels.ToArray());
    }

    [Fact]
    public void A_progressive_jpeg_of_endless_scans_is_refused_in_time()
    {
        var jpeg = GradientPictures.Read("progressive.jpg");
        var start = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        var next = jpeg.AsSpan(start + 2).IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC4]) + start + 2;
        byte[] file = [.. jpeg[..start], .. Enumerable.Repeat(jpeg[start..next], 100_000).SelectMany(s => s), .. jpeg[next..]];
        var watch = Stopwatch.StartNew();
        Refused(file);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 2);
    }

    static ImageFormatException Refused(byte[] file, ImageLimits? limits = null)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<ImageFormatException>(() => ImageCodec.Decode(file, limits, "a.png"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.StartsWith("a.png: ", refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    static RgbImage? Decode(byte[] file)
    {
        try
        {
            var image = ImageCodec.Decode(file, Limits);
            Assert.InRange((long)image.Width * image.Height, 1, Limits.MaxPixels);
            return image;
        }
        catch (ImageFormatException)
        {
            return null;
        }
    }
}
