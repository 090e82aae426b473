using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Vision;

/// <summary>How a <see cref="FaceDetector"/> searches.</summary>
public readonly record struct DetectorOptions
{
    /// <summary>The least score with which detectors are used whose card recommends none.</summary>
    public const float DefaultMinScore = 0.5f;

    /// <summary>
    /// Faces down to this width in pixels of the picture are searched for, and narrower ones that are found are left out. 0 (the default): down to
    /// 24, and what is found is given. Larger is faster on large pictures.
    /// </summary>
    public int MinFaceSize { get; init; }

    /// <summary>The least final score, in (0, 1); 0 (the default) means what the detector's card recommends, or 0.5.</summary>
    public float MinScore { get; init; }

    /// <summary>
    /// Searches every picture turned by 90, 180 and 270 degrees too, at every size, and takes each face as it is surest to lie; otherwise
    /// only, and at the coarse sizes, where nothing was found upright. Upright faces that are cut off or covered may then be taken for
    /// turned ones. Not for detectors without a refiner, which cannot tell which way a face is up.
    /// </summary>
    public bool AnyOrientation { get; init; }

    /// <summary>Searches at the single working size of this many pixels instead of at several; 0 (the default) means several.</summary>
    public int WorkingSize { get; init; }
}

/// <summary>
/// Finds faces: a single-shot detector at several sizes of the picture, then a refiner that looks at each found face again and gives its score
/// and landmarks; or YuNet, which looks once (docs/detector.md). Safe for any number of threads at once.
/// </summary>
public sealed unsafe class FaceDetector : IDisposable
{
    // Of what the gate decides on.
    const float LeastDoubtful = 0.3f;

    readonly IDetectorNetwork _detector;
    readonly RefinerNetwork? _refiner;
    readonly FaceSearch _search;
    readonly FaceRefinement? _refinement;
    readonly FurtherSearch? _further;
    readonly BoundedPool<SearchMemory> _memories;
    readonly CallsInProgress _calls;
    readonly DetectorOptions _options;

    /// <summary>Prepares the default detector's two networks. The model files may be disposed afterwards.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FaceDetector(ModelFile detector, ModelFile refiner, DetectorOptions options = default)
        : this(detector, refiner, options, KernelSet.Default) { }

    /// <summary>Prepares a detector that needs no refiner: YuNet. The model file may be disposed afterwards.</summary>
    /// <exception cref="ModelFormatException">It is no YuNet, or a tensor is missing, of another shape or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FaceDetector(ModelFile detector, DetectorOptions options = default) : this(detector, options, KernelSet.Default) { }

    internal FaceDetector(ModelFile detector, ModelFile refiner, DetectorOptions options, KernelSet kernels)
        : this(Filled(options, detector), kernels, new DetectorNetwork(Given(detector), kernels), new RefinerNetwork(Given(refiner), kernels),
            RecommendedBy(detector), $"{Name(detector)}+{Name(refiner)}:{detector.WeightsSha256[..8]}{refiner.WeightsSha256[..8]}") { }

    internal FaceDetector(ModelFile detector, DetectorOptions options, KernelSet kernels)
        : this(FilledForOne(options, detector), kernels, new YuNetNetwork(Given(detector), kernels, Filled(options, detector).MinScore), null,
            RecommendedBy(detector), $"{Name(detector)}:{detector.WeightsSha256[..8]}") { }

    FaceDetector(DetectorOptions options, KernelSet kernels, IDetectorNetwork detector, RefinerNetwork? refiner, float recommended, string version)
    {
        (_detector, _refiner, _options, _search) = (detector, refiner, options, new FaceSearch(detector, options));
        (RecommendedScore, Version) = (recommended, version);
        // More at once than processors gain nothing: a search keeps its processor busy from beginning to end.
        _memories = new(Environment.ProcessorCount, () => new SearchMemory(detector, refiner, kernels));
        _calls = new(Free);
        if (refiner is null) return;
        _refinement = new FaceRefinement(refiner);
        _further = new FurtherSearch(_search, _refinement, options, recommended);
    }

