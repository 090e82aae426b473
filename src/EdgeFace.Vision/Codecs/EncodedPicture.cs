using System.Runtime.InteropServices;
using SkiaSharp;

namespace EdgeFace.Vision;

/// <summary>
/// A picture whose header was read, to be decoded at its own size or, where it is a large JPEG, at a fraction of it, which takes a fraction of the time.
/// </summary>
sealed unsafe class EncodedPicture : IDisposable
{
    // What a reduced copy is: at least as large as the search's coarse scale takes, and at most a quarter, as half the size saves little.
    const int LeastSide = 640, LeastLevel = 2, MostLevel = 3;

    const int RowsAtOnce = 16;

    readonly SKData _data;
    readonly SKCodec _codec;
    readonly SKEncodedOrigin _origin;
    readonly string _source;
    bool _isDisposed;

    EncodedPicture(SKData data, SKCodec codec, SKEncodedOrigin origin, string source)
    {
        (_data, _codec, _origin, _source) = (data, codec, origin, source);
        ReducedLevel = LevelOf(codec, origin);
    }

    /// <param name="data">The picture's bytes; disposed of with the picture.</param>
    /// <param name="origin">What its EXIF orientation says; null where the library knows.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="ImageFormatException">Its header is damaged.</exception>
    public static EncodedPicture Open(SKData data, SKEncodedOrigin? origin, string source)
    {
        if (SKCodec.Create(data) is { } codec) return new(data, codec, origin ?? codec.EncodedOrigin, source);
        data.Dispose();
        throw new ImageFormatException($"{source}: the picture's header is damaged or cut off; get the file again");
    }

    /// <summary>Width and height as stored.</summary>
    public (int Width, int Height) Stored => (_codec.Info.Width, _codec.Info.Height);

    /// <summary>Width and height of the upright picture.</summary>
    public (int Width, int Height) Upright => _origin >= SKEncodedOrigin.LeftTop ? (Stored.Height, Stored.Width) : Stored;

    /// <summary>Which reduced copy there is, at 1 / 2^level; 0 for none.</summary>
    public int ReducedLevel { get; }

    // By the header alone, so that what comes of a picture depends on its bytes alone.
    static int LevelOf(SKCodec codec, SKEncodedOrigin origin)
    {
        if (codec.EncodedFormat != SKEncodedImageFormat.Jpeg) return 0;
        int width = codec.Info.Width, height = codec.Info.Height, level = MostLevel;
        while (level > 0 && Math.Max(width, height) >> level < LeastSide) level--;
        // Where the picture is turned or mirrored, a last pixel that stands for fewer would come first.
        var whole = ((width | height) & ((1 << level) - 1)) == 0 || origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.LeftTop;
        return level >= LeastLevel && whole && Math.Min(width, height) >> level >= 2 ? level : 0;
    }

    /// <summary>The upright picture in native memory, at 1 / 2^level of its size, rounded down.</summary>
    /// <param name="level">0 to 3. Only 0 and <see cref="ReducedLevel"/> lie as the picture does, whatever its orientation.</param>
    /// <exception cref="ImageFormatException">It is damaged or cut off.</exception>
    public RgbImage Decode(int level)
    {
        // The library would use what it has freed.
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var size = level == 0 ? new(Stored.Width, Stored.Height) : _codec.GetScaledDimensions(1f / (1 << level));
        var opaque = _codec.Info.AlphaType == SKAlphaType.Opaque;
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul, null);
        var rows = new UprightRows(Stored.Width >> level, Stored.Height >> level, _origin);
        var result = _codec.EncodedFormat == SKEncodedImageFormat.Jpeg ? ByRows(rows, info) : AtOnce(rows, info, opaque);
        if (result == SKCodecResult.Success) return rows.Image;
        rows.Image.Free();
        var what = result == SKCodecResult.IncompleteInput ? "cut off" : "damaged";
        throw new ImageFormatException($"{_source}: the picture is {what} ({result}); get the file again");
    }

    /// <summary>A few rows after another, so that the pixels are in memory once.</summary>
    SKCodecResult ByRows(UprightRows rows, SKImageInfo info)
    {
        var result = _codec.StartScanlineDecode(info);
        if (result != SKCodecResult.Success) return result;
        var memory = (byte*)NativeMemory.Alloc((nuint)info.Width * RowsAtOnce, 4);
        try
        {
            for (var y = 0; y < info.Height; y += RowsAtOnce)
            {
                var count = Math.Min(RowsAtOnce, info.Height - y);
                if (_codec.GetScanlines((nint)memory, count, info.RowBytes) != count) return SKCodecResult.IncompleteInput;
                rows.Write(memory, info.Width, y, Math.Min(count, rows.Height - y), opaque: true);
            }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
        return SKCodecResult.Success;
    }

    SKCodecResult AtOnce(UprightRows rows, SKImageInfo info, bool opaque)
    {
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(info))
            throw new ImageFormatException($"{_source}: no memory for {info.Width} x {info.Height} pixels") { Kind = ErrorKind.Machine };
        var result = _codec.GetPixels(info, bitmap.GetPixels());
        if (result == SKCodecResult.Success) rows.Write((byte*)bitmap.GetPixels(), info.Width, 0, info.Height, opaque);
        return result;
    }

    public void Dispose()
    {
        _isDisposed = true;
        _codec.Dispose();
        _data.Dispose();
    }
}
