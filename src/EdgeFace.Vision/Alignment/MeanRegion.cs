using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace EdgeFace.Vision;

/// <summary>
/// The part of a picture that a crop shows, each of its pixels the mean of 2^halvings x 2^halvings of the picture's; without any, the picture
/// itself.
/// </summary>
readonly unsafe ref struct MeanRegion
{
    /// <summary>Beyond these, sums of bytes would not fit.</summary>
    public const int MostHalvings = 8;

    readonly SimilarityTransform _toPixels;
    readonly ReadOnlySpan<byte> _pixels;
    readonly byte[]? _rented;
    // Where the part begins, its size, and the size of the whole.
    readonly int _left, _top, _width, _height, _wholeWidth, _wholeHeight;

    /// <param name="image">The picture.</param>
    /// <param name="halvings">How often it is halved.</param>
    /// <param name="toPixels">From the crop to pixels of the halved picture.</param>
    public MeanRegion(RgbImage image, int halvings, SimilarityTransform toPixels)
    {
        _toPixels = toPixels;
        (_wholeWidth, _wholeHeight) = (image.Width >> halvings, image.Height >> halvings);
        if (halvings == 0)
        {
            _pixels = image.Pixels;
            (_width, _height) = (_wholeWidth, _wholeHeight);
            return;
        }
        const double last = FaceEmbedder.CropSize - 1;
        double a = toPixels.A * last, b = toPixels.B * last;
        (_left, _width) = Extent(toPixels.Tx + Math.Min(a, 0) + Math.Min(-b, 0), toPixels.Tx + Math.Max(a, 0) + Math.Max(-b, 0), _wholeWidth);
        (_top, _height) = Extent(toPixels.Ty + Math.Min(a, 0) + Math.Min(b, 0), toPixels.Ty + Math.Max(a, 0) + Math.Max(b, 0), _wholeHeight);
        var bytes = 3 * _width * _height;
        _rented = ArrayPool<byte>.Shared.Rent(bytes);
        _pixels = _rented.AsSpan(0, bytes);
        Fill(image, halvings);
    }

    /// <summary>The pixels from one place to another with their neighbours, as far as there are any.</summary>
    static (int First, int Count) Extent(double from, double to, int side)
    {
        int first = (int)Math.Clamp(Math.Floor(from), 0, side), end = (int)Math.Clamp(Math.Floor(to) + 2, first, side);
        return (first, end - first);
    }

    void Fill(RgbImage image, int halvings)
    {
        int side = 1 << halvings, line = 3 * image.Width, columns = 3 * _width << halvings, half = 1 << (2 * halvings - 1);
        var sums = ArrayPool<ushort>.Shared.Rent(columns);
        var source = image.Pixels;
        for (var y = 0; y < _height; y++)
        {
            var sum = sums.AsSpan(0, columns);
            sum.Clear();
            var at = ((long)(_top + y) << halvings) * line + 3 * (_left << halvings);
            for (var row = 0; row < side; row++, at += line) Add(source.Slice((int)at, columns), sum);
            var target = _rented.AsSpan(3 * y * _width, 3 * _width);
            for (var x = 0; x < target.Length; x += 3, sum = sum[(3 * side)..])
            {
                int r = half, g = half, b = half;
                for (var i = 0; i < 3 * side; i += 3) (r, g, b) = (r + sum[i], g + sum[i + 1], b + sum[i + 2]);
                (target[x], target[x + 1], target[x + 2]) = ((byte)(r >> 2 * halvings), (byte)(g >> 2 * halvings), (byte)(b >> 2 * halvings));
            }
        }
        ArrayPool<ushort>.Shared.Return(sums);
    }

    static void Add(ReadOnlySpan<byte> row, Span<ushort> sums)
    {
        var i = 0;
        for (; i + Vector<byte>.Count <= row.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out var low, out var high);
            (low + new Vector<ushort>(sums[i..])).CopyTo(sums[i..]);
            (high + new Vector<ushort>(sums[(i + Vector<ushort>.Count)..])).CopyTo(sums[(i + Vector<ushort>.Count)..]);
        }
        for (; i < row.Length; i++) sums[i] += row[i];
    }

    /// <summary>Samples the crop, bilinear; black outside the picture.</summary>
    public void Sample(Span<byte> crop)
    {
        fixed (byte* pixels = _pixels)
        {
            for (var y = 0; y < FaceEmbedder.CropSize; y++)
                for (var x = 0; x < FaceEmbedder.CropSize; x++)
                {
                    double atX = _toPixels.A * x - _toPixels.B * y + _toPixels.Tx, atY = _toPixels.B * x + _toPixels.A * y + _toPixels.Ty;
                    Sample(pixels, atX, atY, crop.Slice((y * FaceEmbedder.CropSize + x) * 3, 3));
                }
        }
    }

    void Sample(byte* pixels, double x, double y, Span<byte> rgb)
    {
        rgb.Clear();
        if (!(x > -1 && y > -1 && x < _wholeWidth && y < _wholeHeight)) return;
        int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y), left = x0 - _left, top = y0 - _top;
        double fx = x - x0, fy = y - y0;
        Vector256<double> upper, lower;
        // Four bytes are read at each of the four pixels.
        if (left >= 0 && top >= 0 && left + 2 < _width && top + 1 < _height)
        {
            var at = pixels + 3 * ((long)top * _width + left);
            Debug.Assert(at + 3L * _width + 7 <= pixels + _pixels.Length, "the last of the four pixels and a byte more lie in the region");
            var below = at + 3L * _width;
            upper = Load(at) * (1 - fx) + Load(at + 3) * fx;
            lower = Load(below) * (1 - fx) + Load(below + 3) * fx;
        }
        else
        {
            upper = Border(pixels, left, top) * (1 - fx) + Border(pixels, left + 1, top) * fx;
            lower = Border(pixels, left, top + 1) * (1 - fx) + Border(pixels, left + 1, top + 1) * fx;
        }
        var mixed = upper * (1 - fy) + lower * fy + Vector256.Create(0.5);
        (rgb[0], rgb[1], rgb[2]) = ((byte)mixed[0], (byte)mixed[1], (byte)mixed[2]);
    }

    static Vector256<double> Load(byte* pixel)
    {
        var bytes = Vector128.CreateScalar(*(uint*)pixel).AsByte();
        var values = Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32();
        return Vector256.ConvertToDouble(Vector256.WidenLower(values.ToVector256()));
    }

    Vector256<double> Border(byte* pixels, int x, int y)
    {
        if ((uint)x >= (uint)_width || (uint)y >= (uint)_height) return default;
        var pixel = pixels + 3 * ((long)y * _width + x);
        return Vector256.Create((double)pixel[0], pixel[1], pixel[2], 0);
    }

    public void Dispose()
    {
        if (_rented is not null) ArrayPool<byte>.Shared.Return(_rented);
    }
}
