using System.Buffers;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>
/// A face of a picture of that size and its embedding; of a crop that was given there is no face to tell of. The picture is not kept.
/// </summary>
sealed record EmbeddedFace(int Width, int Height, Face? Face, ReadOnlyMemory<byte> Crop, Embedding Embedding, FaceQuality? Quality,
    GateJudgement Gate);

/// <summary>
/// A crop and, where it was searched for, its face, embedded and judged already; null of a crop that was given.
/// </summary>
readonly record struct FoundCrop(ReadOnlyMemory<byte> Crop, AnalyzedFace? Analyzed = null);

/// <summary>
/// The recogniser a command was asked to use and, where pictures are not crops already, the detector; opened once, used by all pictures.
/// </summary>
sealed class Pipeline : IDisposable
{
    readonly bool _aligned;
    readonly FaceDetector? _detector;

    /// <param name="model">Name or file; the embedded one if null.</param>
    /// <param name="aligned">Pictures are crops.</param>
    /// <param name="mirrorSum">Adds the embedding of the mirror image.</param>
    /// <param name="minFace">Smallest face that is searched for.</param>
    /// <param name="detector">Name or file of the detector; the embedded one if null.</param>
    /// <param name="landmarksListed">The landmarks of a face come with the picture: nothing is detected, and only <see cref="Crop"/> serves.</param>
    public Pipeline(string? model, bool aligned, bool mirrorSum, int minFace, string? detector = null, bool landmarksListed = false)
    {
        _aligned = aligned;
        // Two files and two networks to prepare: side by side.
        var opening = aligned || landmarksListed ? null : Task.Run(() => OpenDetector(detector, minFace));
        try
        {
            using var file = ModelCatalogue.Open(model);
            Embedder = new FaceEmbedder(file, new() { MirrorSum = mirrorSum, BatchThreads = 1 });
        }
        finally
        {
            _detector = opening?.GetAwaiter().GetResult();
        }
        if (_detector is not null) Analyzer = new FaceAnalyzer(_detector, Embedder);
        Gate = Analyzer?.Gate ?? new(Embedder.Card);
        Contract = Analyzer?.Contract
            ?? (aligned ? Embedder.Contract : Embedder.Contract with { Aligner = FaceAligner.Version + "+landmarks-listed" });
    }

    public FaceEmbedder Embedder { get; }

    /// <summary>Faces are searched for, which takes longer than embedding them.</summary>
    public bool Detects => _detector is not null;

    FaceAnalyzer? Analyzer { get; }

    /// <summary>The recogniser's gate.</summary>
    public FaceGate Gate { get; }

    public EmbeddingContract Contract { get; }

    /// <param name="name">
    /// Name or file; the embedded one if null. A file with a refiner of its own beside it (detector.efw, refiner.efw) is used with that.
    /// </param>
    /// <param name="minFace">Smallest face that is searched for.</param>
    /// <param name="minScore">Least score of a face; 0 for the detector's own.</param>
    /// <param name="anyOrientation">Every picture is searched turned too.</param>
    /// <exception cref="ModelFormatException">It is no detector.</exception>
    /// <exception cref="UsageException">It finds upright faces only, and others are asked for.</exception>
    public static FaceDetector OpenDetector(string? name, int minFace, float minScore = 0, bool anyOrientation = false)
    {
        using var detector = name is null ? DefaultModels.OpenDetector() : ModelCatalogue.Open(name);
        if (detector.Card.Kind != "detector") throw new ModelFormatException(detector.Source, null, "a face detector", $"a {detector.Card.Kind}");
        var options = new DetectorOptions { MinFaceSize = minFace, MinScore = minScore > 0 ? minScore : null, AnyOrientation = anyOrientation };
        if (!FaceDetector.TakesRefiner(detector))
        {
            return anyOrientation ? throw new UsageException($"{detector.Source} finds upright faces only: leave out --any-orientation.")
                : new FaceDetector(detector, options);
        }
        using var refiner = name is not null && RefinerBeside(name) is { } file ? ModelFile.Open(file) : DefaultModels.OpenRefiner();
        return new FaceDetector(detector, refiner, options);
    }

