using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

/// <summary>
/// The vector kernels, written once for all widths. The matrix product is in SimdKernels.Gemm.cs and Tile.cs, the depthwise convolution in
/// SimdKernels.Depthwise.cs; here are the passes over rows and columns.
/// </summary>
sealed unsafe partial class SimdKernels<V>(string name, bool accelerated) : ScalarKernels(name, accelerated) where V : unmanaged, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LayerNorm(float* input, int inputStep, float* output, int outputStep, int rows, int channels, float epsilon, float* scale, float* shift)
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LayerNorm(float* x, int inputStep, float* y, int outputStep, int rows, int channels, float epsilon, float* scale, float* shift)
    {
        int width = KernelSet.Stride(channels);
        float perChannel = 1f / channels, pads = width - channels;
        for (; rows > 0; rows--, x += inputStep, y += outputStep)
        {
            var sum = V.Zero;
            for (var i = 0; i < width; i += V.Lanes) sum += V.Load(x + i);
            var mean = V.Sum(sum) * perChannel;
            V m = V.Create(mean), squares = V.Zero;
            for (var i = 0; i < width; i += V.Lanes)
            {
                var d = V.Load(x + i) - m;
                squares = V.MultiplyAdd(d, d, squares);
            }
            var variance = (V.Sum(squares) - pads * mean * mean) * perChannel;
            var inverse = V.Create(1 / MathF.Sqrt(variance + epsilon));
            if (scale is null)
            {
                for (var i = 0; i < width; i += V.Lanes) V.Store((V.Load(x + i) - m) * inverse, y + i);
            }
            else
            {
                for (var i = 0; i < width; i += V.Lanes)
                    V.Store(V.MultiplyAdd((V.Load(x + i) - m) * inverse, V.Load(scale + i), V.Load(shift + i)), y + i);
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
