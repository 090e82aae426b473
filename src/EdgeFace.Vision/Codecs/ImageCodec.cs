using System.Runtime.InteropServices;
using EdgeFace.Files;
using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>
/// Decodes pictures to RGB: JPEG (baseline, progressive, grey, CMYK), PNG (any depth, palette, alpha over white), WebP, BMP and a GIF's first frame.
/// Values are taken as stored, without colour management; the EXIF orientation is always applied. Over the whole process, as many pictures are
/// decoded at once as there are processors, of 25 million pixels for each together, or one larger one: further callers wait their turn.
/// </summary>
public static unsafe class ImageCodec
{
    const int FirstRead = 64 << 10, RowsAtOnce = 16;

    // As many as have their 4 bytes each in one span.
    const int MostPixels = int.MaxValue / 4;

    static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8, 0xFF];

    /// <summary>Reads a picture from a file.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable, damaged, too large or of a kind that is not read.</exception>
    public static RgbImage Load(string path, ImageLimits limits = default) => Decode(ReadFile(path, limits), limits, path);

    /// <summary>
    /// The bytes of a picture file, if there are not too many. A pipe is waited for and read to its end: whoever takes paths from folders
    /// or lists leaves pipes, sockets and devices out.
    /// </summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable or too large.</exception>
    public static byte[] ReadFile(string path, ImageLimits limits = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var limit = Math.Min(limits.MaxBytes, Array.MaxLength);
        try
        {
            if (Directory.Exists(path)) throw new ImageFormatException($"{path}: a picture is expected, this is a directory");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            // Pipes and devices have no length, or 0: they are read up to the limit.
            var length = file.CanSeek ? file.Length : 0;
            if (length > limit) throw TooManyBytes(path, limit);
            var bytes = new byte[length > 0 ? length : Math.Min(FirstRead, limit)];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            while (count == bytes.Length && file.ReadByte() is >= 0 and var next)
            {
                if (count == limit) throw TooManyBytes(path, limit);
                Array.Resize(ref bytes, (int)Math.Min(2L * count, limit));
                bytes[count++] = (byte)next;
                count += file.ReadAtLeast(bytes.AsSpan(count), bytes.Length - count, throwOnEndOfStream: false);
            }
            if (count < bytes.Length) Array.Resize(ref bytes, count);
            return bytes;
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

    static ImageFormatException TooManyBytes(string source, long limit)
        => new($"{source}: more bytes than the limit of {limit}; save the picture smaller");

    /// <summary>Decodes an encoded picture.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="ImageFormatException">It is damaged, too large or of a kind that is not read.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, ImageLimits limits = default, string? source = null)
    {
        using var leased = Lease(encoded, limits, source);
        return Copy(leased.Image);
    }

    /// <summary>
    /// Reads a picture from a file, as <see cref="Load"/>, and holds its room in the budget of the process until it is disposed of.
    /// </summary>
    internal static LeasedImage Lease(string path, ImageLimits limits = default) => Lease(ReadFile(path, limits), limits, path);

    /// <summary>Decodes a picture, as <see cref="Decode"/>, and holds its room in the budget of the process until it is disposed of.</summary>
    internal static LeasedImage Lease(ReadOnlySpan<byte> encoded, ImageLimits limits = default, string? source = null)
    {
        source ??= "the picture";
        if (encoded.IsEmpty) throw new ImageFormatException($"{source}: the file is empty");
        if (encoded.Length > limits.MaxBytes) throw TooManyBytes(source, limits.MaxBytes);
        if (OtherFormats.NameOf(encoded) is { } other) throw new ImageFormatException($"{source}: {other} are not read; convert it to JPEG or PNG");
        // A closed list: the library knows more formats, some without a signature.
        bool png = encoded.StartsWith(PngSignature), jpeg = encoded.StartsWith(JpegSignature);
        if (!(png || jpeg || encoded.StartsWith("BM"u8) || encoded.StartsWith("GIF87a"u8) || encoded.StartsWith("GIF89a"u8)
            || encoded.Length >= 12 && encoded.StartsWith("RIFF"u8) && encoded.Slice(8, 4).SequenceEqual("WEBP"u8)))
            throw new ImageFormatException($"{source}: not a JPEG, PNG, WebP, BMP or GIF picture; convert it to JPEG or PNG");
        if (jpeg && !JpegEnd.IsThere(encoded)) throw new ImageFormatException($"{source}: the picture is cut off; get the file again");
        fixed (byte* bytes = encoded)
        {
            using var data = SKData.Create((nint)bytes, encoded.Length);
            using var codec = SKCodec.Create(data)
                ?? throw new ImageFormatException($"{source}: the picture's header is damaged or cut off; get the file again");
            return Lease(codec, png ? PngExif.Orientation(encoded) : codec.EncodedOrigin, limits, source);
        }
    }

    static LeasedImage Lease(SKCodec codec, SKEncodedOrigin origin, ImageLimits limits, string source)
    {
        int width = codec.Info.Width, height = codec.Info.Height;
        long pixels = (long)width * height, limit = Math.Min(limits.MaxPixels, MostPixels);
        if (pixels > limit)
            throw new ImageFormatException($"{source}: {width} x {height} pixels are more than the limit of {limit}; scale the picture down");
        if (pixels <= 0) throw new ImageFormatException($"{source}: a picture of {width} x {height} pixels");
        var lease = PixelBudget.OfProcess.Take(pixels);
        try
        {
            return new(Pixels(codec, origin, width, height, source), lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    static RgbImage Pixels(SKCodec codec, SKEncodedOrigin origin, int width, int height, string source)
    {
        var opaque = codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, null);
        var rows = new UprightRows(width, height, origin);
        var result = SKCodecResult.InternalError;
        try
        {
            result = codec.EncodedFormat == SKEncodedImageFormat.Jpeg ? ByRows(codec, info, rows) : AtOnce(codec, info, rows, source);
        }
        finally
        {
            if (result != SKCodecResult.Success) rows.Image.Free();
        }
        if (result == SKCodecResult.Success) return rows.Image;
        var what = result == SKCodecResult.IncompleteInput ? "cut off" : "damaged";
        throw new ImageFormatException($"{source}: the picture is {what} ({result}); get the file again");
    }

    /// <summary>A few rows after another, so that the pixels are in memory once.</summary>
    static SKCodecResult ByRows(SKCodec codec, SKImageInfo info, UprightRows rows)
    {
        var result = codec.StartScanlineDecode(info);
        if (result != SKCodecResult.Success) return result;
        var memory = (byte*)NativeMemory.Alloc((nuint)info.RowBytes, RowsAtOnce);
        try
        {
            for (var y = 0; y < info.Height; y += RowsAtOnce)
            {
                var count = Math.Min(RowsAtOnce, info.Height - y);
                if (codec.GetScanlines((nint)memory, count, info.RowBytes) != count) return SKCodecResult.IncompleteInput;
                rows.Write(memory, y, count, opaque: true);
            }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
        return SKCodecResult.Success;
    }

    static SKCodecResult AtOnce(SKCodec codec, SKImageInfo info, UprightRows rows, string source)
    {
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(info))
            throw new ImageFormatException($"{source}: no memory for {info.Width} x {info.Height} pixels") { Kind = ErrorKind.Machine };
        var result = codec.GetPixels(info, bitmap.GetPixels());
        if (result != SKCodecResult.Success) return result;
        var pixels = (byte*)bitmap.GetPixels();
        for (var y = 0; y < info.Height; y += RowsAtOnce)
            rows.Write(pixels + (long)y * info.RowBytes, y, Math.Min(RowsAtOnce, info.Height - y), info.AlphaType == SKAlphaType.Opaque);
        return result;
    }

    /// <summary>Encodes a picture as PNG.</summary>
    /// <exception cref="ArgumentException">It has more than 536,870,911 pixels.</exception>
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
        if ((long)image.Width * image.Height > MostPixels)
            throw new ArgumentException($"{image.Width} x {image.Height} pixels are more than {MostPixels}", nameof(image));
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var target = new Span<byte>((byte*)bitmap.GetPixels(), 4 * image.Width * image.Height);
        var pixels = image.Pixels;
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            pixels.Slice(3 * i, 3).CopyTo(target[(4 * i)..]);
            target[4 * i + 3] = 255;
        }
        return bitmap;
    }

    internal static RgbImage FromBitmap(SKBitmap bitmap)
    {
        var rows = new UprightRows(bitmap.Width, bitmap.Height, SKEncodedOrigin.TopLeft);
        rows.Write((byte*)bitmap.GetPixels(), 0, bitmap.Height, opaque: true);
        var copy = Copy(rows.Image);
        rows.Image.Free();
        return copy;
    }

    static RgbImage Copy(RgbImage image) => new(image.Width, image.Height, image.Pixels.ToArray());
}
