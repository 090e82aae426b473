using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>An encoded picture of a kind that is read, its header looked at and found to be within the limits.</summary>
sealed unsafe class OpenedPicture : IDisposable
{
    readonly SKData? _data;

    OpenedPicture(SKCodec codec, SKData? data, SKEncodedOrigin origin) => (Codec, _data, Origin) = (codec, data, origin);

    static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8, 0xFF];

    /// <summary>What decodes it.</summary>
    public SKCodec Codec { get; }

    /// <summary>What its EXIF orientation says.</summary>
    public SKEncodedOrigin Origin { get; }

    /// <summary>How many pixels it has.</summary>
    public long Pixels => (long)Codec.Info.Width * Codec.Info.Height;

    /// <summary>Opens a picture; its bytes stay where they are as long as it is used.</summary>
    /// <exception cref="ImageFormatException">It is damaged, too large or of a kind that is not read.</exception>
    public static OpenedPicture Open(byte* bytes, int length, ImageLimits limits, string source, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var encoded = new ReadOnlySpan<byte>(bytes, length);
        if (encoded.IsEmpty) throw new ImageFormatException($"{source}: the file is empty");
        if (length > limits.MaxBytes) throw BoundedBytes.TooMany(source, limits.MaxBytes);
        if (OtherFormats.NameOf(encoded) is { } other) throw new ImageFormatException($"{source}: {other} are not read; convert it to JPEG or PNG");
        // A closed list: the library knows more formats, some without a signature.
        bool png = encoded.StartsWith(PngSignature), jpeg = encoded.StartsWith(JpegSignature);
        var webp = length >= 12 && encoded.StartsWith("RIFF"u8) && encoded.Slice(8, 4).SequenceEqual("WEBP"u8);
        if (!(png || jpeg || webp || encoded.StartsWith("BM"u8) || encoded.StartsWith("GIF87a"u8) || encoded.StartsWith("GIF89a"u8)))
            throw new ImageFormatException($"{source}: not a JPEG, PNG, WebP, BMP or GIF picture; convert it to JPEG or PNG");
        if (jpeg && !JpegEnd.IsThere(encoded)) throw new ImageFormatException($"{source}: the picture is cut off; get the file again");
        // JPEG comes by rows, and WebP at a stretch however it is read.
        var data = jpeg || webp || !cancellation.CanBeCanceled ? SKData.Create((nint)bytes, length) : null;
        var codec = data is null ? SKCodec.Create(new EndingStream(bytes, length, cancellation)) : SKCodec.Create(data);
        if (codec is null)
        {
            data?.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw new ImageFormatException($"{source}: the picture's header is damaged or cut off; get the file again");
        }
        var picture = new OpenedPicture(codec, data, png ? PngExif.Orientation(encoded) : codec.EncodedOrigin);
        if (picture.Fault(limits) is not { } fault) return picture;
        picture.Dispose();
        throw new ImageFormatException($"{source}: {fault}");
    }

    string? Fault(ImageLimits limits)
    {
        var limit = Math.Min(limits.MaxPixels, ImageCodec.MostPixels);
        var size = $"{Codec.Info.Width} x {Codec.Info.Height} pixels";
        return Pixels > limit ? $"{size} are more than the limit of {limit}; scale the picture down" : Pixels <= 0 ? $"a picture of {size}" : null;
    }

    public void Dispose()
    {
        Codec.Dispose();
        _data?.Dispose();
    }
}
