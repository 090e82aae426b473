using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeFace.Kernels;

/// <summary>Maps and pictures, line by line.</summary>
sealed unsafe partial class SimdKernels<V>
{
    public override void DepthwiseRow(float* above, float* row, float* below, PackedDepthwise weight, float* output, int columns, bool relu)
    {
        if (weight.Kernel != 3) throw new ArgumentException($"a kernel of 3 x 3 is expected, not {weight.Kernel}", nameof(weight));
        int step = Stride(weight.Channels), c = 0;
        for (; c <= step - V.Lanes; c += V.Lanes) Line<V>.Depthwise(above + c, row + c, below + c, weight, c, output + c, columns, relu);
        if (c < step) Line<V256>.Depthwise(above + c, row + c, below + c, weight, c, output + c, columns, relu);
    }

    public override void StemRow(float* above, float* row, float* below, PackedMatrix weight, float* output, int columns)
    {
        if (weight.Inputs != 27) throw new ArgumentException($"27 inputs are expected, not {weight.Inputs}", nameof(weight));
        float* panel = weight.Weights, bias = weight.Bias;
        var step = Stride(weight.Outputs);
        foreach (var width in weight.Panels)
        {
            var j = 0;
            for (; j <= width - V.Lanes; j += V.Lanes) Line<V>.Stem(above, row, below, panel + j, width, bias + j, output + j, step, columns);
            if (j < width) Line<V256>.Stem(above, row, below, panel + j, width, bias + j, output + j, step, columns);
            panel += 27L * width;
            bias += width;
            output += width;
        }
    }

    public override void MaxPoolRow(float* top, float* bottom, float* output, int columns, int channels)
    {
        var c = 0;
        for (; c <= channels - V.Lanes; c += V.Lanes) Line<V>.MaxPool(top + c, bottom + c, output + c, columns, channels);
        if (c < channels) Line<V256>.MaxPool(top + c, bottom + c, output + c, columns, channels);
    }

