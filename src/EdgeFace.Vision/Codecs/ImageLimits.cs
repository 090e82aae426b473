namespace EdgeFace.Vision;

/// <summary>What a picture may cost. Checked before its pixels are allocated.</summary>
public readonly record struct ImageLimits
{
    readonly long _maxBytes, _maxPixels;

    /// <summary>The most bytes an encoded picture may have; 64 MiB unless set.</summary>
    public long MaxBytes
    {
        get => _maxBytes == 0 ? 64L << 20 : _maxBytes;
        init => _maxBytes = value;
    }

    /// <summary>The most pixels a picture may have; 100 million unless set. Decoding takes about 7 bytes a pixel.</summary>
    public long MaxPixels
    {
        get => _maxPixels == 0 ? 100_000_000 : _maxPixels;
        init => _maxPixels = value;
    }
}
