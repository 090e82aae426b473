using System.Runtime.CompilerServices;

namespace EdgeFace.Gallery.Search;

/// <summary>The kernel for one width of vector.</summary>
sealed unsafe class VectorScanKernel<V>(string name, bool runs) : ScanKernel(name, runs) where V : unmanaged, IRowVector<V>
{
    const int Step = 4 * RowChunk.BlockRows;

    public override bool One(byte* block, int fours, int* probe, int threshold, int* scores)
    {
        var limit = V.Repeat(threshold);
        var above = false;
        // The whole block in one pass where four vectors make it, so that its bytes are read in order.
        var wide = 4 * V.Rows <= RowChunk.BlockRows;
        for (var r = 0; r < RowChunk.BlockRows; r += (wide ? 4 : 2) * V.Rows)
        {
            V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
            var codes = block + 4 * r;
            var four = probe;
            for (var left = fours; left > 0; left -= Run)
            {
                V start = V.Start(*four++), e = start, f = start, g = start, h = start;
                for (var i = Math.Min(left, Run); i > 0; i--, codes += Step)
                {
                    var p = V.Repeat(*four++);
                    e = V.MultiplyAdd(V.LoadCodes(codes), p, e);
                    f = V.MultiplyAdd(V.LoadCodes(codes + 4 * V.Rows), p, f);
                    if (!wide) continue;
                    g = V.MultiplyAdd(V.LoadCodes(codes + 8 * V.Rows), p, g);
                    h = V.MultiplyAdd(V.LoadCodes(codes + 12 * V.Rows), p, h);
                }
                (a, b) = (V.AddWide(a, e), V.AddWide(b, f));
                if (wide) (c, d) = (V.AddWide(c, g), V.AddWide(d, h));
            }
            V.Store(a, scores + r);
            V.Store(b, scores + r + V.Rows);
            above |= V.AnyAbove(a, limit) | V.AnyAbove(b, limit);
            if (!wide) continue;
            V.Store(c, scores + r + 2 * V.Rows);
            V.Store(d, scores + r + 3 * V.Rows);
            above |= V.AnyAbove(c, limit) | V.AnyAbove(d, limit);
        }
        return above;
    }

    public override uint Four(byte* block, int fours, int* probes, int* thresholds, int* scores)
    {
        uint above = 0;
        for (var r = 0; r < RowChunk.BlockRows; r += 2 * V.Rows)
        {
            int* a = scores + r, b = a + RowChunk.BlockRows, c = b + RowChunk.BlockRows, d = c + RowChunk.BlockRows;
            Clear(a);
            Clear(b);
            Clear(c);
            Clear(d);
            var codes = block + 4 * r;
            var four = probes;
            for (var left = fours; left > 0; left -= Run)
            {
                V a0 = V.Start(four[0]), a1 = a0, b0 = V.Start(four[1]), b1 = b0, c0 = V.Start(four[2]), c1 = c0, d0 = V.Start(four[3]), d1 = d0;
                four += Probes;
                for (var i = Math.Min(left, Run); i > 0; i--, codes += Step, four += Probes)
                {
                    V first = V.LoadCodes(codes), second = V.LoadCodes(codes + 4 * V.Rows), p = V.Repeat(four[0]);
                    a0 = V.MultiplyAdd(first, p, a0);
                    a1 = V.MultiplyAdd(second, p, a1);
                    p = V.Repeat(four[1]);
                    b0 = V.MultiplyAdd(first, p, b0);
                    b1 = V.MultiplyAdd(second, p, b1);
                    p = V.Repeat(four[2]);
                    c0 = V.MultiplyAdd(first, p, c0);
                    c1 = V.MultiplyAdd(second, p, c1);
                    p = V.Repeat(four[3]);
                    d0 = V.MultiplyAdd(first, p, d0);
                    d1 = V.MultiplyAdd(second, p, d1);
                }
                Add(a0, a1, a);
                Add(b0, b1, b);
                Add(c0, c1, c);
                Add(d0, d1, d);
            }
            above |= Above(a, thresholds[0]) | Above(b, thresholds[1]) << 1 | Above(c, thresholds[2]) << 2 | Above(d, thresholds[3]) << 3;
        }
        return above;
    }

    // A call would move all sums to memory and back in every step.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Add(V first, V second, int* scores)
    {
        V.Store(V.AddWide(V.Load(scores), first), scores);
        V.Store(V.AddWide(V.Load(scores + V.Rows), second), scores + V.Rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Clear(int* scores)
    {
        V.Store(V.Zero, scores);
        V.Store(V.Zero, scores + V.Rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Above(int* scores, int threshold)
    {
        var limit = V.Repeat(threshold);
        return V.AnyAbove(V.Load(scores), limit) || V.AnyAbove(V.Load(scores + V.Rows), limit) ? 1u : 0;
    }
}
