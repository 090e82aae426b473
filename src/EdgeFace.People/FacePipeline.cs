using System.Buffers;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>
/// From pictures to embeddings with models by name: opens the recogniser and, where faces are searched for, the detector, once, and frees them. The
/// way from picture to embedding is that of <see cref="FaceAnalyzer"/>. Safe for any number of threads at once.
/// </summary>
/// <remarks>
/// Asynchronous calls work on threads of the pool. One that is cancelled ends within a tenth of a second; what it had begun ends by itself, unheard.
/// </remarks>
public sealed partial class FacePipeline : IDisposable
{
    readonly FaceDetector? _detector;

    FacePipeline(PipelineOptions options, FaceEmbedder embedder, FaceDetector? detector)
    {
        (Options, Embedder, _detector) = (options, embedder, detector);
        if (detector is not null) Analyzer = new FaceAnalyzer(detector, embedder);
        Gate = Analyzer?.Gate ?? new(embedder.Card);
        Contract = Analyzer?.Contract ?? (IsAligned ? embedder.Contract
            : embedder.Contract with { Aligner = FaceAligner.Version + "+landmarks-listed" });
    }

    /// <summary>What was opened.</summary>
    public PipelineOptions Options { get; }

    /// <summary>What the embeddings can be compared with.</summary>
    public EmbeddingContract Contract { get; }

    /// <summary>The recogniser's card.</summary>
    public ModelCard Card => Embedder.Card;

    /// <summary>The recogniser's gate, which judges every face.</summary>
    public FaceGate Gate { get; }

    internal FaceEmbedder Embedder { get; }

    /// <summary>Faces are searched for, which takes longer than embedding them.</summary>
    internal bool Detects => _detector is not null;

    FaceAnalyzer? Analyzer { get; }

    bool IsAligned => Options.Pictures == PictureKind.Crop;

    /// <summary>Opens the models.</summary>
    /// <param name="options">Which; the embedded ones unless given.</param>
    /// <exception cref="EdgeFaceException">There is no such model, or it cannot be used.</exception>
    public static FacePipeline Open(PipelineOptions? options = null)
    {
        options ??= new();
        // Two files and two networks to prepare: side by side.
        var opening = options.Pictures == PictureKind.Photo ? Task.Run(() => OpenDetector(options)) : null;
        FaceEmbedder? embedder = null;
        try
        {
            using var file = ModelCatalogue.Open(options.Model);
            embedder = new FaceEmbedder(file, new() { MirrorSum = options.MirrorSum, BatchThreads = 1 });
        }
        finally
        {
            if (embedder is null) opening?.ContinueWith(Free, TaskScheduler.Default).Wait();
        }
        try
        {
            return new(options, embedder, opening?.GetAwaiter().GetResult());
        }
        catch
        {
            embedder.Dispose();
            throw;
        }

        static void Free(Task<FaceDetector> opened)
        {
            if (opened.IsCompletedSuccessfully) opened.Result.Dispose();
            else _ = opened.Exception;
        }
    }

    /// <summary><see cref="Open"/>, on a thread of the pool.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing stays open.</exception>
    public static Task<FacePipeline> OpenAsync(PipelineOptions? options = null, CancellationToken cancellationToken = default)
        => OpenedOnPool.Run(() => Open(options), cancellationToken);

    /// <summary>The detector of these options; where it brings a refiner of its own, with that.</summary>
    /// <exception cref="ModelFormatException">It is no detector.</exception>
    /// <exception cref="UsageException">It finds upright faces only, and others are asked for.</exception>
    internal static FaceDetector OpenDetector(PipelineOptions options)
    {
        var name = options.Detector;
        using var detector = ModelCatalogue.Open(name);
        if (detector.Card.Kind != "detector") throw new ModelFormatException(detector.Source, null, "a face detector", $"a {detector.Card.Kind}");
        var how = new DetectorOptions
        {
            MinFaceSize = options.MinFaceSize ?? 0, MinScore = options.MinScore ?? 0, AnyOrientation = options.AnyOrientation,
        };
        if (!FaceDetector.TakesRefiner(detector))
        {
            return options.AnyOrientation ? throw new UsageException($"{detector.Source} finds upright faces only: do not ask for any orientation.")
                : new FaceDetector(detector, how);
        }
        using var refiner = !ModelCatalogue.IsEmbedded(name) && RefinerBeside(name) is { } file ? ModelFile.Open(file) : DefaultModels.OpenRefiner();
        return new FaceDetector(detector, refiner, how);
    }

    /// <summary>The refiner that a detector's file brings; null where there is none.</summary>
    internal static string? RefinerBeside(string detector)
    {
        var name = Path.GetFileName(detector).Replace("detector", "refiner", StringComparison.Ordinal);
        var file = Path.Combine(Path.GetDirectoryName(detector) ?? "", name);
        return name != Path.GetFileName(detector) && File.Exists(file) ? file : null;
    }

    /// <summary>The space of the recogniser's head, in which a new gallery stores embeddings.</summary>
    internal EmbeddingSpace OpenSpace()
    {
        using var file = ModelCatalogue.Open(Options.Model);
        return EmbeddingSpace.Of(file);
    }

    /// <summary>One face of a picture file: the only one, or the chosen one.</summary>
    internal EmbeddedFace One(string path, FaceChoice choice) => One(ImageCodec.ReadFile(path), choice, path);

    /// <summary>One face of an encoded picture: the only one, or the chosen one.</summary>
    internal EmbeddedFace One(ReadOnlySpan<byte> encoded, FaceChoice choice, string name)
    {
        using var picture = ImageCodec.Lease(encoded, default, name);
        return One(picture.Image, choice, name);
    }

