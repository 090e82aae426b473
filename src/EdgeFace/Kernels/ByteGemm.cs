using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

/// <summary>
/// Matrix products of bytes: rows are quantised into scratch memory, multiplied by packed weights, and scaled back as they are stored.
/// </summary>
static unsafe class ByteGemm<D> where D : unmanaged, IDot<D>
{
    const int MaxRows = 6;

    public static PackedMatrix8 Pack(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k)
        => new(weight, bias, n, k, 2 * D.Lanes, D.Group);

    public static void Run<V>(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, TileEnd end, bool gelu, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        Debug.Assert(rows > 0 && a != null && c != null && scratch != null, $"{rows} rows of {(nint)a:x} to {(nint)c:x}");
        // Scales, zeros, bytes of all rows.
        var zeros = (int*)(scratch + KernelSet.Stride(rows));
        var bytes = (byte*)(zeros + KernelSet.Stride(rows));
        nint row = 4 * weight.Steps;
        if (weight.Inputs < D.Lanes)
            for (var r = 0; r < rows; r++) QuantiseNarrow(a + (long)r * lda, weight.Inputs, bytes + r * row, scratch + r, zeros + r);
        else
            for (var r = 0; r < rows; r += 4)
                Quantise(a + (long)r * lda, lda, Math.Min(rows - r, 4), weight.Inputs, bytes + r * row, row, scratch + r, zeros + r);
        var width = KernelSet.Stride(weight.Outputs);
        for (var done = 0; done < width; done += 2 * D.Lanes)
        {
            var columns = Math.Min(2 * D.Lanes, width - done);
            var panel = new BytePanel(weight.Weights + (long)done * weight.Steps * D.Group, columns * D.Group, weight.Steps,
                weight.Sums + done, weight.Scale + done, weight.Bias + done);
            if (columns >= D.Lanes) Rows(columns == 2 * D.Lanes, panel, bytes, row, scratch, zeros, c + done, ldc, rows, end);
            // Beside wider vectors 8 outputs may be left, whose pairs lie there as those of the narrower one do.
            var left = columns % D.Lanes;
            if (left != 0)
                ByteGemm<Pairs256>.Rows(false, panel.From(columns - left, D.Group), bytes, row, scratch, zeros,
                    c + done + columns - left, ldc, rows, end);
            if (gelu) Gelu.Apply<V>(c + done, ldc, rows, columns);
        }
    }

    /// <summary>All rows of one or two vectors of a panel, cut into tiles whose heights differ by at most one.</summary>
    static void Rows(bool two, in BytePanel panel, byte* bytes, nint row, float* scale, int* zeros, float* c, int ldc, int rows, TileEnd end)
    {
        int tiles = (rows + MaxRows - 1) / MaxRows, height = rows / tiles, higher = rows - tiles * height,
            first = tiles - higher, done = first * height;
        Tiles(two, height, bytes, row, panel, scale, zeros, c, ldc, first, end);
        if (higher > 0) Tiles(two, height + 1, bytes + done * row, row, panel, scale + done, zeros + done, c + (long)done * ldc, ldc, higher, end);
    }

