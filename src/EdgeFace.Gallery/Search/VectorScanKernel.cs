namespace EdgeFace.Gallery.Search;

/// <summary>The kernel for one width of vector.</summary>
sealed unsafe class VectorScanKernel<V>(string name, bool runs) : ScanKernel(name, runs) where V : unmanaged, IRowVector<V>
{
    const int Step = 2 * RowChunk.BlockRows;

    public override bool One(sbyte* block, int pairs, int* probe, int threshold, int* scores)
    {
        var limit = V.Repeat(threshold);
        var above = false;
        for (var r = 0; r < RowChunk.BlockRows;)
        {
            // The whole block in one pass where four sums make it, so that its bytes are read in order.
            var wide = 4 * V.Rows <= RowChunk.BlockRows;
            V a = V.Zero, b = V.Zero, c = V.Zero, d = V.Zero;
            var codes = block + 2 * r;
            for (var i = 0; i < pairs; i++, codes += Step)
            {
                var pair = V.Repeat(probe[i]);
                a = V.MultiplyAdd(V.Load(codes), pair, a);
                b = V.MultiplyAdd(V.Load(codes + 2 * V.Rows), pair, b);
                if (!wide) continue;
                c = V.MultiplyAdd(V.Load(codes + 4 * V.Rows), pair, c);
                d = V.MultiplyAdd(V.Load(codes + 6 * V.Rows), pair, d);
            }
            V.Store(a, scores + r);
            V.Store(b, scores + r + V.Rows);
            above |= V.AnyAbove(a, limit) | V.AnyAbove(b, limit);
            r += 2 * V.Rows;
            if (!wide) continue;
            V.Store(c, scores + r);
            V.Store(d, scores + r + V.Rows);
            above |= V.AnyAbove(c, limit) | V.AnyAbove(d, limit);
            r += 2 * V.Rows;
        }
        return above;
    }

    public override uint Four(sbyte* block, int pairs, int* probes, int* thresholds, int* scores)
    {
        uint above = 0;
        for (var r = 0; r < RowChunk.BlockRows; r += 2 * V.Rows)
        {
            V a0 = V.Zero, a1 = V.Zero, b0 = V.Zero, b1 = V.Zero, c0 = V.Zero, c1 = V.Zero, d0 = V.Zero, d1 = V.Zero;
            var codes = block + 2 * r;
            var pair = probes;
            for (var i = 0; i < pairs; i++, codes += Step, pair += Probes)
            {
                V first = V.Load(codes), second = V.Load(codes + 2 * V.Rows), p = V.Repeat(pair[0]);
                a0 = V.MultiplyAdd(first, p, a0);
                a1 = V.MultiplyAdd(second, p, a1);
                p = V.Repeat(pair[1]);
                b0 = V.MultiplyAdd(first, p, b0);
                b1 = V.MultiplyAdd(second, p, b1);
                p = V.Repeat(pair[2]);
                c0 = V.MultiplyAdd(first, p, c0);
                c1 = V.MultiplyAdd(second, p, c1);
                p = V.Repeat(pair[3]);
                d0 = V.MultiplyAdd(first, p, d0);
                d1 = V.MultiplyAdd(second, p, d1);
            }
            above |= Finish(a0, a1, thresholds[0], scores + r) | Finish(b0, b1, thresholds[1], scores + RowChunk.BlockRows + r) << 1
                | Finish(c0, c1, thresholds[2], scores + 2 * RowChunk.BlockRows + r) << 2 | Finish(d0, d1, thresholds[3], scores + 3 * RowChunk.BlockRows + r) << 3;
        }
        return above;
    }

    static uint Finish(V first, V second, int threshold, int* scores)
    {
        V.Store(first, scores);
        V.Store(second, scores + V.Rows);
        var limit = V.Repeat(threshold);
        return V.AnyAbove(first, limit) || V.AnyAbove(second, limit) ? 1u : 0;
    }
}