    /// <summary>One face of a picture: the only one, or the chosen one.</summary>
    internal EmbeddedFace One(RgbImage image, FaceChoice choice, string name)
        => IsAligned ? Given(image, name) : Found(image, Analyzer!.Single(image, choice, name));

    /// <summary>Every face of a picture file.</summary>
    internal IReadOnlyList<EmbeddedFace> All(string path) => All(ImageCodec.ReadFile(path), path);

    /// <summary>Every face of an encoded picture.</summary>
    internal IReadOnlyList<EmbeddedFace> All(ReadOnlySpan<byte> encoded, string name)
    {
        using var picture = ImageCodec.Lease(encoded, default, name);
        return All(picture.Image, name);
    }

    /// <summary>Every face of a picture.</summary>
    internal IReadOnlyList<EmbeddedFace> All(RgbImage image, string name)
        => IsAligned ? [Given(image, name)] : [.. Analyzer!.Analyze(image).Select(f => Found(image, f))];

    /// <summary>The embedding of a crop that <see cref="Crop"/> gave.</summary>
    internal Embedding Embed(FoundCrop crop) => crop.Analyzed?.Embedding ?? Embedder.Embed(crop.Crop.Span, Contract);

    /// <summary>The embeddings of crops that <see cref="Crop"/> gave: together they take less time than one by one.</summary>
    internal IReadOnlyList<Embedding> Embed(IReadOnlyList<FoundCrop> crops)
    {
        if (crops.All(c => c.Analyzed is not null)) return [.. crops.Select(c => c.Analyzed!.Embedding)];
        var vectors = new float[crops.Count * FaceEmbedder.Dimension];
        var size = crops.Count * FaceEmbedder.CropBytes;
        // So large an array would be collected with the whole heap only.
        var pixels = ArrayPool<byte>.Shared.Rent(size);
        for (var i = 0; i < crops.Count; i++) crops[i].Crop.Span.CopyTo(pixels.AsSpan(i * FaceEmbedder.CropBytes));
        Embedder.EmbedBatch(pixels.AsSpan(0, size), crops.Count, vectors, normalise: false);
        ArrayPool<byte>.Shared.Return(pixels);
        return [.. vectors.Chunk(FaceEmbedder.Dimension).Select(v => new Embedding(v, Contract))];
    }

    /// <summary>What the gate says of a crop that <see cref="Crop"/> gave, with its embedding.</summary>
    internal GateJudgement Judge(FoundCrop crop, Embedding embedding) => crop.Analyzed?.Gate ?? Gate.Judge(embedding, crop.Crop.Span);

    /// <summary>The embedding of a crop that this program's detector and aligner made before.</summary>
    internal Embedding OfCrop(ReadOnlySpan<byte> encoded, string name)
    {
        using var picture = ImageCodec.Lease(encoded, default, name);
        var crop = picture.Image;
        return crop is { Width: FaceEmbedder.CropSize, Height: FaceEmbedder.CropSize } ? Embedder.Embed(crop.Pixels, Contract)
            : throw new ImageFormatException(
                $"{name}: a crop is {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize} pixels, not {crop.Width} x {crop.Height}");
    }

    /// <summary>
    /// The crop of the face that is meant, or at the landmarks that are listed for a picture, or the picture itself where it is a crop; and the
    /// face, where one was detected.
    /// </summary>
    internal FoundCrop Crop(RgbImage image, FaceChoice choice, string name, Landmarks? listed = null)
    {
        if (IsAligned) return new(RequireCrop(image, name).Pixels.ToArray());
        if (Analyzer is not null)
        {
            var found = Analyzer.Single(image, choice, name);
            return new(found.Crop, found);
        }
        var landmarks = listed ?? throw new InputException($"{name}: no landmarks are listed for this picture");
        if (!FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out _))
            throw new InputException($"{name}: the listed landmarks define no face: {landmarks}");
        var crop = new byte[FaceEmbedder.CropBytes];
        FaceAligner.Align(image, landmarks, crop);
        return new(crop);
    }

    /// <summary>What the network gives for a face, not scaled to length 1.</summary>
    internal float[] RawVector(EmbeddedFace face)
    {
        var vector = new float[FaceEmbedder.Dimension];
        Embedder.Embed(face.Crop.Span, vector, normalise: false);
        return vector;
    }

    static EmbeddedFace Found(RgbImage image, AnalyzedFace face) => new()
    {
        Face = face.Face, Crop = face.Crop, Embedding = face.Embedding, Quality = face.Quality, Gate = face.Gate, Beside = face.Beside,
        PictureWidth = image.Width, PictureHeight = image.Height,
    };

    EmbeddedFace Given(RgbImage crop, string path)
    {
        var embedding = Embedder.Embed(RequireCrop(crop, path).Pixels);
        return new()
        {
            Face = null, Crop = crop.Pixels.ToArray(), Embedding = embedding, Gate = Gate.Judge(embedding, crop.Pixels),
            PictureWidth = crop.Width, PictureHeight = crop.Height,
        };
    }

    static RgbImage RequireCrop(RgbImage crop, string path)
        => crop is { Width: FaceEmbedder.CropSize, Height: FaceEmbedder.CropSize } ? crop
            : throw new ImageFormatException($"{path}: an aligned crop is {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize} pixels, "
                + $"not {crop.Width} x {crop.Height}; have the face found in the photo instead");

    /// <summary>Frees the models once the calls in progress are done.</summary>
    public void Dispose()
    {
        Embedder.Dispose();
        _detector?.Dispose();
    }
}
