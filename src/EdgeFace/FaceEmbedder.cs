using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Models;

namespace EdgeFace;

/// <summary>How a <see cref="FaceEmbedder"/> works.</summary>
public sealed record EmbedderOptions
{
    /// <summary>Adds the embedding of the crop's mirror image: about twice the time for fewer misses. Part of the contract.</summary>
    public bool MirrorSum { get; init; }

    /// <summary>How many threads a batch may use, at least 1; one a processor by default. One crop always uses the caller's thread only.</summary>
    public int BatchThreads { get; init; } = Environment.ProcessorCount;
}

/// <summary>
/// Aligned face crop in, embedding out. Safe for any number of threads at once: weights are shared and never change, working memory is
/// per call and pooled. Results do not depend on the batch or the number of threads, bit for bit.
/// </summary>
public sealed unsafe class FaceEmbedder : IDisposable
{
    /// <summary>Side of the square crop in pixels.</summary>
    public const int CropSize = EdgeFaceConfig.CropSize;

    /// <summary>Bytes of a crop: rows from top to bottom, pixels from left to right, three bytes R, G, B each.</summary>
    public const int CropBytes = CropSize * CropSize * 3;

    /// <summary>The contract's aligner where the caller brought the crops.</summary>
    public const string CropsGiven = "crops-given";

    // Stages 2 and 3 of this many images go through the network together.
    const int GroupImages = 8;

    readonly EdgeFaceWeights _weights;
    readonly BoundedPool<Scratch> _single, _group;
    readonly CallsInProgress _calls;
    readonly int _threads;

    /// <summary>Prepares a recogniser. The model file may be disposed afterwards.</summary>
    /// <exception cref="ModelFormatException">The file does not hold an EdgeFace network, or a weight is missing, of another shape
    /// or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="EmbedderOptions.BatchThreads"/> is less than 1.</exception>
    public FaceEmbedder(ModelFile model, EmbedderOptions? options = null) : this(model, options, KernelSet.Default) { }

