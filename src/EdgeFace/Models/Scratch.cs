using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>The working memory of one forward pass, allocated once and used by one thread at a time. Sizes are in floats.</summary>
sealed unsafe class Scratch : IDisposable
{
    // The hidden layer of the rows in work should stay in the second-level cache, and the weights should be read for as many rows as can be.
    const int HiddenFloats = 64 * 1024;

    const int PairFloats = 2 * 3 * EdgeFaceConfig.CropSize * EdgeFaceConfig.CropSize / sizeof(float);

    readonly NativeBuffer _memory;
    readonly float*[] _streams = new float*[EdgeFaceConfig.StageCount];
    readonly float*[] _patches = new float*[EdgeFaceConfig.StageCount];
    readonly int[] _blockRows = new int[EdgeFaceConfig.StageCount];

    /// <param name="images">How many images go through stages 2 and 3 together.</param>
    public Scratch(EdgeFaceConfig config, int images)
    {
        Images = images;
        var sizes = new List<long>();
        long normed = 0, split = 0, group = 0, hidden = 0, qkv = 0, merged = 0, norms = 0, map = 0, rank = 0, quantised = 0;
        for (var stage = 0; stage < EdgeFaceConfig.StageCount; stage++)
        {
            int c = config.Dims[stage], stride = KernelSet.Stride(c),
                pixels = EdgeFaceConfig.MapSize(stage) * EdgeFaceConfig.MapSize(stage), wide = KernelSet.Stride(4 * c);
            var rows = stage < 2 ? pixels : pixels * images;
            sizes.Add((long)rows * stride);
            sizes.Add((long)rows * (stage == 0 ? 48 : 4 * KernelSet.Stride(config.Dims[stage - 1])));
            _blockRows[stage] = Math.Min(rows, Math.Max(24, HiddenFloats / wide));
            normed = Math.Max(normed, (long)rows * stride);
            hidden = Math.Max(hidden, (long)_blockRows[stage] * wide);
            rank = Math.Max(rank, (long)rows * stride);
            quantised = Math.Max(quantised, Math.Max(KernelSet.Scratch8(_blockRows[stage], wide), KernelSet.Scratch8(rows, stride)));
            if (stage == 0) continue;
            var head = KernelSet.Stride(c / config.Heads);
            split = Math.Max(split, (long)rows * stride);
            group = Math.Max(group, (long)pixels * KernelSet.Stride(config.SplitWidth(stage)));
            qkv = Math.Max(qkv, (long)rows * 3 * config.Heads * head);
            merged = Math.Max(merged, (long)rows * config.Heads * head);
            quantised = Math.Max(quantised, KernelSet.Scratch8(rows, config.Heads * head));
            norms = Math.Max(norms, 2L * config.Heads * head);
            map = Math.Max(map, (long)head * head);
        }
        _memory = new NativeBuffer(sizes.Sum(Line) + Line(normed) + Line(split) + 2 * Line(group) + Line(hidden) + Line(qkv)
            + Line(merged) + Line(norms) + Line(map) + Line(rank) + Line(quantised) + Line(PairFloats));
        var next = _memory.Pointer;
        for (var stage = 0; stage < EdgeFaceConfig.StageCount; stage++)
        {
            _streams[stage] = Take(ref next, sizes[2 * stage]);
            _patches[stage] = Take(ref next, sizes[2 * stage + 1]);
        }
        Normed = Take(ref next, normed);
        Split = Take(ref next, split);
        GroupInput = Take(ref next, group);
        GroupOutput = Take(ref next, group);
        Hidden = Take(ref next, hidden);
        Qkv = Take(ref next, qkv);
        Merged = Take(ref next, merged);
        InverseNorms = Take(ref next, norms);
        AttentionMap = Take(ref next, map);
        Rank = Take(ref next, rank);
        Quantised = Take(ref next, quantised);
        Pair = (byte*)Take(ref next, PairFloats);
    }

    public int Images { get; }

    /// <summary>(H * W, padded C): the residual stream of a stage.</summary>
    public float* Stream(int stage) => _streams[stage];

    /// <summary>(H * W, kernel * kernel * padded input channels): the input of the stem or of a downsampling convolution.</summary>
    public float* Patches(int stage) => _patches[stage];

    /// <summary>How many rows an MLP takes at a time.</summary>
    public int BlockRows(int stage) => _blockRows[stage];

    /// <summary>(H * W, padded C).</summary>
    public float* Normed { get; }

    /// <summary>(H * W, padded C): the attention block's inner stream.</summary>
    public float* Split { get; }

    /// <summary>(H * W, padded group width).</summary>
    public float* GroupInput { get; }

    /// <summary>(H * W, padded group width).</summary>
    public float* GroupOutput { get; }

    /// <summary>(block rows, padded 4 C).</summary>
    public float* Hidden { get; }

    /// <summary>(H * W, [q, k, v][heads][padded head]).</summary>
    public float* Qkv { get; }

    /// <summary>(H * W, [heads][padded head]).</summary>
    public float* Merged { get; }

    /// <summary>[q, k][heads][padded head].</summary>
    public float* InverseNorms { get; }

    /// <summary>(head, padded head).</summary>
    public float* AttentionMap { get; }

    /// <summary>(rows, padded rank): between the two products of LoRaLin.</summary>
    public float* Rank { get; }

    /// <summary>Rows of any linear layer as bytes, with their scales.</summary>
    public float* Quantised { get; }

    /// <summary>(2, H, W, RGB) bytes: a crop and its mirror image.</summary>
    public byte* Pair { get; }

    public void Dispose() => _memory.Dispose();

    // Every buffer starts on a cache line of its own.
    static long Line(long count) => (count + 15) & ~15;

    static float* Take(ref float* next, long count)
    {
        var start = next;
        next += Line(count);
        return start;
    }
}
