using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

sealed unsafe partial class SimdKernels<V>
{
    public override void DepthwiseConv(float* input, int height, int width, PackedDepthwise weight, float* output, bool relu)
    {
        int step = Stride(weight.Channels), c = 0;
        for (; c <= step - V.Lanes; c += V.Lanes) Depthwise<V>.Run(input, height, width, weight, output, relu, c);
        if (c < step) Depthwise<V256>.Run(input, height, width, weight, output, relu, c);
    }
}

/// <summary>Depthwise convolution of one vector of channels, in strips of up to 7 output columns held in registers.</summary>
static unsafe class Depthwise<V> where V : unmanaged, ISimd<V>
{
    const int Strip = 7;

    public static void Run(float* input, int height, int width, PackedDepthwise weight, float* output, bool relu, int channel)
    {
        int step = KernelSet.Stride(weight.Channels), k = weight.Kernel, s = weight.Stride, pad = k / 2;
        int rows = (height + s - 1) / s, cols = (width + s - 1) / s;
        for (var y = 0; y < rows; y++)
        {
            int top = y * s - pad, firstTap = Math.Max(0, -top), lastTap = Math.Min(k, height - top);
            for (var x = 0; x < cols; x += Strip)
                RunStrip(input + channel, width, step, weight.Weights + channel, weight.Bias + channel, k, s, top, firstTap, lastTap,
                    x * s - pad, Math.Min(Strip, cols - x), output + ((long)y * cols + x) * step + channel, relu);
        }
    }

    /// <summary>Lane l of accumulator j = channel l of output column j. Taps outside the picture are skipped, not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RunStrip(float* input, int width, int step, float* weight, float* bias, int k, int s, int top, int firstTap, int lastTap, int left, int count, float* output, bool relu)
    {
        V a0 = V.Load(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
        // Strides are 1 or 2.
        int shift = s - 1;
        nint next = (nint)s * step;
        for (var ky = firstTap; ky < lastTap; ky++)
        {
            var line = input + ((long)(top + ky) * width + left) * step;
            var w = weight + (long)ky * k * step;
            for (var kx = 0; kx < k; kx++, line += step, w += step)
            {
                // Output column j reads input column left + kx + j * s: inside for low <= j < high.
                int first = left + kx;
                int low = first >= 0 ? 0 : (s - 1 - first) >> shift;
                int high = first + (count - 1) * s < width ? count : (width - first + s - 1) >> shift;
                V tap = V.Load(w);
                float* p = line;
                if (low == 0 && high >= Strip)
                {
                    a0 = V.MultiplyAdd(tap, V.Load(p), a0);
                    a1 = V.MultiplyAdd(tap, V.Load(p + next), a1);
                    a2 = V.MultiplyAdd(tap, V.Load(p + 2 * next), a2);
                    p += 3 * next;
                    a3 = V.MultiplyAdd(tap, V.Load(p), a3);
                    a4 = V.MultiplyAdd(tap, V.Load(p + next), a4);
                    a5 = V.MultiplyAdd(tap, V.Load(p + 2 * next), a5);
                    a6 = V.MultiplyAdd(tap, V.Load(p + 3 * next), a6);
                }
                else
                {
                    if (low <= 0 && high > 0) a0 = V.MultiplyAdd(tap, V.Load(p), a0);
                    if (low <= 1 && high > 1) a1 = V.MultiplyAdd(tap, V.Load(p + next), a1);
                    if (low <= 2 && high > 2) a2 = V.MultiplyAdd(tap, V.Load(p + 2 * next), a2);
                    p += 3 * next;
                    if (low <= 3 && high > 3) a3 = V.MultiplyAdd(tap, V.Load(p), a3);
                    if (low <= 4 && high > 4) a4 = V.MultiplyAdd(tap, V.Load(p + next), a4);
                    if (low <= 5 && high > 5) a5 = V.MultiplyAdd(tap, V.Load(p + 2 * next), a5);
                    if (low <= 6 && high > 6) a6 = V.MultiplyAdd(tap, V.Load(p + 3 * next), a6);
                }
            }
        }
        var floor = relu ? V.Zero : V.Create(float.NegativeInfinity);
        V.Store(V.Max(floor, a0), output);
        if (count > 1) V.Store(V.Max(floor, a1), output + step);
        if (count > 2) V.Store(V.Max(floor, a2), output + 2 * step);
        if (count > 3) V.Store(V.Max(floor, a3), output + 3 * step);
        if (count > 4) V.Store(V.Max(floor, a4), output + 4 * step);
        if (count > 5) V.Store(V.Max(floor, a5), output + 5 * step);
        if (count > 6) V.Store(V.Max(floor, a6), output + 6 * step);
    }
}