    public override void AddDoubledRow(float* coarser, float* row, int columns, int channels)
    {
        for (var x = 0; x < columns; x++) Add(coarser + x / 2 * channels, row + x * channels, channels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MixBytes(byte* a, byte* b, float share, float scale, float shift, float* output, int count)
    {
        V s = V.Create(share), m = V.Create(scale), n = V.Create(shift);
        var i = 0;
        for (; i <= count - V.Lanes; i += V.Lanes)
        {
            var v = V.LoadBytes(a + i);
            V.Store(V.MultiplyAdd(V.MultiplyAdd(V.LoadBytes(b + i) - v, s, v), m, n), output + i);
        }
        for (; i < count; i++) output[i] = (a[i] + (b[i] - a[i]) * share) * scale + shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MixPixels(float* row, int* first, float* shares, float* output, int columns)
    {
        // A store writes one float too many, which the next pixel puts right; the last one must not.
        for (var x = 0; x < columns - 1; x++)
        {
            V128 left = V128.Load(row + first[x]), right = V128.Load(row + first[x] + 3);
            V128.Store(V128.MultiplyAdd(right - left, V128.Create(shares[x]), left), output + 3 * x);
        }
        if (columns > 0) base.MixPixels(row, first + columns - 1, shares + columns - 1, output + 3 * (columns - 1), 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void HalveRow(byte* top, byte* bottom, byte* output, int columns)
    {
        // Sums of each byte and the one a pixel on are right for every other pixel: three of them lie in 16 bytes, and 19 are read for them.
        var every = Vector128.Create((byte)0, 1, 2, 6, 7, 8, 12, 13, 14, 255, 255, 255, 255, 255, 255, 255);
        var two = Vector128.Create((ushort)2);
        var x = 0;
        for (; x <= columns - 6; x += 3)
        {
            byte* t = top + 6 * x, b = bottom + 6 * x;
            Vector128<byte> t0 = Vector128.Load(t), t1 = Vector128.Load(t + 3), b0 = Vector128.Load(b), b1 = Vector128.Load(b + 3);
            var low = Vector128.WidenLower(t0) + Vector128.WidenLower(t1) + Vector128.WidenLower(b0) + Vector128.WidenLower(b1) + two;
            var high = Vector128.WidenUpper(t0) + Vector128.WidenUpper(t1) + Vector128.WidenUpper(b0) + Vector128.WidenUpper(b1) + two;
            Vector128.Shuffle(Vector128.Narrow(low >> 2, high >> 2), every).Store(output + 3 * x);
        }
        base.HalveRow(top + 6 * x, bottom + 6 * x, output + 3 * x, columns - x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SampleLine(byte* picture, int rowBytes, double x, double y, double dx, double dy, float scale, float shift, float* output,
        int columns)
    {
        Vector128<float> m = Vector128.Create(scale), n = Vector128.Create(shift);
        for (var i = 0; i < columns; i++)
        {
            double atX = x + i * dx, atY = y + i * dy;
            int x0 = (int)atX, y0 = (int)atY;
            Vector128<float> right = Vector128.Create((float)(atX - x0)), down = Vector128.Create((float)(atY - y0));
            var p = picture + (long)y0 * rowBytes + 3 * x0;
            Vector128<float> a = Four(p), b = Four(p + 3), c = Four(p + rowBytes), d = Four(p + rowBytes + 3);
            var top = Vector128.MultiplyAddEstimate(b - a, right, a);
            var bottom = Vector128.MultiplyAddEstimate(d - c, right, c);
            var value = Vector128.MultiplyAddEstimate(Vector128.MultiplyAddEstimate(bottom - top, down, top), m, n);
            // As in MixPixels.
            if (i < columns - 1) value.Store(output + 3 * i);
            else for (var channel = 0; channel < 3; channel++) output[3 * i + channel] = value[channel];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> Four(byte* source)
        => Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(uint*)source).AsByte())).AsInt32());
}

/// <summary>One vector of channels along a line.</summary>
static unsafe class Line<V> where V : unmanaged, ISimd<V>
{
    /// <summary>Channels from the given one on; every output adds its columns from left to right and in each its rows from top to bottom.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Depthwise(float* above, float* row, float* below, PackedDepthwise weight, int channel, float* output, int columns, bool relu)
    {
        nint step = KernelSet.Stride(weight.Channels);
        float* t = weight.Weights + channel;
        V a0 = V.Load(t), a1 = V.Load(t + step), a2 = V.Load(t + 2 * step);
        V b0 = V.Load(t + 3 * step), b1 = V.Load(t + 4 * step), b2 = V.Load(t + 5 * step);
        V c0 = V.Load(t + 6 * step), c1 = V.Load(t + 7 * step), c2 = V.Load(t + 8 * step);
        V bias = V.Load(weight.Bias + channel), floor = relu ? V.Zero : V.Create(float.NegativeInfinity);
        V u = V.Load(above), v = V.Load(row), w = V.Load(below);
        if (weight.Stride == 2)
        {
            for (; columns > 0; columns--, output += step)
            {
                var sum = V.MultiplyAdd(c0, w, V.MultiplyAdd(b0, v, V.MultiplyAdd(a0, u, bias)));
                sum = V.MultiplyAdd(c1, V.Load(below + step), V.MultiplyAdd(b1, V.Load(row + step), V.MultiplyAdd(a1, V.Load(above + step), sum)));
                above += 2 * step;
                row += 2 * step;
                below += 2 * step;
                (u, v, w) = (V.Load(above), V.Load(row), V.Load(below));
                sum = V.MultiplyAdd(c2, w, V.MultiplyAdd(b2, v, V.MultiplyAdd(a2, u, sum)));
                V.Store(V.Max(floor, sum), output);
            }
            return;
        }
        // A column of inputs ends one output, is the middle of the next and begins the one after it.
        var next = V.MultiplyAdd(c0, w, V.MultiplyAdd(b0, v, V.MultiplyAdd(a0, u, bias)));
        (u, v, w) = (V.Load(above += step), V.Load(row += step), V.Load(below += step));
        var present = V.MultiplyAdd(c1, w, V.MultiplyAdd(b1, v, V.MultiplyAdd(a1, u, next)));
        next = V.MultiplyAdd(c0, w, V.MultiplyAdd(b0, v, V.MultiplyAdd(a0, u, bias)));
        for (; columns > 0; columns--, output += step)
        {
            (u, v, w) = (V.Load(above += step), V.Load(row += step), V.Load(below += step));
            V.Store(V.Max(floor, V.MultiplyAdd(c2, w, V.MultiplyAdd(b2, v, V.MultiplyAdd(a2, u, present)))), output);
            present = V.MultiplyAdd(c1, w, V.MultiplyAdd(b1, v, V.MultiplyAdd(a1, u, next)));
            next = V.MultiplyAdd(c0, w, V.MultiplyAdd(b0, v, V.MultiplyAdd(a0, u, bias)));
        }
    }

    /// <summary>Eight outputs at a time, then one by one; every output adds in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Stem(float* above, float* row, float* below, float* weight, nint ldb, float* bias, float* output, nint step, int columns)
    {
        var rows = stackalloc float*[] { above, row, below };
        V start = V.Load(bias), zero = V.Zero;
        for (; columns >= 8; columns -= 8, output += 8 * step)
        {
            V a0 = start, a1 = start, a2 = start, a3 = start, a4 = start, a5 = start, a6 = start, a7 = start;
            var t = weight;
            for (var ky = 0; ky < 3; ky++)
            {
                var p = rows[ky];
                rows[ky] += 48;
                for (var i = 9; i > 0; i--, p++, t += ldb)
                {
                    var tap = V.Load(t);
                    a0 = V.MultiplyAdd(V.Create(p[0]), tap, a0);
                    a1 = V.MultiplyAdd(V.Create(p[6]), tap, a1);
                    a2 = V.MultiplyAdd(V.Create(p[12]), tap, a2);
                    a3 = V.MultiplyAdd(V.Create(p[18]), tap, a3);
                    a4 = V.MultiplyAdd(V.Create(p[24]), tap, a4);
                    a5 = V.MultiplyAdd(V.Create(p[30]), tap, a5);
                    a6 = V.MultiplyAdd(V.Create(p[36]), tap, a6);
                    a7 = V.MultiplyAdd(V.Create(p[42]), tap, a7);
                }
            }
            V.Store(V.Max(zero, a0), output);
            V.Store(V.Max(zero, a1), output + step);
            V.Store(V.Max(zero, a2), output + 2 * step);
            V.Store(V.Max(zero, a3), output + 3 * step);
            V.Store(V.Max(zero, a4), output + 4 * step);
            V.Store(V.Max(zero, a5), output + 5 * step);
            V.Store(V.Max(zero, a6), output + 6 * step);
            V.Store(V.Max(zero, a7), output + 7 * step);
        }
        for (; columns > 0; columns--, output += step)
        {
            var sum = start;
            var t = weight;
            for (var ky = 0; ky < 3; ky++)
            {
                for (var i = 0; i < 9; i++, t += ldb) sum = V.MultiplyAdd(V.Create(rows[ky][i]), V.Load(t), sum);
                rows[ky] += 6;
            }
            V.Store(V.Max(zero, sum), output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxPool(float* top, float* bottom, float* output, int columns, nint step)
    {
        for (; columns > 0; columns--, top += 2 * step, bottom += 2 * step, output += step)
            V.Store(V.Max(V.Max(V.Load(top), V.Load(top + step)), V.Max(V.Load(bottom), V.Load(bottom + step))), output);
    }
}