    /// <summary>Up to four rows, so that what one waits for is done beside the others; beyond the last row the last is computed again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Quantise(float* x, long lda, int rows, int count, byte* target, nint row, float* scale, int* zero)
    {
        int second = rows > 1 ? 1 : 0, third = second + (rows > 2 ? 1 : 0), fourth = third + (rows > 3 ? 1 : 0);
        float* x1 = x + second * lda, x2 = x + third * lda, x3 = x + fourth * lda;
        // The last vector overlaps the one before it.
        int last = count - D.Lanes, size = 4 / D.Group;
        D low = D.Load(x + last), low1 = D.Load(x1 + last), low2 = D.Load(x2 + last), low3 = D.Load(x3 + last);
        D high = D.MaxSigned(default, low), high1 = D.MaxSigned(default, low1),
            high2 = D.MaxSigned(default, low2), high3 = D.MaxSigned(default, low3);
        for (var i = 0; i < last; i += D.Lanes)
        {
            D v = D.Load(x + i), v1 = D.Load(x1 + i), v2 = D.Load(x2 + i), v3 = D.Load(x3 + i);
            (high, low) = (D.MaxSigned(high, v), D.MaxUnsigned(low, v));
            (high1, low1) = (D.MaxSigned(high1, v1), D.MaxUnsigned(low1, v1));
            (high2, low2) = (D.MaxSigned(high2, v2), D.MaxUnsigned(low2, v2));
            (high3, low3) = (D.MaxSigned(high3, v3), D.MaxUnsigned(low3, v3));
        }
        RowScale s = Scale(high, low), s1 = Scale(high1, low1), s2 = Scale(high2, low2), s3 = Scale(high3, low3);
        (scale[0], zero[0]) = (s.Scale, s.Zero);
        (scale[second], zero[second]) = (s1.Scale, s1.Zero);
        (scale[third], zero[third]) = (s2.Scale, s2.Zero);
        (scale[fourth], zero[fourth]) = (s3.Scale, s3.Zero);
        byte* to1 = target + second * row, to2 = target + third * row, to3 = target + fourth * row;
        for (var i = 0; i < last; i += D.Lanes) Round(i);
        Round(last);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static RowScale Scale(D high, D low) => RowScale.Of(D.LargestSigned(high), D.LargestUnsigned(low));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Round(int i)
        {
            D.Round(x + i, s.Factor, s.Zero, target + i * size);
            D.Round(x1 + i, s1.Factor, s1.Zero, to1 + i * size);
            D.Round(x2 + i, s2.Factor, s2.Zero, to2 + i * size);
            D.Round(x3 + i, s3.Factor, s3.Zero, to3 + i * size);
        }
    }

    static void QuantiseNarrow(float* x, int count, byte* target, float* scale, int* zero)
    {
        var padded = stackalloc float[D.Lanes];
        var bytes = stackalloc byte[D.Lanes * 4 / D.Group];
        new Span<float>(padded, D.Lanes).Clear();
        new ReadOnlySpan<float>(x, count).CopyTo(new Span<float>(padded, count));
        Quantise(padded, 0, 1, D.Lanes, bytes, 0, scale, zero);
        var used = count * 4 / D.Group;
        new ReadOnlySpan<byte>(bytes, used).CopyTo(new Span<byte>(target, used));
    }

    static void Tiles(bool two, int height, byte* a, nint row, in BytePanel panel,
        float* rowScale, int* zero, float* c, nint ldc, int tiles, TileEnd end)
    {
        switch (height)
        {
            case 1: Tiles<R1>(two, a, row, panel, rowScale, zero, c, ldc, tiles, end); break;
            case 2: Tiles<R2>(two, a, row, panel, rowScale, zero, c, ldc, tiles, end); break;
            case 3: Tiles<R3>(two, a, row, panel, rowScale, zero, c, ldc, tiles, end); break;
            case 4: Tiles<R4>(two, a, row, panel, rowScale, zero, c, ldc, tiles, end); break;
            case 5: Tiles<R5>(two, a, row, panel, rowScale, zero, c, ldc, tiles, end); break;
            default: Tiles<R6>(two, a, row, panel, rowScale, zero, c, ldc, tiles, end); break;
        }
    }

    static void Tiles<R>(bool two, byte* a, nint row, in BytePanel panel, float* rowScale, int* zero, float* c, nint ldc, int tiles, TileEnd end)
        where R : unmanaged, IRows
    {
        if (two) Tile<R, R2>(a, row, panel, rowScale, zero, c, ldc, tiles, end);
        else Tile<R, R1>(a, row, panel, rowScale, zero, c, ldc, tiles, end);
    }

