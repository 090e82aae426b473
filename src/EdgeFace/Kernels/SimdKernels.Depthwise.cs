using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

sealed unsafe partial class SimdKernels<V>
{
    public override void DepthwiseConv(float* input, int height, int width, PackedDepthwise weight, float* output, bool relu)
    {
        int step = Stride(weight.Channels), c = 0;
        if (Strips<V>.Takes(weight, width))
        {
            var wide = step - step % V.Lanes;
            Strips<V>.Run(input, height, width, weight, 0, wide, output, relu);
            if (wide < step) Strips<V256>.Run(input, height, width, weight, wide, step, output, relu);
            return;
        }
        for (; c <= step - V.Lanes; c += V.Lanes) Depthwise<V>.Run(input + c, height, width, step, weight, c, output + c, relu);
        if (c < step) Depthwise<V256>.Run(input + c, height, width, step, weight, c, output + c, relu);
    }
}

/// <summary>
/// Depthwise convolution of one vector of channels. Its lanes are gathered band by band into a small buffer with the padding columns already
/// zero, so that the inner loop, 7 output columns in registers, needs no border case; taps above and below the picture are skipped.
/// </summary>
static unsafe class Depthwise<V> where V : unmanaged, ISimd<V>
{
    const int Strip = 7;

    // The band should leave room in a first-level cache of 32 KiB.
    const int BandBytes = 28 * 1024;

    [SkipLocalsInit]
    public static void Run(float* input, int height, int width, int step, PackedDepthwise weight, int channel, float* output, bool relu)
    {
        int k = weight.Kernel, s = weight.Stride, pad = k / 2;
        int rows = (height + s - 1) / s, cols = (width + s - 1) / s;
        // The last strip of a row computes up to 6 columns that are not stored: the buffer is wide enough for them too.
        var line = ((cols + Strip - 1) / Strip * Strip - 1) * s + k;
        var bandRows = Math.Min(rows, Math.Max(1, (BandBytes / (line * V.Lanes * sizeof(float)) - k) / s + 1));
        var band = stackalloc byte[((bandRows - 1) * s + k) * line * V.Lanes * sizeof(float)];
        for (var first = 0; first < rows; first += bandRows)
        {
            int last = Math.Min(rows, first + bandRows), top = Math.Max(0, first * s - pad), bottom = Math.Min(height, (last - 1) * s - pad + k);
            Gather(input + (long)top * width * step, width, step, bottom - top, pad, line, (float*)band);
            for (var y = first; y < last; y++)
            {
                int from = Math.Max(0, y * s - pad), to = Math.Min(height, y * s - pad + k);
                var taps = weight.Weights + channel + (long)(from - (y * s - pad)) * k * step;
                for (var x = 0; x < cols; x += Strip)
                    RunStrip((float*)band + ((from - top) * line + x * s) * V.Lanes, line, taps, step, weight.Bias + channel, k, s, to - from,
                        Math.Min(Strip, cols - x), output + ((long)y * cols + x) * step, relu);
            }
        }
    }

    /// <summary>rows x width pixels, one vector each, into lines of the given length, with zeros left and right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Gather(float* input, int width, int step, int rows, int pad, int line, float* band)
    {
        for (; rows > 0; rows--)
        {
            var x = 0;
            for (; x < pad; x++, band += V.Lanes) V.Store(V.Zero, band);
            for (; x < Math.Min(pad + width, line); x++, band += V.Lanes, input += step) V.Store(V.Load(input), band);
            for (; x < line; x++, band += V.Lanes) V.Store(V.Zero, band);
            if (pad + width > line) input += (pad + width - line) * (long)step;
        }
    }

    /// <summary>Lane l of accumulator j = channel l of output column j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void RunStrip(float* band, int line, float* taps, int step, float* bias, int k, int s, int tapRows, int count, float* output, bool relu)
    {
        V a0 = V.Load(bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
        if (s == 1)
        {
            for (; tapRows > 0; tapRows--, band += line * V.Lanes)
            {
                var p = band;
                for (var kx = k; kx > 0; kx--, p += V.Lanes, taps += step)
                {
                    V tap = V.Load(taps);
                    a0 = V.MultiplyAdd(tap, V.Load(p), a0);
                    a1 = V.MultiplyAdd(tap, V.Load(p + V.Lanes), a1);
                    a2 = V.MultiplyAdd(tap, V.Load(p + 2 * V.Lanes), a2);
                    a3 = V.MultiplyAdd(tap, V.Load(p + 3 * V.Lanes), a3);
                    a4 = V.MultiplyAdd(tap, V.Load(p + 4 * V.Lanes), a4);
                    a5 = V.MultiplyAdd(tap, V.Load(p + 5 * V.Lanes), a5);
                    a6 = V.MultiplyAdd(tap, V.Load(p + 6 * V.Lanes), a6);
                }
            }
        }
        else
        {
            for (; tapRows > 0; tapRows--, band += line * V.Lanes)
            {
                var p = band;
                for (var kx = k; kx > 0; kx--, p += V.Lanes, taps += step)
                {
                    V tap = V.Load(taps);
                    a0 = V.MultiplyAdd(tap, V.Load(p), a0);
                    a1 = V.MultiplyAdd(tap, V.Load(p + 2 * V.Lanes), a1);
                    a2 = V.MultiplyAdd(tap, V.Load(p + 4 * V.Lanes), a2);
                    a3 = V.MultiplyAdd(tap, V.Load(p + 6 * V.Lanes), a3);
                    a4 = V.MultiplyAdd(tap, V.Load(p + 8 * V.Lanes), a4);
                    a5 = V.MultiplyAdd(tap, V.Load(p + 10 * V.Lanes), a5);
                    a6 = V.MultiplyAdd(tap, V.Load(p + 12 * V.Lanes), a6);
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
