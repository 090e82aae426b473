using System.Diagnostics;
using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection;

/// <summary>A copy of a reduced picture, turned by a multiple of 90 degrees. Its memory is kept for the next one.</summary>
sealed unsafe class TurnedCopy : IDisposable
{
    // A larger copy is not kept between pictures.
    const long MostKeptBytes = 16 << 20;

    // Between two looks at whether the search was cancelled.
    const int RowsAtOnce = 64;

    NativeBuffer? _memory;

    /// <summary>The picture turned clockwise by so many quarters of the circle; the picture itself for 0.</summary>
    public PictureLevel Make(PictureLevel from, int quarters, CancellationToken cancellation = default)
    {
        if (quarters == 0) return from;
        var floats = (3L * from.Width * from.Height + sizeof(float) - 1) / sizeof(float);
        if (_memory is null || _memory.Count < floats)
        {
            End(mostBytes: 0);
            _memory = new NativeBuffer(floats);
        }
        var (width, height) = quarters == 2 ? (from.Width, from.Height) : (from.Height, from.Width);
        var turned = new PictureLevel((nint)_memory.Pointer, width, height);
        // In bytes: where the first pixel comes from, and how far it is from there to those of the next pixel and of the next row.
        var last = from.RowBytes - 3;
        var (first, right, down) = quarters switch
        {
            1 => ((from.Height - 1L) * from.RowBytes, -from.RowBytes, 3),
            2 => ((from.Height - 1L) * from.RowBytes + last, -3, -from.RowBytes),
            _ => (last, from.RowBytes, -3),
        };
        for (var y = 0; y < height; y++, first += down)
        {
            if (y % RowsAtOnce == 0) cancellation.ThrowIfCancellationRequested();
            var source = from.Pixels + first;
            Debug.Assert(first >= 0 && first + (width - 1L) * right is >= 0 and var end && end + 3 <= (long)from.Height * from.RowBytes,
                "a row of the copy is a row or a column of the picture");
            var target = turned.Row(y);
            for (var x = 0; x < width; x++, source += right, target += 3) (target[0], target[1], target[2]) = (source[0], source[1], source[2]);
        }
        return turned;
    }

    /// <summary>Ends with a picture.</summary>
    public void End() => End(MostKeptBytes);

    void End(long mostBytes)
    {
        if (_memory is null || _memory.Count * sizeof(float) <= mostBytes) return;
        _memory.Dispose();
        _memory = null;
    }

    public void Dispose() => End(mostBytes: 0);
}
