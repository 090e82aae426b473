using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

/// <summary>A number of rows known when the JIT specialises a tile.</summary>
interface IRows
{
    static abstract int Value { get; }
}

/// <summary>What a tile does with its sums: c = sums, c = max(sums, 0), or c += sums.</summary>
enum TileEnd
{
    Store,
    Relu,
    Add,
}

/// <summary>
/// The register-blocked micro-kernel of every matrix product, for tiles x R rows:
/// c[r][j] = bias[j] + sum over i of a[r * row + i * innerStep] * b[i * ldb + j].
/// Accumulator rNvM holds row N, columns M * lanes onwards. Every tile adds in the same order, so a value does not depend on the tile it fell in.
/// Rows beyond R are dead code that the JIT drops.
/// </summary>
static unsafe class Tile
{
    /// <summary>R rows (up to 12) x 1 vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run1<V, R>(float* a, nint row, nint innerStep, float* b, nint ldb, float* bias, float* c, nint ldc,
        int inner, int tiles, TileEnd end)
        where V : unmanaged, ISimd<V> where R : unmanaged, IRows
    {
        nint row2 = 2 * row;
        for (; tiles > 0; tiles--, a += R.Value * row, c += R.Value * ldc)
        {
            float* p0 = a, q = b;
            V s0 = V.Load(bias);
            V r0v0 = s0;
            V r1v0 = s0;
            V r2v0 = s0;
            V r3v0 = s0;
            V r4v0 = s0;
            V r5v0 = s0;
            V r6v0 = s0;
            V r7v0 = s0;
            V r8v0 = s0;
            V r9v0 = s0;
            V r10v0 = s0;
            V r11v0 = s0;
            float* p3 = a + 3 * row, p6 = a + 6 * row, p9 = a + 9 * row;
            for (var i = inner; i > 0; i--)
            {
                V b0 = V.Load(q), x;
                x = V.Create(*p0); r0v0 = V.MultiplyAdd(x, b0, r0v0);
                if (R.Value > 1) { x = V.Create(p0[row]); r1v0 = V.MultiplyAdd(x, b0, r1v0); }
                if (R.Value > 2) { x = V.Create(p0[row2]); r2v0 = V.MultiplyAdd(x, b0, r2v0); }
                if (R.Value > 3) { x = V.Create(*p3); r3v0 = V.MultiplyAdd(x, b0, r3v0); }
                if (R.Value > 4) { x = V.Create(p3[row]); r4v0 = V.MultiplyAdd(x, b0, r4v0); }
                if (R.Value > 5) { x = V.Create(p3[row2]); r5v0 = V.MultiplyAdd(x, b0, r5v0); }
                if (R.Value > 6) { x = V.Create(*p6); r6v0 = V.MultiplyAdd(x, b0, r6v0); }
                if (R.Value > 7) { x = V.Create(p6[row]); r7v0 = V.MultiplyAdd(x, b0, r7v0); }
                if (R.Value > 8) { x = V.Create(p6[row2]); r8v0 = V.MultiplyAdd(x, b0, r8v0); }
                if (R.Value > 9) { x = V.Create(*p9); r9v0 = V.MultiplyAdd(x, b0, r9v0); }
                if (R.Value > 10) { x = V.Create(p9[row]); r10v0 = V.MultiplyAdd(x, b0, r10v0); }
                if (R.Value > 11) { x = V.Create(p9[row2]); r11v0 = V.MultiplyAdd(x, b0, r11v0); }
                p0 += innerStep;
                if (R.Value > 3) p3 += innerStep;
                if (R.Value > 6) p6 += innerStep;
                if (R.Value > 9) p9 += innerStep;
                q += ldb;
            }
            Store(c, r0v0, end);
            if (R.Value > 1) Store(c + 1 * ldc, r1v0, end);
            if (R.Value > 2) Store(c + 2 * ldc, r2v0, end);
            if (R.Value > 3) Store(c + 3 * ldc, r3v0, end);
            if (R.Value > 4) Store(c + 4 * ldc, r4v0, end);
            if (R.Value > 5) Store(c + 5 * ldc, r5v0, end);
            if (R.Value > 6) Store(c + 6 * ldc, r6v0, end);
            if (R.Value > 7) Store(c + 7 * ldc, r7v0, end);
            if (R.Value > 8) Store(c + 8 * ldc, r8v0, end);
            if (R.Value > 9) Store(c + 9 * ldc, r9v0, end);
            if (R.Value > 10) Store(c + 10 * ldc, r10v0, end);
            if (R.Value > 11) Store(c + 11 * ldc, r11v0, end);
        }
    }

    /// <summary>R rows (up to 12) x 2 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run2<V, R>(float* a, nint row, nint innerStep, float* b, nint ldb, float* bias, float* c, nint ldc,
        int inner, int tiles, TileEnd end)
        where V : unmanaged, ISimd<V> where R : unmanaged, IRows
    {
        nint row2 = 2 * row;
        for (; tiles > 0; tiles--, a += R.Value * row, c += R.Value * ldc)
        {
            float* p0 = a, q = b;
            V s0 = V.Load(bias);
            V s1 = V.Load(bias + 1 * V.Lanes);
            V r0v0 = s0, r0v1 = s1;
            V r1v0 = s0, r1v1 = s1;
            V r2v0 = s0, r2v1 = s1;
            V r3v0 = s0, r3v1 = s1;
            V r4v0 = s0, r4v1 = s1;
            V r5v0 = s0, r5v1 = s1;
            V r6v0 = s0, r6v1 = s1;
            V r7v0 = s0, r7v1 = s1;
            V r8v0 = s0, r8v1 = s1;
            V r9v0 = s0, r9v1 = s1;
            V r10v0 = s0, r10v1 = s1;
            V r11v0 = s0, r11v1 = s1;
            float* p3 = a + 3 * row, p6 = a + 6 * row, p9 = a + 9 * row;
            for (var i = inner; i > 0; i--)
            {
                V b0 = V.Load(q), b1 = V.Load(q + V.Lanes), x;
                x = V.Create(*p0); r0v0 = V.MultiplyAdd(x, b0, r0v0); r0v1 = V.MultiplyAdd(x, b1, r0v1);
                if (R.Value > 1) { x = V.Create(p0[row]); r1v0 = V.MultiplyAdd(x, b0, r1v0); r1v1 = V.MultiplyAdd(x, b1, r1v1); }
                if (R.Value > 2) { x = V.Create(p0[row2]); r2v0 = V.MultiplyAdd(x, b0, r2v0); r2v1 = V.MultiplyAdd(x, b1, r2v1); }
                if (R.Value > 3) { x = V.Create(*p3); r3v0 = V.MultiplyAdd(x, b0, r3v0); r3v1 = V.MultiplyAdd(x, b1, r3v1); }
                if (R.Value > 4) { x = V.Create(p3[row]); r4v0 = V.MultiplyAdd(x, b0, r4v0); r4v1 = V.MultiplyAdd(x, b1, r4v1); }
                if (R.Value > 5) { x = V.Create(p3[row2]); r5v0 = V.MultiplyAdd(x, b0, r5v0); r5v1 = V.MultiplyAdd(x, b1, r5v1); }
                if (R.Value > 6) { x = V.Create(*p6); r6v0 = V.MultiplyAdd(x, b0, r6v0); r6v1 = V.MultiplyAdd(x, b1, r6v1); }
                if (R.Value > 7) { x = V.Create(p6[row]); r7v0 = V.MultiplyAdd(x, b0, r7v0); r7v1 = V.MultiplyAdd(x, b1, r7v1); }
                if (R.Value > 8) { x = V.Create(p6[row2]); r8v0 = V.MultiplyAdd(x, b0, r8v0); r8v1 = V.MultiplyAdd(x, b1, r8v1); }
                if (R.Value > 9) { x = V.Create(*p9); r9v0 = V.MultiplyAdd(x, b0, r9v0); r9v1 = V.MultiplyAdd(x, b1, r9v1); }
                if (R.Value > 10) { x = V.Create(p9[row]); r10v0 = V.MultiplyAdd(x, b0, r10v0); r10v1 = V.MultiplyAdd(x, b1, r10v1); }
                if (R.Value > 11) { x = V.Create(p9[row2]); r11v0 = V.MultiplyAdd(x, b0, r11v0); r11v1 = V.MultiplyAdd(x, b1, r11v1); }
                p0 += innerStep;
                if (R.Value > 3) p3 += innerStep;
                if (R.Value > 6) p6 += innerStep;
                if (R.Value > 9) p9 += innerStep;
                q += ldb;
            }
            Store(c, r0v0, r0v1, end);
            if (R.Value > 1) Store(c + 1 * ldc, r1v0, r1v1, end);
            if (R.Value > 2) Store(c + 2 * ldc, r2v0, r2v1, end);
            if (R.Value > 3) Store(c + 3 * ldc, r3v0, r3v1, end);
            if (R.Value > 4) Store(c + 4 * ldc, r4v0, r4v1, end);
            if (R.Value > 5) Store(c + 5 * ldc, r5v0, r5v1, end);
            if (R.Value > 6) Store(c + 6 * ldc, r6v0, r6v1, end);
            if (R.Value > 7) Store(c + 7 * ldc, r7v0, r7v1, end);
            if (R.Value > 8) Store(c + 8 * ldc, r8v0, r8v1, end);
            if (R.Value > 9) Store(c + 9 * ldc, r9v0, r9v1, end);
            if (R.Value > 10) Store(c + 10 * ldc, r10v0, r10v1, end);
            if (R.Value > 11) Store(c + 11 * ldc, r11v0, r11v1, end);
        }
    }

    /// <summary>R rows (up to 8) x 3 vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run3<V, R>(float* a, nint row, nint innerStep, float* b, nint ldb, float* bias, float* c, nint ldc,
        int inner, int tiles, TileEnd end)
        where V : unmanaged, ISimd<V> where R : unmanaged, IRows
    {
        nint row2 = 2 * row;
        for (; tiles > 0; tiles--, a += R.Value * row, c += R.Value * ldc)
        {
            float* p0 = a, q = b;
            V s0 = V.Load(bias);
            V s1 = V.Load(bias + 1 * V.Lanes);
            V s2 = V.Load(bias + 2 * V.Lanes);
            V r0v0 = s0, r0v1 = s1, r0v2 = s2;
            V r1v0 = s0, r1v1 = s1, r1v2 = s2;
            V r2v0 = s0, r2v1 = s1, r2v2 = s2;
            V r3v0 = s0, r3v1 = s1, r3v2 = s2;
            V r4v0 = s0, r4v1 = s1, r4v2 = s2;
            V r5v0 = s0, r5v1 = s1, r5v2 = s2;
            V r6v0 = s0, r6v1 = s1, r6v2 = s2;
            V r7v0 = s0, r7v1 = s1, r7v2 = s2;
            float* p3 = a + 3 * row, p6 = a + 6 * row;
            for (var i = inner; i > 0; i--)
            {
                V b0 = V.Load(q), b1 = V.Load(q + V.Lanes), b2 = V.Load(q + 2 * V.Lanes), x;
                x = V.Create(*p0); r0v0 = V.MultiplyAdd(x, b0, r0v0); r0v1 = V.MultiplyAdd(x, b1, r0v1); r0v2 = V.MultiplyAdd(x, b2, r0v2);
                if (R.Value > 1)
                {
                    x = V.Create(p0[row]); r1v0 = V.MultiplyAdd(x, b0, r1v0); r1v1 = V.MultiplyAdd(x, b1, r1v1); r1v2 = V.MultiplyAdd(x, b2, r1v2);
                }
                if (R.Value > 2)
                {
                    x = V.Create(p0[row2]); r2v0 = V.MultiplyAdd(x, b0, r2v0); r2v1 = V.MultiplyAdd(x, b1, r2v1); r2v2 = V.MultiplyAdd(x, b2, r2v2);
                }
                if (R.Value > 3)
                {
                    x = V.Create(*p3); r3v0 = V.MultiplyAdd(x, b0, r3v0); r3v1 = V.MultiplyAdd(x, b1, r3v1); r3v2 = V.MultiplyAdd(x, b2, r3v2);
                }
                if (R.Value > 4)
                {
                    x = V.Create(p3[row]); r4v0 = V.MultiplyAdd(x, b0, r4v0); r4v1 = V.MultiplyAdd(x, b1, r4v1); r4v2 = V.MultiplyAdd(x, b2, r4v2);
                }
                if (R.Value > 5)
                {
                    x = V.Create(p3[row2]); r5v0 = V.MultiplyAdd(x, b0, r5v0); r5v1 = V.MultiplyAdd(x, b1, r5v1); r5v2 = V.MultiplyAdd(x, b2, r5v2);
                }
                if (R.Value > 6)
                {
                    x = V.Create(*p6); r6v0 = V.MultiplyAdd(x, b0, r6v0); r6v1 = V.MultiplyAdd(x, b1, r6v1); r6v2 = V.MultiplyAdd(x, b2, r6v2);
                }
                if (R.Value > 7)
                {
                    x = V.Create(p6[row]); r7v0 = V.MultiplyAdd(x, b0, r7v0); r7v1 = V.MultiplyAdd(x, b1, r7v1); r7v2 = V.MultiplyAdd(x, b2, r7v2);
                }
                p0 += innerStep;
                if (R.Value > 3) p3 += innerStep;
                if (R.Value > 6) p6 += innerStep;
                q += ldb;
            }
            Store(c, r0v0, r0v1, r0v2, end);
            if (R.Value > 1) Store(c + 1 * ldc, r1v0, r1v1, r1v2, end);
            if (R.Value > 2) Store(c + 2 * ldc, r2v0, r2v1, r2v2, end);
            if (R.Value > 3) Store(c + 3 * ldc, r3v0, r3v1, r3v2, end);
            if (R.Value > 4) Store(c + 4 * ldc, r4v0, r4v1, r4v2, end);
            if (R.Value > 5) Store(c + 5 * ldc, r5v0, r5v1, r5v2, end);
            if (R.Value > 6) Store(c + 6 * ldc, r6v0, r6v1, r6v2, end);
            if (R.Value > 7) Store(c + 7 * ldc, r7v0, r7v1, r7v2, end);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store<V>(float* c, V v0, TileEnd end) where V : unmanaged, ISimd<V>
    {
        if (end == TileEnd.Add) v0 += V.Load(c);
        else if (end == TileEnd.Relu) v0 = V.Max(V.Zero, v0);
        V.Store(v0, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store<V>(float* c, V v0, V v1, TileEnd end) where V : unmanaged, ISimd<V>
    {
        Store(c, v0, end);
        Store(c + V.Lanes, v1, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store<V>(float* c, V v0, V v1, V v2, TileEnd end) where V : unmanaged, ISimd<V>
    {
        Store(c, v0, v1, end);
        Store(c + 2 * V.Lanes, v2, end);
    }
}
