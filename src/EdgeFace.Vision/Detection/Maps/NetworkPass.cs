using System.Diagnostics;
using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>
/// A network laid out for one thread: its maps in the order in which they read each other, and their memory, which grows with the largest
/// picture. Rows of all layers are made in turn as they are needed, so that what one layer writes is still in a cache when the next reads it.
/// </summary>
sealed unsafe class NetworkPass : IDisposable
{
    // Rows begin on cache lines where their pixels are as wide.
    const int Alignment = 16;

    const long MostKeptBytes = 64 << 20;

    readonly KernelSet _kernels;
    readonly InputMap _input = new() { Name = "input" };
    readonly List<RowMap> _maps;
    NativeBuffer? _memory;

    public NetworkPass(KernelSet kernels)
    {
        _kernels = kernels;
        _maps = [_input];
    }

    /// <summary>All maps, in the order of the network.</summary>
    public IReadOnlyList<RowMap> Maps => _maps;

    /// <summary>The maps that end the network, finest first.</summary>
    public RowMap[] Outputs { get; set; } = [];

    /// <summary>Frees the memory of the maps if it is much.</summary>
    public void Trim()
    {
        if (_memory is null || _memory.Count * sizeof(float) <= MostKeptBytes) return;
        _memory.Dispose();
        _memory = null;
    }

    public RowMap Stem(DenseLayer layer) => Add(new StemMap(_kernels, _input, layer.Weight) { Name = layer.Name });

    public RowMap Pointwise(RowMap input, DenseLayer layer)
        => Add(new PointwiseMap(_kernels, input, layer.Weight, layer.Activation) { Name = layer.Name });

    public RowMap Depthwise(RowMap input, PackedDepthwise weight, bool relu, string name)
        => Add(new DepthwiseMap(_kernels, input, weight, relu) { Name = name });

    public RowMap Separable(RowMap input, PackedDepthwise depthwise, DenseLayer pointwise)
        => Add(new SeparableMap(_kernels, input, depthwise, pointwise.Weight, pointwise.Activation) { Name = pointwise.Name });

    public RowMap UpsampledSum(RowMap fine, RowMap coarse)
        => Add(new UpsampledSumMap(_kernels, fine, coarse) { Name = $"{fine.Name} + {coarse.Name}" });

    public RowMap MaxPool(RowMap input) => Add(new MaxPoolMap(_kernels, input) { Name = $"{input.Name} pooled" });

    RowMap Add(RowMap map)
    {
        _maps.Add(map);
        return map;
    }

    /// <summary>How many pixels it has run over, all calls together.</summary>
    public long Pixels { get; private set; }

    /// <summary>Runs the network over pixels; height and width are multiples of the strides of its outputs.</summary>
    public void Run(PixelRows pixels, int height, int width, CancellationToken cancellation = default)
    {
        Pixels += (long)height * width;
        _input.Set(pixels, height, width);
        Place();
        var coarsest = Outputs[^1];
        for (var y = 1; y <= coarsest.Height; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = Outputs.Length - 1; i >= 0; i--) Outputs[i].Ensure(y * (Outputs[i].Height / coarsest.Height) - 1);
        }
    }

    void Place()
    {
        long total = 0, outside = 0, scratch = 0;
        foreach (var map in _maps)
        {
            map.Resize();
            total += Aligned(map.Floats);
            outside = Math.Max(outside, (map.Width + 2L) * map.Step);
            scratch = Math.Max(scratch, map.ScratchFloats);
        }
        total += Aligned(outside) + Aligned(scratch);
        if (_memory is null || _memory.Count < total)
        {
            _memory?.Dispose();
            _memory = null;
            _memory = new NativeBuffer(total);
        }
        float* zeros = _memory.Pointer, line = zeros + Aligned(outside), next = line + Aligned(scratch);
        new Span<float>(zeros, checked((int)outside)).Clear();
        foreach (var map in _maps)
        {
            map.Place(next, zeros, line);
            next += Aligned(map.Floats);
        }
        Debug.Assert(next - _memory.Pointer <= _memory.Count, "the maps lie within their memory");
    }

    static long Aligned(long floats) => (floats + Alignment - 1) / Alignment * Alignment;

    public void Dispose() => _memory?.Dispose();
}
