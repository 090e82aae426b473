namespace EdgeFace.Vision;

/// <summary>What a picture may cost. Checked before its pixels are allocated.</summary>
public readonly record struct ImageLimits
{
    readonly long _maxBytes, _maxPixels;

    /// <summary>The most bytes an encoded picture may have, at least 1; 64 MiB unless set. Never more than an array can hold.</summary>
    public long MaxBytes
    {
        get => _maxBytes == 0 ? 64L << 20 : _maxBytes;
        init => _maxBytes = AtLeast1(value, nameof(MaxBytes));
    }

    /// <summary>
    /// The most pixels a picture may have, at least 1; 100 million unless set. Never more than 536,870,911, as each takes 4 bytes of one
    /// array. At its peak decoding takes 7 bytes a pixel, 3 of them for the result; 4 for baseline JPEG, 8 for lossless WebP, up to 15 for
    /// progressive JPEG and interlaced PNG.
    /// </summary>
    public long MaxPixels
    {
        get => _maxPixels == 0 ? 100_000_000 : _maxPixels;
        init => _maxPixels = AtLeast1(value, nameof(MaxPixels));
    }

    static long AtLeast1(long value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
