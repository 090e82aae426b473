using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

/// <summary>
/// Depthwise convolution straight from the map, for the widths of the networks: strips of 7 columns, or a whole map of 3. Taps that fall beside the
/// map are left out, which saves a quarter of a 7 x 7 kernel's work on a map of 7 and more than half of a 9 x 9 kernel's on a map of 3.
/// </summary>
static unsafe class Strips<V> where V : unmanaged, ISimd<V>
{
    const int Width = 7, MaxPad = 3;

    public static bool Takes(PackedDepthwise weight, int width)
        => weight.Stride == 1 && weight.Kernel > 1 && (width == 3 || (width % Width == 0 && weight.Kernel / 2 <= MaxPad));

    /// <summary>Channels first to end, a whole number of vectors.</summary>
    public static void Run(float* input, int height, int width, PackedDepthwise weight, int first, int end, float* output, bool relu)
    {
        if (width == 3)
            Rows3(input, height, KernelSet.Stride(weight.Channels), weight.Weights, weight.Bias, weight.Kernel, first, end, output, relu);
        else
            Rows7(input, height, width, KernelSet.Stride(weight.Channels), weight.Weights, weight.Bias, weight.Kernel, first, end, output, relu);
    }

    /// <summary>Accumulator j is output column j of the strip; p is the input of column 0 under the present tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Rows7(float* input, int height, int width, nint step, float* weights, float* bias, int k,
        int first, int end, float* output, bool relu)
    {
        int pad = k / 2;
        nint step2 = 2 * step, line = width * step, tapLine = k * step;
        var floor = relu ? V.Zero : V.Create(float.NegativeInfinity);
        for (var y = 0; y < height; y++)
        {
            int from = Math.Max(0, y - pad), to = Math.Min(height, y + pad + 1);
            for (var c = first; c < end; c += V.Lanes)
            {
                for (var x = 0; x < width; x += Width)
                {
                    int beside = x == 0 ? pad : 0, after = x + Width == width ? pad : 0;
                    float* start = input + from * line + (x - pad) * step + c, t = weights + (from - y + pad) * tapLine + c;
                    V a0 = V.Load(bias + c), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
                    for (var rows = to - from; rows > 0; rows--, start += line)
                    {
                        float* p = start, p3 = start + 3 * step;
                        // The first taps of the map's first strip miss as many columns on the left; MaxPad is the most.
                        for (var missing = beside; missing > 0; missing--, p += step, p3 += step, t += step)
                        {
                            var tap = V.Load(t);
                            if (missing < 2) a1 = V.MultiplyAdd(tap, V.Load(p + step), a1);
                            if (missing < 3) a2 = V.MultiplyAdd(tap, V.Load(p + step2), a2);
                            a3 = V.MultiplyAdd(tap, V.Load(p3), a3);
                            a4 = V.MultiplyAdd(tap, V.Load(p3 + step), a4);
                            a5 = V.MultiplyAdd(tap, V.Load(p3 + step2), a5);
                            a6 = V.MultiplyAdd(tap, V.Load(p3 + 3 * step), a6);
                        }
                        for (var taps = k - beside - after; taps > 0; taps--, p += step, p3 += step, t += step)
                        {
                            var tap = V.Load(t);
                            a0 = V.MultiplyAdd(tap, V.Load(p), a0);
                            a1 = V.MultiplyAdd(tap, V.Load(p + step), a1);
                            a2 = V.MultiplyAdd(tap, V.Load(p + step2), a2);
                            a3 = V.MultiplyAdd(tap, V.Load(p3), a3);
                            a4 = V.MultiplyAdd(tap, V.Load(p3 + step), a4);
                            a5 = V.MultiplyAdd(tap, V.Load(p3 + step2), a5);
                            a6 = V.MultiplyAdd(tap, V.Load(p3 + 3 * step), a6);
                        }
                        for (var missing = 1; missing <= after; missing++, p += step, p3 += step, t += step)
                        {
                            var tap = V.Load(t);
                            a0 = V.MultiplyAdd(tap, V.Load(p), a0);
                            a1 = V.MultiplyAdd(tap, V.Load(p + step), a1);
                            a2 = V.MultiplyAdd(tap, V.Load(p + step2), a2);
                            a3 = V.MultiplyAdd(tap, V.Load(p3), a3);
                            if (missing < 3) a4 = V.MultiplyAdd(tap, V.Load(p3 + step), a4);
                            if (missing < 2) a5 = V.MultiplyAdd(tap, V.Load(p3 + step2), a5);
                        }
                    }
                    var o = output + y * line + x * step + c;
                    V.Store(V.Max(floor, a0), o);
                    V.Store(V.Max(floor, a1), o + step);
                    V.Store(V.Max(floor, a2), o + step2);
                    o += 3 * step;
                    V.Store(V.Max(floor, a3), o);
                    V.Store(V.Max(floor, a4), o + step);
                    V.Store(V.Max(floor, a5), o + step2);
                    V.Store(V.Max(floor, a6), o + 3 * step);
                }
            }
        }
    }

    /// <summary>Accumulator j is output column j; only the five taps about the centre of a kernel row ever meet the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Rows3(float* input, int height, nint step, float* weights, float* bias, int k, int first, int end, float* output, bool relu)
    {
        int pad = k / 2;
        nint step2 = 2 * step, line = 3 * step, tapLine = k * step;
        var floor = relu ? V.Zero : V.Create(float.NegativeInfinity);
        for (var y = 0; y < height; y++)
        {
            int from = Math.Max(0, y - pad), to = Math.Min(height, y + pad + 1);
            for (var c = first; c < end; c += V.Lanes)
            {
                float* p = input + from * line + c, t = weights + (from - y + pad) * tapLine + pad * step + c;
                V a0 = V.Load(bias + c), a1 = a0, a2 = a0;
                for (var rows = to - from; rows > 0; rows--, p += line, t += tapLine)
                {
                    V v0 = V.Load(p), v1 = V.Load(p + step), v2 = V.Load(p + step2),
                        tap = V.Load(t), before = V.Load(t - step), after = V.Load(t + step);
                    a0 = V.MultiplyAdd(after, v1, V.MultiplyAdd(tap, v0, a0));
                    a1 = V.MultiplyAdd(after, v2, V.MultiplyAdd(tap, v1, V.MultiplyAdd(before, v0, a1)));
                    a2 = V.MultiplyAdd(tap, v2, V.MultiplyAdd(before, v1, a2));
                    if (pad < 2) continue;
                    a0 = V.MultiplyAdd(V.Load(t + step2), v2, a0);
                    a2 = V.MultiplyAdd(V.Load(t - step2), v0, a2);
                }
                var o = output + y * line + c;
                V.Store(V.Max(floor, a0), o);
                V.Store(V.Max(floor, a1), o + step);
                V.Store(V.Max(floor, a2), o + step2);
            }
        }
    }
}
