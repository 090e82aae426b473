namespace EdgeFace.Vision;

/// <summary>A picture in memory: rows from top to bottom without gaps, pixels from left to right, three bytes R, G, B each.</summary>
public sealed class RgbImage
{
    readonly byte[] _pixels;

    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">width x height x 3 bytes; the picture keeps the array.</param>
    /// <exception cref="ArgumentException">Size and bytes do not fit.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (pixels.LongLength != 3L * width * height) throw new ArgumentException($"{width} x {height} RGB pixels are {3L * width * height} bytes, not {pixels.LongLength}", nameof(pixels));
        (Width, Height, _pixels) = (width, height, pixels);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Width x height x 3 bytes.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;
}
