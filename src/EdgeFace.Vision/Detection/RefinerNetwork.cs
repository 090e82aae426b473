using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Vision.Detection;

/// <summary>Stage 2: a second look at found faces, 64 x 64 pixels each, score and landmarks out (docs/detector.md).</summary>
sealed unsafe class RefinerNetwork : IDisposable
{
    /// <summary>Side of an input patch in pixels.</summary>
    public const int PatchSize = 64;

    /// <summary>Score logit and five landmarks.</summary>
    public const int Outputs = 11;

    /// <summary>Faces that are looked at together: the last layers read their weights, most of the network's, once for all.</summary>
    public const int Batch = 12;

    const int Side = 4, Channels = 96, Features = Side * Side * Channels, Hidden = 64;

    readonly KernelSet _kernels;
    readonly LayerSet _layers;
    readonly DenseLayer _stem, _pool, _out;
    readonly SeparableLayer[] _separable;

    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    public RefinerNetwork(ModelFile model, KernelSet kernels)
    {
        (_kernels, _layers) = (kernels, new LayerSet(kernels, model));
        _stem = _layers.Dense("stem", 3, 16, 3);
        _separable =
        [
            _layers.Separable("r4", 16, 32, 2), _layers.Separable("r8.0", 32, 64, 2), _layers.Separable("r8.1", 64, 64, 1),
            _layers.Separable("r16.0", 64, Channels, 2), _layers.Separable("r16.1", Channels, Channels, 1),
        ];
        _pool = _layers.Dense("pool", Channels, Hidden, Side);
        _out = _layers.Dense("out", Hidden, Outputs, activation: Activation.None);
    }

    /// <summary>Working memory for a batch of faces. One thread at a time.</summary>
    public sealed class Memory(NetworkPass pass) : IDisposable
    {
        readonly NativeBuffer _buffer = new(Batch * (Features + Hidden + KernelSet.Stride(Outputs)));

        public NetworkPass Pass { get; } = pass;

        public float* FeaturesOf(int face)
        {
            Debug.Assert((uint)face < Batch, "a batch has as many faces");
            return _buffer.Pointer + face * Features;
        }

        public float* HiddenOf => _buffer.Pointer + Batch * Features;

        public float* OutputOf(int face)
        {
            Debug.Assert((uint)face < Batch, "a batch has as many faces");
            return _buffer.Pointer + Batch * (Features + Hidden) + face * KernelSet.Stride(Outputs);
        }

        public void Dispose()
        {
            Pass.Dispose();
            _buffer.Dispose();
        }
    }

    public Memory NewMemory()
    {
        var pass = new NetworkPass(_kernels);
        pass.Outputs = [_separable.Aggregate(pass.Stem(_stem), (map, layer) => pass.Separable(map, layer.Depthwise, layer.Pointwise))];
        return new(pass);
    }

    /// <summary>The layers up to the pooling one, for one face of the batch.</summary>
    public static void Look(Memory memory, int face, PixelRows patch)
    {
        memory.Pass.Run(patch, PatchSize, PatchSize);
        const int line = Side * Channels;
        for (var y = 0; y < Side; y++)
            new ReadOnlySpan<float>(memory.Pass.Outputs[0].Row(y), line).CopyTo(new Span<float>(memory.FeaturesOf(face) + y * line, line));
    }

    /// <summary>The last layers for the first faces of the batch: <see cref="Memory.OutputOf"/> has 11 values for each then.</summary>
    public void Finish(Memory memory, int faces)
    {
        _kernels.Gemm(memory.FeaturesOf(0), Features, _pool.Weight, memory.HiddenOf, Hidden, faces, _pool.Activation);
        _kernels.Gemm(memory.HiddenOf, Hidden, _out.Weight, memory.OutputOf(0), KernelSet.Stride(Outputs), faces, _out.Activation);
    }

    public void Dispose() => _layers.Dispose();
}
