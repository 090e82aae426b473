using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeFace.Kernels;

namespace EdgeFace.Bench;

/// <summary>What one core can do at most: independent multiply-adds in registers, at the widest vector.</summary>
static unsafe class FmaProbe
{
    public static double GigaFlops() => Enumerable.Range(0, 400).Max(_ => Once());

    /// <summary>One short try, some 30 microseconds.</summary>
    public static double Once()
    {
        const long multiplyAdds = 1_500_000;
        var start = Stopwatch.GetTimestamp();
        Run(multiplyAdds);
        return 2.0 * multiplyAdds / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    /// <summary>About so many multiply-adds, as fast as the core can.</summary>
    public static void Run(long multiplyAdds)
    {
        if (Vector512.IsHardwareAccelerated) Spin<V512>(Rounds<V512>(multiplyAdds));
        else if (Vector256.IsHardwareAccelerated) Spin<V256>(Rounds<V256>(multiplyAdds));
        else Spin<V128>(Rounds<V128>(multiplyAdds));
    }

    static int Rounds<V>(long multiplyAdds) where V : unmanaged, ISimd<V> => (int)(multiplyAdds / (12 * V.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Spin<V>(int rounds) where V : unmanaged, ISimd<V>
    {
        V x = V.Create(0.999f), y = V.Create(1e-3f);
        V a0 = V.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0, a10 = a0, a11 = a0;
        for (; rounds > 0; rounds--)
        {
            a0 = V.MultiplyAdd(a0, x, y);
            a1 = V.MultiplyAdd(a1, x, y);
            a2 = V.MultiplyAdd(a2, x, y);
            a3 = V.MultiplyAdd(a3, x, y);
            a4 = V.MultiplyAdd(a4, x, y);
            a5 = V.MultiplyAdd(a5, x, y);
            a6 = V.MultiplyAdd(a6, x, y);
            a7 = V.MultiplyAdd(a7, x, y);
            a8 = V.MultiplyAdd(a8, x, y);
            a9 = V.MultiplyAdd(a9, x, y);
            a10 = V.MultiplyAdd(a10, x, y);
            a11 = V.MultiplyAdd(a11, x, y);
        }
        return V.Sums(a0 + a1 + a2, a3 + a4 + a5, a6 + a7 + a8, a9 + a10 + a11)[0];
    }
}
