using EdgeFace.Kernels;

namespace EdgeFace.Vision;

/// <summary>A picture in memory: rows from top to bottom without gaps, pixels from left to right, three bytes R, G, B each.</summary>
public sealed unsafe class RgbImage
{
    readonly byte[]? _pixels;
    NativeBuffer? _native;

    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">width x height x 3 bytes; the picture keeps the array.</param>
    /// <exception cref="ArgumentException">Size and bytes do not fit.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != 3L * width * height)
            throw new ArgumentException($"{width} x {height} RGB pixels are {3L * width * height} bytes, not {pixels.LongLength}", nameof(pixels));
        (Width, Height, _pixels) = (width, height, pixels);
    }

    RgbImage(int width, int height, NativeBuffer native) => (Width, Height, _native) = (width, height, native);

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
    public ReadOnlySpan<byte> Pixels => _pixels is { } array ? array : Target;

    /// <summary>The same bytes of a picture in native memory.</summary>
    internal Span<byte> Target
        => _native is { } native ? new(native.Pointer, 3 * Width * Height) : throw new ObjectDisposedException(nameof(RgbImage));

    /// <summary>Frees the pixels of a picture in native memory.</summary>
    internal void Free()
    {
        _native?.Dispose();
        _native = null;
    }
}
