using EdgeFace.Kernels;

namespace EdgeFace.Vision;

/// <summary>A picture in memory: rows from top to bottom without gaps, pixels from left to right, three bytes R, G, B each.</summary>
public sealed unsafe class RgbImage
{
    readonly byte[]? _pixels;
    readonly ReadOnlyMemory<byte> _given;
    NativeBuffer? _native;

    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">width x height x 3 bytes; the picture keeps the array.</param>
    /// <exception cref="ArgumentException">Size and bytes do not fit.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        Require(width, height, pixels.LongLength);
        (Width, Height, _pixels) = (width, height, pixels);
    }

    /// <summary>A picture that keeps memory as it is, without a copy: whoever owns it leaves it alone as long as the picture is used.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">width x height x 3 bytes.</param>
    /// <exception cref="ArgumentException">Size and bytes do not fit.</exception>
    public RgbImage(int width, int height, ReadOnlyMemory<byte> pixels)
    {
        Require(width, height, pixels.Length);
        (Width, Height, _given) = (width, height, pixels);
    }

    RgbImage(int width, int height, NativeBuffer native) => (Width, Height, _native) = (width, height, native);

    /// <summary>A picture of pixels in another layout, as those of a camera's frame, which are converted once and not kept.</summary>
    /// <param name="pixels">The rows from top to bottom; after the pixels of the last one nothing need follow.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1; the whole is at most 715,827,882 pixels.</param>
    /// <param name="stride">From the first byte of a row to that of the next: at least the bytes of its pixels.</param>
    /// <param name="layout">What a pixel's bytes are.</param>
    /// <exception cref="ArgumentException">Size and bytes do not fit, or it is no layout.</exception>
    public static RgbImage FromPixels(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var row = (long)width * PackedPixels.BytesOf(layout);
        if (stride < row)
            throw new ArgumentOutOfRangeException(nameof(stride), stride, $"rows of {width} {layout} pixels begin at least {row} bytes apart");
        if ((long)width * height > Array.MaxLength / 3)
            throw new ArgumentOutOfRangeException(nameof(height), height, $"{width} x {height} pixels are more than an array can hold");
        var bytes = (height - 1L) * stride + row;
        return pixels.Length >= bytes ? new(width, height, PackedPixels.Of(pixels, width, height, stride, layout))
            : throw new ArgumentException($"{height} rows, {stride} bytes apart, of {width} {layout} pixels are {bytes} bytes, not {pixels.Length}",
                nameof(pixels));
    }

    /// <summary>
    /// A black picture to be written through <see cref="Target"/>, for whoever frees it: large arrays would stay until the whole heap is collected,
    /// many pictures later. It has to be reachable as long as its pixels are used.
    /// </summary>
    internal static RgbImage InNativeMemory(int width, int height)
        => new(width, height, new NativeBuffer((3L * width * height + sizeof(float) - 1) / sizeof(float)));

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Width x height x 3 bytes.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels is { } array ? array : !_given.IsEmpty ? _given.Span : Target;

    /// <summary>The same bytes of a picture in native memory.</summary>
    internal Span<byte> Target
        => _native is { } native ? new(native.Pointer, 3 * Width * Height) : throw new ObjectDisposedException(nameof(RgbImage));

    /// <summary>Frees the pixels of a picture in native memory.</summary>
    internal void Free()
    {
        _native?.Dispose();
        _native = null;
    }

    static void Require(int width, int height, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (bytes != 3L * width * height)
            throw new ArgumentException($"{width} x {height} RGB pixels are {3L * width * height} bytes, not {bytes}");
    }
}
