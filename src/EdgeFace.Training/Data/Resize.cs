using System.Buffers;

namespace EdgeFace.Training.Data;

/// <summary>A crop made smaller and large again, as a face that was small in its photo.</summary>
static class Resize
{
    const int Side = FaceEmbedder.CropSize;

    /// <param name="side">The smaller size; bilinear both ways, pixel centres on pixel centres.</param>
    public static void ThereAndBack(Span<byte> view, int side)
    {
        side = Math.Clamp(side, 8, Side);
        var small = ArrayPool<byte>.Shared.Rent(side * side * 3);
        Bilinear(view, Side, small, side);
        Bilinear(small, side, view, Side);
        ArrayPool<byte>.Shared.Return(small);
    }

    static void Bilinear(ReadOnlySpan<byte> source, int from, Span<byte> target, int to)
    {
        var ratio = from / (float)to;
        for (var y = 0; y < to; y++)
        {
            var (top, below, b) = Place(y, ratio, from);
            for (var x = 0; x < to; x++)
            {
                var (left, right, a) = Place(x, ratio, from);
                for (var c = 0; c < 3; c++)
                {
                    var upper = source[(top * from + left) * 3 + c] * (1 - a) + source[(top * from + right) * 3 + c] * a;
                    var lower = source[(below * from + left) * 3 + c] * (1 - a) + source[(below * from + right) * 3 + c] * a;
                    target[(y * to + x) * 3 + c] = (byte)(upper * (1 - b) + lower * b + 0.5f);
                }
            }
        }
    }

    static (int First, int Second, float Share) Place(int at, float ratio, int from)
    {
        var place = Math.Clamp((at + 0.5f) * ratio - 0.5f, 0, from - 1);
        var first = (int)place;
        return (first, Math.Min(first + 1, from - 1), place - first);
    }
}
