using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeFace.Kernels;

/// <summary>
/// The vector kernels, written once for all widths. The matrix product is in SimdKernels.Gemm.cs and Tile.cs, the depthwise convolution in
/// SimdKernels.Depthwise.cs; here are the passes over rows and columns.
/// </summary>
sealed unsafe partial class SimdKernels<V>(string name, bool accelerated) : ScalarKernels(name, accelerated) where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LayerNorm(float* input, int inputStep, float* output, int outputStep, int rows, int channels,
        float epsilon, float* scale, float* shift)
    {
        // Sums run over the padded stride: pad lanes are zero in the input, and their share of the variance, mean^2 each, is taken off.
        int width = Stride(channels);
        if (width % V.Lanes != 0)
        {
            Row<V256>.LayerNorm(input, inputStep, output, outputStep, rows, channels, epsilon, scale, shift);
            return;
        }
        Row<V>.LayerNorm(input, inputStep, output, outputStep, rows, channels, epsilon, scale, shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(float* x, float* y, long count)
    {
        var i = 0L;
        for (; i <= count - V.Lanes; i += V.Lanes) V.Store(V.Load(x + i) + V.Load(y + i), y + i);
        if (i < count) V256.Store(V256.Load(x + i) + V256.Load(y + i), y + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void FromBytes(byte* input, float* output, int count, float scale, float shift)
    {
        V m = V.Create(scale), b = V.Create(shift);
        var i = 0;
        for (; i <= count - V.Lanes; i += V.Lanes) V.Store(V.MultiplyAdd(V.LoadBytes(input + i), m, b), output + i);
        for (; i < count; i++) output[i] = input[i] * scale + shift;
    }

    public override void ColumnMean(float* x, int step, int rows, int cols, float* mean)
    {
        var j = 0;
        for (; j <= cols - V.Lanes; j += V.Lanes) Column<V>.Mean(x + j, step, rows, mean + j);
        if (j < cols) Column<V256>.Mean(x + j, step, rows, mean + j);
    }

    public override void ColumnInverseNorm(float* x, int step, int rows, int cols, float epsilon, float* inverse)
    {
        var j = 0;
        for (; j <= cols - V.Lanes; j += V.Lanes) Column<V>.InverseNorm(x + j, step, rows, epsilon, inverse + j);
        if (j < cols) Column<V256>.InverseNorm(x + j, step, rows, epsilon, inverse + j);
    }

    public override void ColumnSoftmax(float* x, int step, int rows, int cols, float* rowScale, float* columnScale, float scale)
    {
        var i = 0;
        for (; i <= cols - V.Lanes; i += V.Lanes) Column<V>.Softmax(x + i, step, rows, rowScale, columnScale + i, scale);
        if (i < cols) Column<V256>.Softmax(x + i, step, rows, rowScale, columnScale + i, scale);
    }
}

/// <summary>Passes along a row of channels.</summary>
static unsafe class Row<V> where V : unmanaged, ISimd<V>
{
    /// <summary>
    /// Four rows at a time, so that their sums, roots and divisions run side by side; beyond the last row the last is computed again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LayerNorm(float* x, int inputStep, float* y, int outputStep, int rows, int channels,
        float epsilon, float* scale, float* shift)
    {
        int width = KernelSet.Stride(channels);
        Vector128<float> perChannel = Vector128.Create(1f / channels), pads = Vector128.Create((float)(width - channels)),
            eps = Vector128.Create(epsilon);
        for (; rows > 0; rows -= 4, x += 4L * inputStep, y += 4L * outputStep)
        {
            int in1 = rows > 1 ? inputStep : 0, in2 = rows > 2 ? inputStep : 0, in3 = rows > 3 ? inputStep : 0;
            int out1 = rows > 1 ? outputStep : 0, out2 = rows > 2 ? outputStep : 0, out3 = rows > 3 ? outputStep : 0;
            float* x1 = x + in1, x2 = x1 + in2, x3 = x2 + in3, y1 = y + out1, y2 = y1 + out2, y3 = y2 + out3;
            V s0 = V.Zero, s1 = s0, s2 = s0, s3 = s0;
            for (var i = 0; i < width; i += V.Lanes)
            {
                s0 += V.Load(x + i);
                s1 += V.Load(x1 + i);
                s2 += V.Load(x2 + i);
                s3 += V.Load(x3 + i);
            }
            var mean = V.Sums(s0, s1, s2, s3) * perChannel;
            V m0 = V.Create(mean[0]), m1 = V.Create(mean[1]), m2 = V.Create(mean[2]), m3 = V.Create(mean[3]);
            s0 = s1 = s2 = s3 = V.Zero;
            for (var i = 0; i < width; i += V.Lanes)
            {
                V d0 = V.Load(x + i) - m0, d1 = V.Load(x1 + i) - m1, d2 = V.Load(x2 + i) - m2, d3 = V.Load(x3 + i) - m3;
                s0 = V.MultiplyAdd(d0, d0, s0);
                s1 = V.MultiplyAdd(d1, d1, s1);
                s2 = V.MultiplyAdd(d2, d2, s2);
                s3 = V.MultiplyAdd(d3, d3, s3);
            }
            var variance = (V.Sums(s0, s1, s2, s3) - pads * mean * mean) * perChannel;
            var inverse = Vector128<float>.One / Vector128.Sqrt(variance + eps);
            V i0 = V.Create(inverse[0]), i1 = V.Create(inverse[1]), i2 = V.Create(inverse[2]), i3 = V.Create(inverse[3]);
            for (var i = 0; i < width; i += V.Lanes)
            {
                // All loads before the stores: two of the rows may be one, in place.
                V v0 = (V.Load(x + i) - m0) * i0, v1 = (V.Load(x1 + i) - m1) * i1, v2 = (V.Load(x2 + i) - m2) * i2, v3 = (V.Load(x3 + i) - m3) * i3;
                if (scale is not null)
                {
                    V a = V.Load(scale + i), b = V.Load(shift + i);
                    v0 = V.MultiplyAdd(v0, a, b);
                    v1 = V.MultiplyAdd(v1, a, b);
                    v2 = V.MultiplyAdd(v2, a, b);
                    v3 = V.MultiplyAdd(v3, a, b);
                }
                V.Store(v0, y + i);
                V.Store(v1, y1 + i);
                V.Store(v2, y2 + i);
                V.Store(v3, y3 + i);
            }
        }
    }
}

/// <summary>Passes down a column of vectors: lane l is column l, so nothing crosses lanes.</summary>
static unsafe class Column<V> where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mean(float* x, int step, int rows, float* mean)
    {
        var sum = V.Zero;
        for (var r = 0; r < rows; r++) sum += V.Load(x + (long)r * step);
        V.Store(sum / V.Create(rows), mean);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InverseNorm(float* x, int step, int rows, float epsilon, float* inverse)
    {
        var sum = V.Zero;
        for (var r = 0; r < rows; r++)
        {
            var v = V.Load(x + (long)r * step);
            sum = V.MultiplyAdd(v, v, sum);
        }
        V.Store(V.Create(1) / V.Max(V.Sqrt(sum), V.Create(epsilon)), inverse);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* x, int step, int rows, float* rowScale, float* columnScale, float scale)
    {
        V column = V.Load(columnScale), max = V.Create(float.NegativeInfinity), sum = V.Zero;
        for (var j = 0; j < rows; j++)
        {
            var v = V.Load(x + (long)j * step) * (V.Create(rowScale[j] * scale) * column);
            V.Store(v, x + (long)j * step);
            max = V.Max(max, v);
        }
        for (var j = 0; j < rows; j++)
        {
            var v = V.Exp(V.Load(x + (long)j * step) - max);
            V.Store(v, x + (long)j * step);
            sum += v;
        }
        var inverse = V.Create(1) / sum;
        for (var j = 0; j < rows; j++) V.Store(V.Load(x + (long)j * step) * inverse, x + (long)j * step);
    }
}