    /// <summary>R rows (up to 6) x C vectors (1 or 2), as in Tile.cs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile<R, C>(byte* a, nint row, in BytePanel panel, float* rowScale, int* zero, float* c, nint ldc, int tiles, TileEnd end)
        where R : unmanaged, IRows where C : unmanaged, IRows
    {
        nint row2 = 2 * row, step = panel.Step;
        int* sums = panel.Sums;
        float* scale = panel.Scale, bias = panel.Bias;
        for (; tiles > 0; tiles--, a += R.Value * row, c += R.Value * ldc, rowScale += R.Value, zero += R.Value)
        {
            byte* p0 = a, p3 = a + 3 * row;
            var q = panel.Weights;
            D r0v0 = R.Value > 0 ? D.Start(sums, zero[0]) : default, r0v1 = R.Value > 0 && C.Value > 1 ? D.Start(sums + D.Lanes, zero[0]) : default;
            D r1v0 = R.Value > 1 ? D.Start(sums, zero[1]) : default, r1v1 = R.Value > 1 && C.Value > 1 ? D.Start(sums + D.Lanes, zero[1]) : default;
            D r2v0 = R.Value > 2 ? D.Start(sums, zero[2]) : default, r2v1 = R.Value > 2 && C.Value > 1 ? D.Start(sums + D.Lanes, zero[2]) : default;
            D r3v0 = R.Value > 3 ? D.Start(sums, zero[3]) : default, r3v1 = R.Value > 3 && C.Value > 1 ? D.Start(sums + D.Lanes, zero[3]) : default;
            D r4v0 = R.Value > 4 ? D.Start(sums, zero[4]) : default, r4v1 = R.Value > 4 && C.Value > 1 ? D.Start(sums + D.Lanes, zero[4]) : default;
            D r5v0 = R.Value > 5 ? D.Start(sums, zero[5]) : default, r5v1 = R.Value > 5 && C.Value > 1 ? D.Start(sums + D.Lanes, zero[5]) : default;
            for (var i = panel.Steps; i > 0; i--)
            {
                D b0 = D.LoadWeights(q), b1 = C.Value > 1 ? D.LoadWeights(q + D.Lanes * D.Group) : b0, x;
                x = D.Broadcast(p0); r0v0 = D.Add(r0v0, x, b0); if (C.Value > 1) r0v1 = D.Add(r0v1, x, b1);
                if (R.Value > 1) { x = D.Broadcast(p0 + row); r1v0 = D.Add(r1v0, x, b0); if (C.Value > 1) r1v1 = D.Add(r1v1, x, b1); }
                if (R.Value > 2) { x = D.Broadcast(p0 + row2); r2v0 = D.Add(r2v0, x, b0); if (C.Value > 1) r2v1 = D.Add(r2v1, x, b1); }
                if (R.Value > 3) { x = D.Broadcast(p3); r3v0 = D.Add(r3v0, x, b0); if (C.Value > 1) r3v1 = D.Add(r3v1, x, b1); }
                if (R.Value > 4) { x = D.Broadcast(p3 + row); r4v0 = D.Add(r4v0, x, b0); if (C.Value > 1) r4v1 = D.Add(r4v1, x, b1); }
                if (R.Value > 5) { x = D.Broadcast(p3 + row2); r5v0 = D.Add(r5v0, x, b0); if (C.Value > 1) r5v1 = D.Add(r5v1, x, b1); }
                p0 += 4;
                if (R.Value > 3) p3 += 4;
                q += step;
            }
            Store<C>(r0v0, r0v1, rowScale[0], scale, bias, c, end);
            if (R.Value > 1) Store<C>(r1v0, r1v1, rowScale[1], scale, bias, c + ldc, end);
            if (R.Value > 2) Store<C>(r2v0, r2v1, rowScale[2], scale, bias, c + 2 * ldc, end);
            if (R.Value > 3) Store<C>(r3v0, r3v1, rowScale[3], scale, bias, c + 3 * ldc, end);
            if (R.Value > 4) Store<C>(r4v0, r4v1, rowScale[4], scale, bias, c + 4 * ldc, end);
            if (R.Value > 5) Store<C>(r5v0, r5v1, rowScale[5], scale, bias, c + 5 * ldc, end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store<C>(D v0, D v1, float rowScale, float* scale, float* bias, float* c, TileEnd end) where C : unmanaged, IRows
    {
        D.Store(v0, rowScale, scale, bias, c, end);
        if (C.Value > 1) D.Store(v1, rowScale, scale + D.Lanes, bias + D.Lanes, c + D.Lanes, end);
    }
}