    internal FaceEmbedder(ModelFile model, EmbedderOptions? options, KernelSet kernels)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchThreads);
        Card = model.Card;
        Options = options;
        Network = model.RequireNetwork();
        _threads = options.BatchThreads;
        _weights = new EdgeFaceWeights(Network, kernels, new Parameters(model.ReadTo, model.IsInt8));
        // More at once than processors gain nothing; twice as many keep them busy while some callers are being switched.
        var limit = 2 * Environment.ProcessorCount;
        (_single, _group) = (new(limit, () => new(Network, images: 1)), new(limit, () => new(Network, GroupImages)));
        _calls = new(Free);
        Contract = new(Card.Name, model.WeightsSha256, EdgeFaceConfig.EmbeddingSize,
            CropPreprocessing.Current(options.MirrorSum).ToString(), CropsGiven);
    }

    /// <summary>Number of values of an embedding: 512.</summary>
    public int Dimension => Contract.Dimension;

    /// <summary>The model's card.</summary>
    public ModelCard Card { get; }

    /// <summary>The network.</summary>
    internal EdgeFaceConfig Network { get; }

    /// <summary>The options it was made with.</summary>
    public EmbedderOptions Options { get; }

    /// <summary>Name of the kernel set in use, e.g. <c>vector256</c>.</summary>
    public string Kernels => _weights.Kernels.Name;

    /// <summary>How many working memories it holds: bounded, however many threads call.</summary>
    internal int ScratchCount => _single.Count + _group.Count;

    /// <summary>
    /// What this embedder's results can be compared with. Its aligner is <see cref="CropsGiven"/>; a pipeline that aligns states its own.
    /// </summary>
    public EmbeddingContract Contract { get; }

    /// <summary>Embeds one crop.</summary>
    /// <param name="crop">112 x 112 RGB bytes.</param>
    /// <param name="embedding">Receives 512 values.</param>
    /// <param name="normalise">Whether to scale the result to length 1; otherwise it is what the network gives.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    /// <exception cref="DegenerateEmbeddingException">The result cannot be scaled to length 1: the model is no good.</exception>
    public void Embed(ReadOnlySpan<byte> crop, Span<float> embedding, bool normalise = true) => EmbedBatch(crop, 1, embedding, normalise);

    /// <summary>Embeds count crops, one after another in memory, on up to <see cref="EmbedderOptions.BatchThreads"/> threads.</summary>
    /// <param name="crops">count x 112 x 112 RGB bytes.</param>
    /// <param name="count">Number of crops.</param>
    /// <param name="embeddings">Receives count x 512 values.</param>
    /// <param name="normalise">Whether to scale each result to length 1.</param>
    /// <param name="cancellation">Ends the work between groups of 8 crops; what the span then holds is of no use.</param>
    /// <exception cref="ArgumentException">A span has the wrong length.</exception>
    /// <exception cref="DegenerateEmbeddingException">A result cannot be scaled to length 1: the model is no good.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void EmbedBatch(ReadOnlySpan<byte> crops, int count, Span<float> embeddings, bool normalise = true,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (crops.Length != (long)count * CropBytes)
            throw new ArgumentException($"{count} crops of {CropSize} x {CropSize} RGB pixels are {(long)count * CropBytes} bytes, "
                + $"not {crops.Length}", nameof(crops));
        if (embeddings.Length != (long)count * Dimension)
            throw new ArgumentException($"{count} embeddings are {(long)count * Dimension} values, not {embeddings.Length}", nameof(embeddings));
        _calls.Enter(this);
        try
        {
            fixed (byte* source = crops)
            fixed (float* target = embeddings)
                RunParts(source, target, count, cancellation);
        }
        finally
        {
            _calls.Leave();
        }
        if (!normalise) return;
        for (var i = 0; i < count; i++) Embedding.Normalise(embeddings.Slice(i * Dimension, Dimension), Card.Name);
    }

    /// <summary>
    /// Embeds one crop into an <see cref="Embedding"/> with this embedder's contract, or the given one (of a pipeline that aligned the crop).
    /// </summary>
    /// <exception cref="ArgumentException">The crop has the wrong length.</exception>
    /// <exception cref="DegenerateEmbeddingException">The result has no direction: the model is no good.</exception>
    public Embedding Embed(ReadOnlySpan<byte> crop, EmbeddingContract? contract = null)
    {
        Span<float> vector = stackalloc float[EdgeFaceConfig.EmbeddingSize];
        Embed(crop, vector, normalise: false);
        return new Embedding(vector, contract ?? Contract);
    }

    /// <summary>Cuts a batch into parts of equal size, one a thread at most, and runs them.</summary>
    void RunParts(byte* crops, float* embeddings, int count, CancellationToken cancellation)
    {
        var parts = Math.Min(count, _threads);
        if (parts <= 1)
        {
            RunPart(crops, embeddings, count, cancellation);
            return;
        }
        nint from = (nint)crops, to = (nint)embeddings;
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts, CancellationToken = cancellation }, part =>
        {
            long first = (long)count * part / parts, end = (long)count * (part + 1) / parts;
            RunPart((byte*)from + first * CropBytes, (float*)to + first * Dimension, (int)(end - first), cancellation);
        });
    }

    void RunPart(byte* crops, float* embeddings, int count, CancellationToken cancellation)
    {
        Debug.Assert(count == 0 || (crops != null && embeddings != null));
        var pool = count == 1 && !Options.MirrorSum ? _single : _group;
        var scratch = pool.Take(cancellation);
        try
        {
            for (var first = 0; first < count; first += GroupImages)
            {
                cancellation.ThrowIfCancellationRequested();
                var images = Math.Min(GroupImages, count - first);
                Run(scratch, crops + (long)first * CropBytes, embeddings + (long)first * Dimension, images);
            }
        }
        finally
        {
            pool.Return(scratch);
        }
    }

    void Run(Scratch scratch, byte* crops, float* embeddings, int count)
    {
        if (!Options.MirrorSum) EdgeFaceForward.Run(_weights, scratch, crops, count, embeddings);
        else for (var i = 0; i < count; i++) RunWithMirror(scratch, crops + (long)i * CropBytes, embeddings + (long)i * Dimension);
    }

    void RunWithMirror(Scratch scratch, byte* crop, float* embedding)
    {
        var both = scratch.Pair;
        new ReadOnlySpan<byte>(crop, CropBytes).CopyTo(new Span<byte>(both, CropBytes));
        for (var y = 0; y < CropSize; y++)
            for (var x = 0; x < CropSize; x++)
                for (var c = 0; c < 3; c++)
                    both[CropBytes + (y * CropSize + x) * 3 + c] = crop[(y * CropSize + CropSize - 1 - x) * 3 + c];
        var results = stackalloc float[2 * EdgeFaceConfig.EmbeddingSize];
        EdgeFaceForward.Run(_weights, scratch, both, 2, results);
        for (var i = 0; i < Dimension; i++) embedding[i] = results[i] + results[Dimension + i];
    }

    void Free()
    {
        _weights.Dispose();
        _single.Dispose();
        _group.Dispose();
    }

    /// <summary>Frees the weights once the calls in progress have ended; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose() => _calls.Close();
}
