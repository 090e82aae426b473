using BenchmarkDotNet.Attributes;
using EdgeFace.Kernels;

namespace EdgeFace.Bench;

/// <summary>The matrix products of XS gamma 0.6 and XXS: one call each, weights and rows in the cache.</summary>
public unsafe class GemmBenchmarks : KernelBenchmark
{
    PackedMatrix _weight = null!;

    /// <summary>rows x inputs x outputs, and what follows.</summary>
    [Params("784x32x19", "784x19x128 gelu", "196x64x38", "196x38x256 gelu", "196x256x38 add", "49x100x60", "49x60x400 gelu",
        "49x400x60", "9x192x115", "9x115x768 gelu", "784x24x96 gelu", "49x88x352 gelu", "49x352x88 add", "9x168x672 gelu")]
    public string Shape { get; set; } = "";

    int _rows;
    string _end = "";

    [GlobalSetup]
    public void Setup()
    {
        var parts = Shape.Split(' ');
        var sizes = parts[0].Split('x').Select(int.Parse).ToArray();
        (_rows, _end) = (sizes[0], parts.ElementAtOrDefault(1) ?? "");
        _weight = Kernels.Pack(Values(sizes[1] * sizes[2]), Values(sizes[2]), sizes[2], sizes[1]);
        Allocate((long)_rows * sizes[1], (long)_rows * KernelSet.Stride(sizes[2]));
    }

    [Benchmark]
    public void Gemm()
    {
        var ldc = KernelSet.Stride(_weight.Outputs);
        if (_end == "add") Kernels.GemmAdd(Input, _weight.Inputs, _weight, Output, ldc, _rows);
        else Kernels.Gemm(Input, _weight.Inputs, _weight, Output, ldc, _rows, _end == "gelu" ? Activation.Gelu : Activation.None);
    }
}

/// <summary>LayerNorm at the widths of the stages.</summary>
public unsafe class RowBenchmarks : KernelBenchmark
{
    [Params("784x32", "196x64", "49x100", "9x192")]
    public string Shape { get; set; } = "";

    int _rows, _channels;

    [GlobalSetup]
    public void Setup()
    {
        var sizes = Shape.Split('x').Select(int.Parse).ToArray();
        (_rows, _channels) = (sizes[0], sizes[1]);
        Allocate((long)_rows * KernelSet.Stride(_channels), (long)_rows * KernelSet.Stride(_channels));
    }

    [Benchmark]
    public void LayerNorm()
    {
        var step = KernelSet.Stride(_channels);
        Kernels.LayerNorm(Input, step, Output, step, _rows, _channels, 1e-6f, null, null);
    }
}

/// <summary>Depthwise convolution at the maps of the stages.</summary>
public unsafe class DepthwiseBenchmarks : KernelBenchmark
{
    PackedDepthwise _weight = null!;

    /// <summary>side x kernel x channels.</summary>
    [Params("28x3x32", "14x5x64", "7x7x104", "3x9x192", "7x3x40")]
    public string Shape { get; set; } = "";

    int _side;

    [GlobalSetup]
    public void Setup()
    {
        var sizes = Shape.Split('x').Select(int.Parse).ToArray();
        _side = sizes[0];
        _weight = new PackedDepthwise(Values(sizes[1] * sizes[1] * sizes[2]), Values(sizes[2]), sizes[2], sizes[1]);
        Allocate(_side * _side * (long)sizes[2], _side * _side * (long)sizes[2]);
    }

    [Benchmark]
    public void DepthwiseConv() => Kernels.DepthwiseConv(Input, _side, _side, _weight, Output, relu: false);
}

/// <summary>The kernel set of this process and two buffers.</summary>
public abstract unsafe class KernelBenchmark
{
    readonly Random _random = new(1);
    NativeBuffer _input = null!, _output = null!;

    private protected static KernelSet Kernels => KernelSet.Default;
    private protected float* Input => _input.Pointer;
    private protected float* Output => _output.Pointer;

    private protected float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.NextSingle() - 0.5f)];

    private protected void Allocate(long input, long output)
    {
        (_input, _output) = (new NativeBuffer(input), new NativeBuffer(output));
        Values((int)input).CopyTo(new Span<float>(Input, (int)input));
    }
}
