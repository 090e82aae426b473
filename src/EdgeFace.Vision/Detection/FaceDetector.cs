using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Vision;

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
    readonly SearchRules _rules;

    /// <summary>Prepares the default detector's two networks. The model files may be disposed afterwards.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FaceDetector(ModelFile detector, ModelFile refiner, DetectorOptions? options = null)
        : this(detector, refiner, options, KernelSet.Default) { }

    /// <summary>Prepares a detector that needs no refiner: YuNet. The model file may be disposed afterwards.</summary>
    /// <exception cref="ModelFormatException">It is no YuNet, or a tensor is missing, of another shape or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FaceDetector(ModelFile detector, DetectorOptions? options = null) : this(detector, options, KernelSet.Default) { }

    internal FaceDetector(ModelFile detector, ModelFile refiner, DetectorOptions? options, KernelSet kernels)
        : this(RulesOf(options, detector), kernels, new DetectorNetwork(Given(detector), kernels), new RefinerNetwork(Given(refiner), kernels),
            RecommendedBy(detector), $"{Name(detector)}+{Name(refiner)}:{detector.WeightsSha256[..8]}{refiner.WeightsSha256[..8]}") { }

    internal FaceDetector(ModelFile detector, DetectorOptions? options, KernelSet kernels)
        : this(RulesForOne(options, detector), kernels, new YuNetNetwork(Given(detector), kernels, RulesOf(options, detector).MinScore), null,
            RecommendedBy(detector), $"{Name(detector)}:{detector.WeightsSha256[..8]}") { }

    FaceDetector(SearchRules rules, KernelSet kernels, IDetectorNetwork detector, RefinerNetwork? refiner, float recommended, string version)
    {
        (_detector, _refiner, _rules, _search) = (detector, refiner, rules, new FaceSearch(detector, rules));
        (RecommendedScore, Version) = (recommended, version);
        // More at once than processors gain nothing: a search keeps its processor busy from beginning to end.
        _memories = new(Environment.ProcessorCount, () => new SearchMemory(detector, refiner, kernels));
        _calls = new(Free);
        if (refiner is null) return;
        _refinement = new FaceRefinement(refiner);
        _further = new FurtherSearch(_search, _refinement, rules, recommended);
    }

    static SearchRules RulesForOne(DetectorOptions? options, ModelFile detector) => options is { AnyOrientation: true }
        ? throw new ArgumentException("a detector without a refiner cannot tell which way a face is up: it finds upright faces only",
            nameof(options))
        : RulesOf(options, detector);

    static SearchRules RulesOf(DetectorOptions? options, ModelFile detector) => SearchRules.Of(options, RecommendedBy(Given(detector)));

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

    /// <summary>The least score of the faces that it gives, in (0, 1).</summary>
    public float MinScore => _rules.MinScore;

    /// <summary>How many working memories it holds: bounded, however many threads call.</summary>
    internal int MemoryCount => _memories.Count;

    /// <summary>Finds the faces in a picture. As many calls at once as processors; further ones wait their turn.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="cancellation">Ends the waiting and the search.</param>
    /// <returns>Faces in pixels of the picture, best score first; empty where there is none.</returns>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    public IReadOnlyList<Face> Detect(RgbImage image, CancellationToken cancellation = default) => Detect(image, [], null, cancellation);

    /// <summary>
    /// Finds the faces in a part of a picture, which costs as much less as it is smaller: only there, and a little around it, is looked. Sizes are
    /// those of a search of the whole picture, and the faces are the same but for rounding; those that reach out of the part may be missed.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="region">The part, which may reach beyond the picture; nothing is found outside.</param>
    /// <param name="cancellation">Ends the waiting and the search.</param>
    /// <returns>Faces whose centre lies in the part, in pixels of the whole picture, best score first.</returns>
    /// <exception cref="ArgumentException">The part is empty or not finite.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    public IReadOnlyList<Face> Detect(RgbImage image, Box region, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        var area = new SearchArea(region);
        if (!area.IsSound) throw new ArgumentException($"a region has a width and a height: {region}", nameof(region));
        return area.IsIn(image.Width, image.Height) ? Detect(image, [area], null, cancellation) : [];
    }

    /// <summary>
    /// Finds faces again that were found a moment ago, as in the last frame of a video: around each, as far as its own size to each side, and at the
    /// sizes at which it is seen. New faces elsewhere are not found: search all of the picture now and then.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="earlier">Faces in pixels of the picture; without any nothing is found.</param>
    /// <param name="cancellation">Ends the waiting and the search.</param>
    /// <returns>Faces in pixels of the picture, best score first.</returns>
    /// <exception cref="ArgumentException">A face's box is empty or not finite.</exception>
    /// <exception cref="ObjectDisposedException">The detector was disposed of.</exception>
    public IReadOnlyList<Face> Detect(RgbImage image, IReadOnlyList<Face> earlier, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(earlier);
        SearchArea[] areas = [.. earlier.Select(face => SearchArea.Around(face.Box))];
        if (!areas.All(area => area.IsSound)) throw new ArgumentException("the boxes of earlier faces have a width and a height", nameof(earlier));
        areas = [.. areas.Where(area => area.IsIn(image.Width, image.Height))];
        return areas.Length > 0 ? Detect(image, areas, null, cancellation) : [];
    }

    /// <summary>As <see cref="DetectorOptions.MinFaceSize"/>.</summary>
    internal int MinFaceSize => _rules.MinFaceSize;

    /// <summary>Whether it can look at a picture turned.</summary>
    internal bool LooksEachWay => _further is not null;

    /// <summary>
    /// What a part of a picture shows looked at each of the four ways up: one place may have several faces, of which at most one lies the right way.
    /// Of any width, and down to a least score of 0.3, whatever is asked for of <see cref="Detect(RgbImage, CancellationToken)"/>.
    /// </summary>
    internal IEnumerable<Face> DetectEachWay(CutOut part, CancellationToken cancellation)
    {
        var rules = _rules with { MinFaceSize = 0, MinScore = Math.Min(LeastDoubtful, _rules.MinScore) };
        return Detect(part.Image, [], rules, cancellation).Select(part.ToPicture);
    }

    Face[] Detect(RgbImage image, SearchArea[] areas, SearchRules? eachWay, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(image);
        _calls.Enter(this);
        try
        {
            var memory = _memories.Take(cancellation);
            try
            {
                memory.Begin(areas, cancellation);
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

    Face[] Detect(RgbImage image, SearchMemory memory, SearchRules? eachWay)
    {
        fixed (byte* pixels = image.Pixels)
        {
            memory.Pyramid.Begin(pixels, image.Width, image.Height, memory.Cancellation);
            if (eachWay is { } rules) _further!.RunEachWay(memory, rules);
            else
            {
                _search.Run(memory);
                _refinement?.Run(memory, memory.Found);
                Suppression.Settle(memory.Found, _rules);
                memory.DropOutside();
                _further?.Run(memory);
                memory.DropOutside();
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
