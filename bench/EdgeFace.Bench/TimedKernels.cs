using System.Diagnostics;
using EdgeFace.Kernels;

namespace EdgeFace.Bench;

/// <summary>
/// A kernel set that passes everything on to another and adds up the time and the arithmetic of each operation under the layer it belongs to.
/// </summary>
sealed unsafe class TimedKernels(KernelSet kernels) : KernelSet("timed", true)
{
    /// <summary>What a layer has taken so far.</summary>
    public sealed class Total
    {
        public long Ticks { get; set; }
        public double MultiplyAdds { get; set; }
    }

    /// <summary>What takes pixels from a picture.</summary>
    public const string Sampling = "sampling";

    readonly Dictionary<object, Total> _layers = [];
    Total _packing = new();

    public Dictionary<string, Total> Totals { get; } = [];

    public void Reset()
    {
        foreach (var total in Totals.Values) (total.Ticks, total.MultiplyAdds) = (0, 0);
    }

    /// <summary>The matrices that are packed from now on belong to a layer of that name.</summary>
    public void PackAs(string layer) => _packing = Of(layer);

    /// <summary>Wraps the source of the parameters: a matrix belongs to the layer whose parameters were read last before it was packed.</summary>
    public Func<string, float[]> Watch(Func<string, float[]> parameter) => name =>
    {
        foreach (var part in (string[])["stem", "downsample.1", "fc1", "fc2", "qkv", "proj", "head.fc"])
            if (name.Contains(part, StringComparison.Ordinal) && !name.Contains("token", StringComparison.Ordinal))
                _packing = Of(Stage(name) + part.Replace(".1", "", StringComparison.Ordinal));
        return parameter(name);
    };

    static string Stage(string name) => name.StartsWith("stages.", StringComparison.Ordinal) ? $"stage {name[7]} " : "";

    public override PackedMatrix Pack(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k)
    {
        var packed = kernels.Pack(weight, bias, n, k);
        _layers[packed] = _packing;
        return packed;
    }

    public override void Gemm(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows, Activation activation)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.Gemm(a, lda, weight, c, ldc, rows, activation);
        Count(_layers[weight], start, (double)rows * weight.Inputs * weight.Outputs);
    }

    public override void GemmAdd(float* a, int lda, PackedMatrix weight, float* c, int ldc, int rows)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.GemmAdd(a, lda, weight, c, ldc, rows);
        Count(_layers[weight], start, (double)rows * weight.Inputs * weight.Outputs);
    }

    public override PackedMatrix8 Pack8(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k)
    {
        var packed = kernels.Pack8(weight, bias, n, k);
        _layers[packed] = _packing;
        return packed;
    }

    public override void Gemm8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, Activation activation, float* scratch)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.Gemm8(a, lda, weight, c, ldc, rows, activation, scratch);
        Count(_layers[weight], start, (double)rows * weight.Inputs * weight.Outputs);
    }

    public override void GemmAdd8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, float* scratch)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.GemmAdd8(a, lda, weight, c, ldc, rows, scratch);
        Count(_layers[weight], start, (double)rows * weight.Inputs * weight.Outputs);
    }

    public override void MatMul(float* a, int rowStep, int innerStep, float* b, int ldb, float* c, int ldc, int rows, int inner, int cols)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.MatMul(a, rowStep, innerStep, b, ldb, c, ldc, rows, inner, cols);
        Count("attention products", start, (double)rows * inner * cols);
    }

    public override void DepthwiseConv(float* input, int height, int width, PackedDepthwise weight, float* output, bool relu)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.DepthwiseConv(input, height, width, weight, output, relu);
        var name = weight.Kernel == 3 && height < 28 ? "attention split convolutions" : $"depthwise {weight.Kernel}x{weight.Kernel}";
        Count(name, start, (double)height * width * weight.Channels * weight.Kernel * weight.Kernel);
    }

    public override void LayerNorm(
        float* input, int inputStep, float* output, int outputStep, int rows, int channels, float epsilon, float* scale, float* shift)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.LayerNorm(input, inputStep, output, outputStep, rows, channels, epsilon, scale, shift);
        Count("norms", start, 0);
    }

    public override void Add(float* x, float* y, long count) => Timed("other passes", () => kernels.Add(x, y, count));

    public override void ColumnMean(float* x, int step, int rows, int cols, float* mean)
        => Timed("other passes", () => kernels.ColumnMean(x, step, rows, cols, mean));

    public override void ColumnInverseNorm(float* x, int step, int rows, int cols, float epsilon, float* inverse)
        => Timed("attention column passes", () => kernels.ColumnInverseNorm(x, step, rows, cols, epsilon, inverse));

    public override void ColumnSoftmax(float* x, int step, int rows, int cols, float* rowScale, float* columnScale, float scale)
        => Timed("attention column passes", () => kernels.ColumnSoftmax(x, step, rows, cols, rowScale, columnScale, scale));

    public override void FromBytes(byte* input, float* output, int count, float scale, float shift)
        => Timed("other passes", () => kernels.FromBytes(input, output, count, scale, shift));

    public override void DepthwiseRow(float* above, float* row, float* below, PackedDepthwise weight, float* output, int columns, bool relu)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.DepthwiseRow(above, row, below, weight, output, columns, relu);
        Count("depthwise rows", start, 9.0 * columns * weight.Channels);
    }

    public override void StemRow(float* above, float* row, float* below, PackedMatrix weight, float* output, int columns)
    {
        var start = Stopwatch.GetTimestamp();
        kernels.StemRow(above, row, below, weight, output, columns);
        Count("stem", start, 27.0 * columns * weight.Outputs);
    }

    public override void MaxPoolRow(float* top, float* bottom, float* output, int columns, int channels)
        => Timed("pooling, sums", () => kernels.MaxPoolRow(top, bottom, output, columns, channels));

    public override void AddDoubledRow(float* coarser, float* row, int columns, int channels)
        => Timed("pooling, sums", () => kernels.AddDoubledRow(coarser, row, columns, channels));

    public override void MixBytes(byte* a, byte* b, float share, float scale, float shift, float* output, int count)
        => Timed(Sampling, () => kernels.MixBytes(a, b, share, scale, shift, output, count));

    public override void MixPixels(float* row, int* first, float* shares, float* output, int columns)
        => Timed(Sampling, () => kernels.MixPixels(row, first, shares, output, columns));

    public override void HalveRow(byte* top, byte* bottom, byte* output, int columns)
        => Timed(Sampling, () => kernels.HalveRow(top, bottom, output, columns));

    public override void SampleLine(
        byte* picture, int rowBytes, double x, double y, double dx, double dy, float scale, float shift, float* output, int columns)
        => Timed(Sampling, () => kernels.SampleLine(picture, rowBytes, x, y, dx, dy, scale, shift, output, columns));

    void Timed(string layer, Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        Count(layer, start, 0);
    }

    void Count(string layer, long start, double multiplyAdds)
    {
        var end = Stopwatch.GetTimestamp();
        Count(Of(layer), start, multiplyAdds, end);
    }

    static void Count(Total total, long start, double multiplyAdds) => Count(total, start, multiplyAdds, Stopwatch.GetTimestamp());

    static void Count(Total total, long start, double multiplyAdds, long end)
    {
        total.Ticks += end - start;
        total.MultiplyAdds += multiplyAdds;
    }

    Total Of(string layer)
    {
        if (!Totals.TryGetValue(layer, out var total)) Totals.Add(layer, total = new Total());
        return total;
    }
}
