using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>
/// From pictures to embeddings with models by name: opens them once, in a <see cref="FaceAnalyzer"/> of its own, and frees them. Safe for any
/// number of threads at once.
/// </summary>
/// <remarks>Asynchronous calls work on threads of the pool. One that is cancelled ends within a tenth of a second.</remarks>
public sealed partial class FacePipeline : IDisposable
{
    FacePipeline(PipelineOptions options, FaceAnalyzer analyzer) => (Options, Analyzer) = (options, analyzer);

    /// <summary>What was opened.</summary>
    public PipelineOptions Options { get; }

    /// <summary>What is behind it; it ends with the pipeline.</summary>
    public FaceAnalyzer Analyzer { get; }

    /// <summary>What the embeddings can be compared with.</summary>
    public EmbeddingContract Contract => Analyzer.Contract;

    /// <summary>The recogniser's card.</summary>
    public ModelCard Card => Embedder.Card;

    /// <summary>The recogniser's gate, which judges every face.</summary>
    public FaceGate Gate => Analyzer.Gate;

    internal FaceEmbedder Embedder => Analyzer.Embedder;

    /// <summary>Faces are searched for, which takes longer than embedding them.</summary>
    internal bool Detects => Options.Input == AnalyzerInput.Photos;

    /// <summary>Opens the models.</summary>
    /// <param name="options">Which; the embedded ones unless given.</param>
    /// <exception cref="EdgeFaceException">There is no such model, or it cannot be used.</exception>
    public static FacePipeline Open(PipelineOptions? options = null)
    {
        options ??= new();
        using var recogniser = ModelCatalogue.Open(options.Model);
        // Programs work on several pictures at once rather than on one by several threads.
        var embedding = new EmbedderOptions { MirrorSum = options.MirrorSum, BatchThreads = 1 };
        if (options.Input != AnalyzerInput.Photos)
        {
            var embedder = new FaceEmbedder(recogniser, embedding);
            return new(options, options.Input == AnalyzerInput.Crops ? FaceAnalyzer.ForCrops(embedder, ownsEmbedder: true)
                : FaceAnalyzer.ForListedLandmarks(embedder, ownsEmbedder: true));
        }
        using var detector = DetectorModels.Open(options);
        return new(options, FaceAnalyzer.Create(detector.Detector, detector.Refiner, recogniser,
            new() { Detector = detector.Options, Embedder = embedding }));
    }

    /// <summary><see cref="Open"/>, on a thread of the pool.</summary>
    /// <exception cref="EdgeFaceException">There is no such model, or it cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing stays open.</exception>
    public static Task<FacePipeline> OpenAsync(PipelineOptions? options = null, CancellationToken cancellationToken = default)
        => OpenedOnPool.Run(() => Open(options), cancellationToken);

    /// <summary>The space of the recogniser's head, in which a new gallery stores embeddings.</summary>
    internal EmbeddingSpace OpenSpace()
    {
        using var file = ModelCatalogue.Open(Options.Model);
        return EmbeddingSpace.Of(file);
    }

    /// <summary>Frees the models once the calls in progress are done.</summary>
    public void Dispose() => Analyzer.Dispose();
}
