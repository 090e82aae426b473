using EdgeFace.Weights;
using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>
/// Decodes pictures to RGB: JPEG (baseline, progressive, grey, CMYK), PNG (any depth, palette, alpha over white), WebP, BMP and a GIF's first frame.
/// Values are taken as stored, without colour management; the EXIF orientation is always applied.
/// </summary>
public static unsafe class ImageCodec
{
    /// <summary>Reads a picture from a file.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable, damaged, too large or of a kind that is not read.</exception>
    public static RgbImage Load(string path, ImageLimits limits = default) => Decode(ReadFile(path, limits), limits, path);

    /// <summary>The bytes of a picture file, if there are not too many.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable or too large.</exception>
    public static byte[] ReadFile(string path, ImageLimits limits = default)
    {
        try
        {
            if (Directory.Exists(path)) throw new ImageFormatException($"{path}: a picture is expected, this is a directory");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            // Pipes and devices have no length: they are read up to the limit.
            using var bytes = new MemoryStream(file.CanSeek ? (int)Math.Min(file.Length, limits.MaxBytes + 1) : 0);
            var buffer = new byte[81920];
            for (int read; (read = file.Read(buffer)) > 0;)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > limits.MaxBytes) throw new ImageFormatException($"{path}: the file is larger than the limit of {limits.MaxBytes} bytes");
            }
            return bytes.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ImageFormatException($"{path}: no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ImageFormatException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Decodes an encoded picture.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="ImageFormatException">It is damaged, too large or of a kind that is not read.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, ImageLimits limits = default, string? source = null)
    {
        source ??= "the picture";
        if (encoded.IsEmpty) throw new ImageFormatException($"{source}: the file is empty");
        if (encoded.Length > limits.MaxBytes) throw new ImageFormatException($"{source}: {encoded.Length} bytes are more than the limit of {limits.MaxBytes}");
        if (encoded.Length >= 12 && encoded.Slice(4, 4).SequenceEqual("ftyp"u8))
            throw new ImageFormatException($"{source}: HEIC and AVIF pictures are not read; convert it to JPEG or PNG");
        fixed (byte* bytes = encoded)
        {
            using var data = SKData.Create((nint)bytes, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw new ImageFormatException($"{source}: not a JPEG, PNG, WebP, BMP or GIF picture, or its header is damaged");
            return Decode(codec, limits, source);
        }
    }

    static RgbImage Decode(SKCodec codec, ImageLimits limits, string source)
    {
        int width = codec.Info.Width, height = codec.Info.Height;
        var pixels = (long)width * height;
        if (pixels > limits.MaxPixels) throw new ImageFormatException($"{source}: {width} x {height} pixels are more than the limit of {limits.MaxPixels}");
        if (pixels <= 0) throw new ImageFormatException($"{source}: a picture of {width} x {height} pixels");
        var opaque = codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, null);
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(info)) throw new ImageFormatException($"{source}: no memory for {width} x {height} pixels");
        var result = codec.GetPixels(info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw new ImageFormatException($"{source}: the picture is {(result == SKCodecResult.IncompleteInput ? "cut off" : "damaged")} ({result})");
        return Upright(new ReadOnlySpan<byte>((byte*)bitmap.GetPixels(), checked((int)(4 * pixels))), width, height, codec.EncodedOrigin, opaque);
    }

    /// <summary>Drops alpha and turns the picture as its EXIF orientation says.</summary>
    static RgbImage Upright(ReadOnlySpan<byte> rgba, int width, int height, SKEncodedOrigin origin, bool opaque)
    {
        // Where the source pixel of the target's (x, y) lies: start + x * right + y * down.
        int last = width * (height - 1);
        var (start, right, down) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (width * height - 1, -1, -width),
            SKEncodedOrigin.BottomLeft => (last, 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (last, -width, 1),
            SKEncodedOrigin.RightBottom => (width * height - 1, -width, -1),
            SKEncodedOrigin.LeftBottom => (width - 1, width, -1),
            _ => (0, 1, width),
        };
        var turned = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        var (targetWidth, targetHeight) = turned ? (height, width) : (width, height);
        var rgb = new byte[checked(3 * width * height)];
        var target = 0;
        for (var y = 0; y < targetHeight; y++)
        {
            var at = start + y * down;
            for (var x = 0; x < targetWidth; x++, at += right, target += 3)
            {
                var pixel = rgba.Slice(4 * at, 4);
                if (opaque) pixel[..3].CopyTo(rgb.AsSpan(target));
                else for (var c = 0; c < 3; c++) rgb[target + c] = (byte)((pixel[c] * pixel[3] + 255 * (255 - pixel[3]) + 127) / 255);
            }
        }
        return new RgbImage(targetWidth, targetHeight, rgb);
    }

    /// <summary>Encodes a picture as PNG.</summary>
    public static byte[] EncodePng(RgbImage image)
    {
        using var bitmap = ToBitmap(image);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100) ?? throw new InvalidOperationException("the PNG encoder failed");
        return data.ToArray();
    }

    /// <summary>Writes a picture as a PNG file that appears whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void SavePng(RgbImage image, string path)
    {
        var png = EncodePng(image);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    internal static SKBitmap ToBitmap(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var target = new Span<byte>((byte*)bitmap.GetPixels(), 4 * image.Width * image.Height);
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            image.Pixels.Slice(3 * i, 3).CopyTo(target[(4 * i)..]);
            target[4 * i + 3] = 255;
        }
        return bitmap;
    }

    internal static RgbImage FromBitmap(SKBitmap bitmap)
        => Upright(new ReadOnlySpan<byte>((byte*)bitmap.GetPixels(), 4 * bitmap.Width * bitmap.Height), bitmap.Width, bitmap.Height, SKEncodedOrigin.TopLeft, opaque: true);
}
