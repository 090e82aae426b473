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
        for (; rows > 0; rows--, c += ldc)
        {
            var j = 0;
            for (; j <= width - V.Lanes; j += V.Lanes) V.Store(Apply(V.Load(c + j)), c + j);
            if (j < width) V256.Store(Apply(V256.Load(c + j)), c + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<V>(V x) where V : unmanaged, ISimd<V>
    {
        var clamped = V.Max(V.Min(x, V.Create(4.7f)), V.Create(-4.7f));
        var u = V.MultiplyAdd(clamped * clamped, V.Create(2 / (4.7f * 4.7f)), V.Create(-1));
        var p = V.MultiplyAdd(V.Create(0.00113818236f), u, V.Create(-0.00338912592f));
        p = V.MultiplyAdd(p, u, V.Create(0.00464481767f));
        p = V.MultiplyAdd(p, u, V.Create(-0.00686836336f));
        p = V.MultiplyAdd(p, u, V.Create(0.0129396487f));
        p = V.MultiplyAdd(p, u, V.Create(-0.0211052578f));
        p = V.MultiplyAdd(p, u, V.Create(0.0300584119f));
        p = V.MultiplyAdd(p, u, V.Create(-0.04054318f));
        p = V.MultiplyAdd(p, u, V.Create(0.0535547622f));
        p = V.MultiplyAdd(p, u, V.Create(-0.0743617564f));
        p = V.MultiplyAdd(p, u, V.Create(0.150314689f));
        return x * V.MultiplyAdd(clamped, p, V.Create(0.5f));
    }
}
