using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

/// <summary>
/// GELU(x) = x * Phi(x), the exact erf form, with Phi(x) - 1/2 = x * p(2 (x/4.7)^2 - 1) for |x| clamped to 4.7: p is the minimax
/// polynomial of degree 10 for the error of GELU itself. Absolute error below 5e-6 for |x| up to 6, below 1e-6 |x| beyond.
/// </summary>
static unsafe class Gelu
{
    /// <summary>In place; width is a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply<V>(float* c, int ldc, int rows, int width) where V : unmanaged, ISimd<V>
    {
        // The polynomial is one long chain: those of four rows run side by side. Beyond the last row the last is computed again.
        for (; rows > 0; rows -= 4, c += 4L * ldc)
        {
            float* c1 = c + (rows > 1 ? ldc : 0), c2 = c1 + (rows > 2 ? ldc : 0), c3 = c2 + (rows > 3 ? ldc : 0);
            var j = 0;
            for (; j <= width - V.Lanes; j += V.Lanes) Four<V>(c + j, c1 + j, c2 + j, c3 + j);
            if (j < width) Four<V256>(c + j, c1 + j, c2 + j, c3 + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Four<V>(float* c0, float* c1, float* c2, float* c3) where V : unmanaged, ISimd<V>
    {
        V u0 = Argument(V.Load(c0)), u1 = Argument(V.Load(c1)), u2 = Argument(V.Load(c2)), u3 = Argument(V.Load(c3));
        V p0 = V.Create(0.00113818236f), p1 = p0, p2 = p0, p3 = p0;
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, -0.00338912592f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, 0.00464481767f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, -0.00686836336f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, 0.0129396487f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, -0.0211052578f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, 0.0300584119f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, -0.04054318f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, 0.0535547622f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, -0.0743617564f);
        Step(u0, u1, u2, u3, ref p0, ref p1, ref p2, ref p3, 0.150314689f);
        // The inputs are loaded again: kept, they would take registers from the chains. All loads before the stores: two of the rows may be one.
        V v0 = Result(V.Load(c0), p0), v1 = Result(V.Load(c1), p1), v2 = Result(V.Load(c2), p2), v3 = Result(V.Load(c3), p3);
        V.Store(v0, c0);
        V.Store(v1, c1);
        V.Store(v2, c2);
        V.Store(v3, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Step<V>(V u0, V u1, V u2, V u3, ref V p0, ref V p1, ref V p2, ref V p3, float coefficient) where V : unmanaged, ISimd<V>
    {
        var k = V.Create(coefficient);
        p0 = V.MultiplyAdd(p0, u0, k);
        p1 = V.MultiplyAdd(p1, u1, k);
        p2 = V.MultiplyAdd(p2, u2, k);
        p3 = V.MultiplyAdd(p3, u3, k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Clamp<V>(V x) where V : unmanaged, ISimd<V> => V.Max(V.Min(x, V.Create(4.7f)), V.Create(-4.7f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Argument<V>(V x) where V : unmanaged, ISimd<V>
        => V.MultiplyAdd(V.Min(x * x, V.Create(4.7f * 4.7f)), V.Create(2 / (4.7f * 4.7f)), V.Create(-1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Result<V>(V x, V p) where V : unmanaged, ISimd<V> => x * V.MultiplyAdd(Clamp(x), p, V.Create(0.5f));
}
