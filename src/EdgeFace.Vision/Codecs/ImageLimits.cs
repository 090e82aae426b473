namespace EdgeFace.Vision;

/// <summary>What a picture may cost. Checked before its pixels are allocated.</summary>
public sealed record ImageLimits
{
    /// <summary>The limits where none are given.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>The most bytes an encoded picture may have, at least 1; 64 MiB unless set. Never more than an array can hold.</summary>
    public long MaxBytes { get; init => field = AtLeast1(value, nameof(MaxBytes)); } = 64L << 20;

    /// <summary>
    /// The most pixels a picture may have, at least 1; 100 million unless set. Never more than 536,870,911, as each takes 4 bytes of one
    /// array. At its peak decoding takes 7 bytes a pixel, 3 of them for the result; 4 for baseline JPEG, 8 for lossless WebP, up to 15 for
    /// progressive JPEG and interlaced PNG.
    /// </summary>
    public long MaxPixels { get; init => field = AtLeast1(value, nameof(MaxPixels)); } = 100_000_000;

    static long AtLeast1(long value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
