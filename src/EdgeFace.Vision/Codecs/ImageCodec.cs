using System.Runtime.InteropServices;
using EdgeFace.Files;
using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>
/// Decodes pictures to RGB: JPEG (baseline, progressive, grey, CMYK), PNG (any depth, palette, alpha over white), WebP, BMP and a GIF's first frame.
/// Values are taken as stored, without colour management; the EXIF orientation is always applied. Over the whole process, as many pictures are
/// decoded at once as there are processors, of 25 million pixels for each together, or one larger one: further callers wait their turn.
/// </summary>
public static class ImageCodec
{
    // As many pixels as have their 4 bytes each in one span.
    internal const int MostPixels = int.MaxValue / 4;

    const int RowsAtOnce = 16;

    const string ThePicture = "the picture";

    /// <summary>Reads a picture from a file.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable, damaged, too large or of a kind that is not read.</exception>
    public static RgbImage Load(string path, ImageLimits? limits = null) => Decode(ReadFile(path, limits), limits, path);

    /// <summary>As <see cref="Load"/>; see <see cref="ReadFileAsync"/> and <see cref="UseAsync{T}"/> for what may be cancelled.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable, damaged, too large or of a kind that is not read.</exception>
    public static async Task<RgbImage> LoadAsync(string path, ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        var bytes = await ReadFileAsync(path, limits, cancellation).ConfigureAwait(false);
        return await DecodeAsync(bytes, limits, path, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// The bytes of a picture file, if there are not too many. A pipe is waited for and read to its end: whoever takes paths from folders
    /// or lists leaves pipes, sockets and devices out.
    /// </summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable or too large.</exception>
    public static byte[] ReadFile(string path, ImageLimits? limits = null) => PictureStream.ReadFile(path, limits);

    /// <summary>As <see cref="ReadFile"/>; cancelling ends the waiting for a pipe too.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable or too large.</exception>
    public static Task<byte[]> ReadFileAsync(string path, ImageLimits? limits = null, CancellationToken cancellation = default)
        => PictureStream.ReadFileAsync(path, limits, cancellation);

    /// <summary>Decodes an encoded picture.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if null.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="cancellation">
    /// Ends the waiting for room, and the decoding after a few rows; a WebP picture, which is decoded at a stretch, at its end.
    /// </param>
    /// <exception cref="ImageFormatException">It is damaged, too large or of a kind that is not read.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> encoded, ImageLimits? limits = null, string? source = null,
        CancellationToken cancellation = default)
    {
        using var leased = Lease(encoded, limits, source, cancellation);
        return Copy(leased.Image);
    }

    /// <summary>Decodes what a stream has left, which is read to its end or to <see cref="ImageLimits.MaxBytes"/>, and stays open.</summary>
    /// <exception cref="ImageFormatException">It cannot be read, is damaged, too large or of a kind that is not read.</exception>
    public static RgbImage Decode(Stream encoded, ImageLimits? limits = null, string? source = null, CancellationToken cancellation = default)
        => Decode(PictureStream.Read(encoded, limits, source ?? ThePicture, cancellation), limits, source, cancellation);

    /// <summary>As <see cref="Decode(ReadOnlySpan{byte}, ImageLimits?, string?, CancellationToken)"/>, in a thread of the pool.</summary>
    /// <exception cref="ImageFormatException">It is damaged, too large or of a kind that is not read.</exception>
    public static Task<RgbImage> DecodeAsync(ReadOnlyMemory<byte> encoded, ImageLimits? limits = null, string? source = null,
        CancellationToken cancellation = default) => UseAsync(encoded, Copy, limits, source, cancellation);

    /// <summary>As <see cref="Decode(Stream, ImageLimits?, string?, CancellationToken)"/>, in a thread of the pool.</summary>
    /// <exception cref="ImageFormatException">It cannot be read, is damaged, too large or of a kind that is not read.</exception>
    public static async Task<RgbImage> DecodeAsync(Stream encoded, ImageLimits? limits = null, string? source = null,
        CancellationToken cancellation = default)
    {
        var bytes = await PictureStream.ReadAsync(encoded, limits, source ?? ThePicture, cancellation).ConfigureAwait(false);
        return await DecodeAsync(bytes, limits, source, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Decodes a picture, gives it to a function, and frees its pixels at once, in a thread of the pool; nobody is blocked while it waits for room.
    /// </summary>
    /// <param name="encoded">The file's bytes, which stay as they are meanwhile.</param>
    /// <param name="use">What is done with the picture, which ends when it returns.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if null.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="cancellation">Ends the waiting and the decoding; <paramref name="use"/> looks at it by itself.</param>
    /// <exception cref="ImageFormatException">It is damaged, too large or of a kind that is not read.</exception>
    public static async Task<T> UseAsync<T>(ReadOnlyMemory<byte> encoded, Func<RgbImage, T> use, ImageLimits? limits = null, string? source = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(use);
        var pixels = PixelsOf(encoded.Span, limits, source);
        await PixelBudget.OfProcess.ReserveAsync(pixels, cancellation).ConfigureAwait(false);
        return await Task.Run(() =>
        {
            using var room = PixelBudget.OfProcess.Hold(pixels);
            using var leased = Lease(encoded.Span, limits, source, cancellation);
            return use(leased.Image);
        }, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Reads a picture from a file, as <see cref="Load"/>, and holds its room until it is disposed of.</summary>
    /// <exception cref="ImageFormatException">It is missing, unreadable, damaged, too large or of a kind that is not read.</exception>
    public static LeasedImage Lease(string path, ImageLimits? limits = null, CancellationToken cancellation = default)
        => Lease(ReadFile(path, limits), limits, path, cancellation);

    /// <summary>
    /// Decodes a picture, as <see cref="Decode(ReadOnlySpan{byte}, ImageLimits?, string?, CancellationToken)"/>, and holds its room until it is
    /// disposed of.
    /// </summary>
    /// <exception cref="ImageFormatException">It is damaged, too large or of a kind that is not read.</exception>
    public static unsafe LeasedImage Lease(ReadOnlySpan<byte> encoded, ImageLimits? limits = null, string? source = null,
        CancellationToken cancellation = default)
    {
        source ??= ThePicture;
        limits ??= ImageLimits.Default;
        fixed (byte* bytes = encoded)
        {
            using var picture = OpenedPicture.Open(bytes, encoded.Length, limits, source, cancellation);
            var lease = PixelBudget.OfProcess.Take(picture.Pixels, cancellation);
            try
            {
                return new(Pixels(picture, source, cancellation), lease);
            }
            catch
            {
                lease.Dispose();
                throw;
            }
        }
    }

    static unsafe long PixelsOf(ReadOnlySpan<byte> encoded, ImageLimits? limits, string? source)
    {
        fixed (byte* bytes = encoded)
        {
            using var picture = OpenedPicture.Open(bytes, encoded.Length, limits ?? ImageLimits.Default, source ?? ThePicture, default);
            return picture.Pixels;
        }
    }

    static RgbImage Pixels(OpenedPicture picture, string source, CancellationToken cancellation)
    {
        var codec = picture.Codec;
        var opaque = codec.Info.AlphaType == SKAlphaType.Opaque;
        var alpha = opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, alpha, null);
        var rows = new UprightRows(info.Width, info.Height, picture.Origin);
        var result = SKCodecResult.InternalError;
        try
        {
            result = codec.EncodedFormat == SKEncodedImageFormat.Jpeg ? ByRows(codec, info, rows, cancellation)
                : AtOnce(codec, info, rows, source, cancellation);
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
    static unsafe SKCodecResult ByRows(SKCodec codec, SKImageInfo info, UprightRows rows, CancellationToken cancellation)
    {
        var result = codec.StartScanlineDecode(info);
        if (result != SKCodecResult.Success) return result;
        var memory = (byte*)NativeMemory.Alloc((nuint)info.RowBytes, RowsAtOnce);
        try
        {
            for (var y = 0; y < info.Height; y += RowsAtOnce)
            {
                cancellation.ThrowIfCancellationRequested();
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

    static unsafe SKCodecResult AtOnce(SKCodec codec, SKImageInfo info, UprightRows rows, string source,
        CancellationToken cancellation)
    {
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(info))
            throw new ImageFormatException($"{source}: no memory for {info.Width} x {info.Height} pixels") { Kind = ErrorKind.Machine };
        var result = codec.GetPixels(info, bitmap.GetPixels());
        // What was cut short is not the file's fault.
        cancellation.ThrowIfCancellationRequested();
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

    internal static unsafe SKBitmap ToBitmap(RgbImage image)
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

    internal static unsafe RgbImage FromBitmap(SKBitmap bitmap)
    {
        var rows = new UprightRows(bitmap.Width, bitmap.Height, SKEncodedOrigin.TopLeft);
        rows.Write((byte*)bitmap.GetPixels(), 0, bitmap.Height, opaque: true);
        var copy = Copy(rows.Image);
        rows.Image.Free();
        return copy;
    }

    static RgbImage Copy(RgbImage image) => new(image.Width, image.Height, image.Pixels.ToArray());
}