    static DetectorOptions FilledForOne(DetectorOptions options, ModelFile detector) => options.AnyOrientation
        ? throw new ArgumentException("a detector without a refiner cannot tell which way a face is up: it finds upright faces only",
            nameof(options))
        : Filled(options, detector);

    static DetectorOptions Filled(DetectorOptions options, ModelFile detector)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.MinFaceSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.WorkingSize, nameof(options));
        if (!(options.MinScore is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.MinScore, "the least score lies in [0, 1)");
        return options with { MinScore = options.MinScore == 0 ? RecommendedBy(Given(detector)) : options.MinScore };
    }

    static ModelFile Given(ModelFile model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model;
    }

    static float RecommendedBy(ModelFile detector) => (float)(detector.Card.LeastScore ?? DetectorOptions.DefaultMinScore);

    static string Name(ModelFile model) => $"{model.Card.Name}-{model.Card.Version}";

    /// <summary>Whether a model is the first of a detector's two stages, to be given with its refiner; YuNet is not.</summary>
    public static bool TakesRefiner(ModelFile detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        return !YuNetNetwork.IsIn(detector);
    }

    /// <summary>Names of the models and the start of their weights' hashes: a part of the embedding contract's aligner.</summary>
    public string Version { get; }

    /// <summary>The least score that the detector's card recommends, in (0, 1).</summary>
    public float RecommendedScore { get; }

    /// <summary>How many working memories it holds: bounded, however many threads call.</summary>
    internal int MemoryCount => _memories.Count;

    /// <summary>Finds the faces in a picture. As many calls at once as processors; further ones wait their turn.</summary>
    /// <returns>Faces in pixels of the picture, best score first; empty where there is none.</returns>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    public IReadOnlyList<Face> Detect(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Detect(image, eachWay: null);
    }

    /// <summary>As <see cref="DetectorOptions.MinFaceSize"/>.</summary>
    internal int MinFaceSize => _options.MinFaceSize;

    /// <summary>Whether it can look at a picture turned.</summary>
    internal bool LooksEachWay => _further is not null;

    /// <summary>
    /// What a part of a picture shows looked at each of the four ways up: one place may have several faces, of which at most one lies the right way.
    /// Of any width, and down to a least score of 0.3, whatever is asked for of <see cref="Detect(RgbImage)"/>.
    /// </summary>
    internal IEnumerable<Face> DetectEachWay(CutOut part)
        => Detect(part.Image, _options with { MinFaceSize = 0, MinScore = Math.Min(LeastDoubtful, _options.MinScore) }).Select(part.ToPicture);

    Face[] Detect(RgbImage image, DetectorOptions? eachWay)
    {
        _calls.Enter(this);
        try
        {
            var memory = _memories.Take();
            try
            {
                return Detect(image, memory, eachWay);
            }
            finally
            {
                memory.End();
                _memories.Return(memory);
            }
        }
        finally
        {
            _calls.Leave();
        }
    }

    Face[] Detect(RgbImage image, SearchMemory memory, DetectorOptions? eachWay)
    {
        fixed (byte* pixels = image.Pixels)
        {
            memory.Pyramid.Begin(pixels, image.Width, image.Height);
            if (eachWay is { } options) _further!.RunEachWay(memory, options);
            else
            {
                _search.Run(memory);
                _refinement?.Run(memory, memory.Found);
                Suppression.Settle(memory.Found, _options);
                _further?.Run(memory);
            }
        }
        GC.KeepAlive(image);
        var faces = new Face[memory.Found.Count];
        for (var i = 0; i < faces.Length; i++) faces[i] = memory.Found[i].ToFace();
        return faces;
    }

    void Free()
    {
        _detector.Dispose();
        _refiner?.Dispose();
        _memories.Dispose();
    }

    /// <summary>
    /// Frees the weights and working memory once the calls in progress have ended; later calls throw <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose() => _calls.Close();
}