    /// <summary>The refiner that a detector's file brings; null where there is none.</summary>
    public static string? RefinerBeside(string detector)
    {
        var name = Path.GetFileName(detector).Replace("detector", "refiner", StringComparison.Ordinal);
        var file = Path.Combine(Path.GetDirectoryName(detector) ?? "", name);
        return name != Path.GetFileName(detector) && File.Exists(file) ? file : null;
    }

    /// <summary>One face of a picture file: the only one, or the chosen one.</summary>
    public EmbeddedFace One(string path, FaceChoice choice) => One(ImageCodec.ReadFile(path), choice, path);

    /// <summary>One face of an encoded picture: the only one, or the chosen one.</summary>
    public EmbeddedFace One(ReadOnlySpan<byte> encoded, FaceChoice choice, string name)
    {
        using var picture = ImageCodec.Lease(encoded, default, name);
        return One(picture.Image, choice, name);
    }

    /// <summary>One face of a picture: the only one, or the chosen one.</summary>
    public EmbeddedFace One(RgbImage image, FaceChoice choice, string name)
        => _aligned ? Given(image, name) : Found(image, Analyzer!.Single(image, choice, name));

    /// <summary>Every face of a picture file.</summary>
    public IReadOnlyList<EmbeddedFace> All(string path) => All(ImageCodec.ReadFile(path), path);

    /// <summary>Every face of an encoded picture.</summary>
    public IReadOnlyList<EmbeddedFace> All(ReadOnlySpan<byte> encoded, string name)
    {
        using var picture = ImageCodec.Lease(encoded, default, name);
        return All(picture.Image, name);
    }

    /// <summary>Every face of a picture.</summary>
    public IReadOnlyList<EmbeddedFace> All(RgbImage image, string name)
        => _aligned ? [Given(image, name)] : [.. Analyzer!.Analyze(image).Select(f => Found(image, f))];

    /// <summary>The embedding of a crop that <see cref="Crop"/> gave.</summary>
    public Embedding Embed(FoundCrop crop) => crop.Analyzed?.Embedding ?? Embedder.Embed(crop.Crop.Span, Contract);

    /// <summary>The embeddings of crops that <see cref="Crop"/> gave: together they take less time than one by one.</summary>
    public IReadOnlyList<Embedding> Embed(IReadOnlyList<FoundCrop> crops)
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
    public GateJudgement Judge(FoundCrop crop, Embedding embedding) => crop.Analyzed?.Gate ?? Gate.Judge(embedding, crop.Crop.Span);

    /// <summary>The embedding of a crop that this program's detector and aligner made before.</summary>
    public Embedding OfCrop(ReadOnlySpan<byte> encoded, string name)
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
    public FoundCrop Crop(RgbImage image, FaceChoice choice, string name, Landmarks? listed = null)
    {
        if (_aligned) return new(RequireCrop(image, name).Pixels.ToArray());
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
    public float[] RawVector(EmbeddedFace face)
    {
        var vector = new float[FaceEmbedder.Dimension];
        Embedder.Embed(face.Crop.Span, vector, normalise: false);
        return vector;
    }

    static EmbeddedFace Found(RgbImage image, AnalyzedFace face)
        => new(image.Width, image.Height, face.Face, face.Crop, face.Embedding, face.Quality, face.Gate);

    EmbeddedFace Given(RgbImage crop, string path)
    {
        var embedding = Embedder.Embed(RequireCrop(crop, path).Pixels);
        return new(crop.Width, crop.Height, null, crop.Pixels.ToArray(), embedding, null, Gate.Judge(embedding, crop.Pixels));
    }

    static RgbImage RequireCrop(RgbImage crop, string path)
        => crop is { Width: FaceEmbedder.CropSize, Height: FaceEmbedder.CropSize } ? crop
            : throw new ImageFormatException($"{path}: an aligned crop is {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize} pixels, "
                + $"not {crop.Width} x {crop.Height}; leave out --aligned to have the face found");

    public void Dispose()
    {
        Embedder.Dispose();
        _detector?.Dispose();
    }
}
