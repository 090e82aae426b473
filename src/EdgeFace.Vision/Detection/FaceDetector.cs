using System.Collections.Concurrent;
using EdgeFace.Kernels;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Vision;

/// <summary>How a <see cref="FaceDetector"/> searches.</summary>
public readonly record struct DetectorOptions
{
    /// <summary>Faces down to this width in pixels of the picture are searched for; 0 (the default) means 24. Larger is faster on large pictures.</summary>
    public int MinFaceSize { get; init; }

    /// <summary>The least final score, in (0, 1); 0 (the default) means what the detector's card recommends, or 0.5.</summary>
    public float MinScore { get; init; }

    /// <summary>Searches at the single working size of this many pixels instead of at several; 0 (the default) means several.</summary>
    public int WorkingSize { get; init; }
}

/// <summary>
/// Finds faces: a single-shot detector at several sizes of the picture, then a refiner that looks at each found face again and gives its score
/// and landmarks (docs/detector.md). Safe for any number of threads at once.
/// </summary>
public sealed unsafe class FaceDetector : IDisposable
{
    const float Overlap = 0.4f;

    // A box of which so much lies in a better one's shows a part of that face.
    const float Containment = 0.6f;
    const int Tile = 640;

    // Two tiles share this much, so that a face on their border lies whole in one of them. Larger ones are found at half the size, so that
    // what seems one here is a part of a face.
    const int TileOverlap = 128;
    const int LargestInTiles = 2 * TileOverlap;
    const int MostCandidates = 5000;

    readonly DetectorNetwork _detector;
    readonly RefinerNetwork _refiner;
    readonly ConcurrentBag<DetectorNetwork.Memory> _memories = [];
    readonly DetectorOptions _options;
    readonly float _candidateScore;

    /// <summary>Prepares the two networks. The model files may be disposed afterwards.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FaceDetector(ModelFile detector, ModelFile refiner, DetectorOptions options = default) : this(detector, refiner, options, KernelSet.Default) { }

    internal FaceDetector(ModelFile detector, ModelFile refiner, DetectorOptions options, KernelSet kernels)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(refiner);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MinFaceSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.WorkingSize, nameof(options));
        if (!(options.MinScore is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(options), options.MinScore, "the least score lies in [0, 1)");
        _options = options with
        {
            MinFaceSize = options.MinFaceSize == 0 ? 24 : options.MinFaceSize,
            MinScore = options.MinScore == 0 ? (float)(detector.Card.LeastScore ?? 0.5) : options.MinScore,
        };
        _candidateScore = (float)(detector.Card.CandidateScore ?? 0.4);
        _detector = new DetectorNetwork(detector, kernels);
        _refiner = new RefinerNetwork(refiner, kernels);
        Version = $"{detector.Card.Name}-{detector.Card.Version}+{refiner.Card.Name}-{refiner.Card.Version}:{detector.WeightsSha256[..8]}{refiner.WeightsSha256[..8]}";
    }

    /// <summary>Names of the two models and the start of their weights' hashes: a part of the embedding contract's aligner.</summary>
    public string Version { get; }

    /// <summary>Finds the faces in a picture.</summary>
    /// <returns>Faces in pixels of the picture, best score first; empty where there is none.</returns>
    public IReadOnlyList<Face> Detect(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var pyramid = new ImagePyramid(image);
        var found = new List<Face>();
        foreach (var s in Scales(image)) Search(pyramid, s, found);
        var candidates = SuppressOverlaps(found);
        if (candidates.Count > MostCandidates) candidates.RemoveRange(MostCandidates, candidates.Count - MostCandidates);
        var kept = new List<Face>();
        foreach (var face in SuppressOverlaps([.. candidates.Select(c => Refine(pyramid, c)).Where(f => f.Score >= _options.MinScore)]))
            if (kept.TrueForAll(k => k.Box.Intersection(face.Box) <= Containment * Math.Min(k.Box.Area, face.Box.Area))) kept.Add(face);
        return kept;
    }

    /// <summary>
    /// The scales searched: 256 for faces that fill the picture, 640, and for larger pictures each double of it until the smallest wanted face is 24 pixels wide.
    /// </summary>
    IEnumerable<double> Scales(RgbImage image)
    {
        double longest = Math.Max(image.Width, image.Height);
        if (_options.WorkingSize > 0)
        {
            yield return Math.Min(1, _options.WorkingSize / longest);
            yield break;
        }
        var enough = Math.Min(1, 24.0 / _options.MinFaceSize);
        if (longest > 256) yield return 256 / longest;
        for (var s = Math.Min(1, 640 / longest); ; s = Math.Min(1, 2 * s))
        {
            yield return s;
            if (s >= enough) yield break;
        }
    }

    /// <summary>Runs stage 1 over the picture scaled by s, in tiles where it is larger than one, and adds what it finds.</summary>
    internal void Search(ImagePyramid pyramid, double s, List<Face> found)
    {
        int width = ImagePyramid.Scaled(pyramid.Picture.Width, s), height = ImagePyramid.Scaled(pyramid.Picture.Height, s);
        var largest = (width > Tile || height > Tile ? LargestInTiles : double.PositiveInfinity) / s;
        foreach (var top in Starts(height))
            foreach (var left in Starts(width))
            {
                var memory = Rent(Padded(Math.Min(height - top, Tile)), Padded(Math.Min(width - left, Tile)));
                pyramid.Resample(s, left, top, memory.Width, memory.Height, memory.InputSpan);
                var maps = _detector.Run(memory);
                found.AddRange(SuppressOverlaps([.. Decode(maps, memory, s, left, top).Where(face => face.Box.Width <= largest)]));
                Return(memory);
            }
    }

    static IEnumerable<int> Starts(int side)
    {
        for (var start = 0; ; start += Tile - TileOverlap)
        {
            yield return start;
            if (start + Tile >= side) yield break;
        }
    }

    static int Padded(int side) => (side + 31) / 32 * 32;

    List<Face> Decode((nint Out8, nint Out16, nint Out32) maps, DetectorNetwork.Memory memory, double s, int left, int top)
    {
        var found = new List<Face>();
        foreach (var (map, stride) in ((nint, int)[])[(maps.Out8, 8), (maps.Out16, 16), (maps.Out32, 32)])
            for (var y = 0; y < memory.Height / stride; y++)
                for (var x = 0; x < memory.Width / stride; x++)
                {
                    var cell = (float*)map + ((long)y * (memory.Width / stride) + x) * DetectorNetwork.CellStride;
                    var score = Sigmoid(cell[0]);
                    if (score >= _candidateScore) found.Add(DecodeCell(cell, score, (x + 0.5f) * stride, (y + 0.5f) * stride, stride, s, left, top));
                }
        return found;
    }

    static Face DecodeCell(float* cell, float score, float centreX, float centreY, int stride, double s, int left, int top)
    {
        var box = new Box(X(centreX - Distance(1)), Y(centreY - Distance(2)), X(centreX + Distance(3)), Y(centreY + Distance(4)));
        return new Face(box, new Landmarks(Point(0), Point(1), Point(2), Point(3), Point(4)), score);

        float Distance(int channel) => MathF.Exp(Math.Clamp(cell[channel], -4, 5)) * stride;
        Point Point(int i) => new(X(centreX + cell[5 + 2 * i] * stride), Y(centreY + cell[6 + 2 * i] * stride));
        float X(float x) => (float)((x + left) / s);
        float Y(float y) => (float)((y + top) / s);
    }

    /// <summary>Stage 2, twice: the second time from the landmarks that the first gave.</summary>
    Face Refine(ImagePyramid pyramid, Face face)
    {
        Span<float> output = stackalloc float[RefinerNetwork.Outputs];
        var patch = new float[RefinerNetwork.PatchSize * RefinerNetwork.PatchSize * 3];
        var landmarks = face.Landmarks;
        for (var pass = 0; pass < 2; pass++)
        {
            if (!FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var fromTemplate)) return face with { Score = 0 };
            Patch(pyramid, fromTemplate, patch);
            _refiner.Run(patch, output);
            landmarks = RefinedLandmarks(output, fromTemplate);
        }
        var score = Sigmoid(output[0]) * MathF.Sqrt(face.Score);
        return FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var last) ? new Face(BoxOf(last), landmarks, score) : face with { Score = 0 };
    }

    /// <summary>The refiner's input: a square of 140 template units around the face, upright in the template.</summary>
    internal static void Patch(ImagePyramid pyramid, SimilarityTransform fromTemplate, Span<float> patch)
    {
        const double step = 140.0 / RefinerNetwork.PatchSize, centre = RefinerNetwork.PatchSize / 2.0;
        var k = ImagePyramid.LevelFor(fromTemplate.Scale * step, 2);
        var level = pyramid.Level(ref k);
        double perPixel = 1.0 / (1 << k);
        for (var y = 0; y < RefinerNetwork.PatchSize; y++)
            for (var x = 0; x < RefinerNetwork.PatchSize; x++)
            {
                var at = fromTemplate.Apply(new Point((float)(56 + (x + 0.5 - centre) * step), (float)(64 + (y + 0.5 - centre) * step)));
                ImagePyramid.Sample(level, (at.X + 0.5) * perPixel - 0.5, (at.Y + 0.5) * perPixel - 0.5, patch.Slice((y * RefinerNetwork.PatchSize + x) * 3, 3));
            }
    }

    static Landmarks RefinedLandmarks(ReadOnlySpan<float> output, SimilarityTransform fromTemplate)
    {
        var t = FaceAligner.Template;
        Span<Point> points = [t.LeftEye, t.RightEye, t.Nose, t.LeftMouth, t.RightMouth];
        for (var i = 0; i < points.Length; i++)
            points[i] = fromTemplate.Apply(new Point(points[i].X + 35 * output[1 + 2 * i], points[i].Y + 35 * output[2 + 2 * i]));
        return new Landmarks(points[0], points[1], points[2], points[3], points[4]);
    }

    /// <summary>The box that landmarks define: 80 x 94 template units around template point (56, 65).</summary>
    static Box BoxOf(SimilarityTransform fromTemplate)
    {
        var centre = fromTemplate.Apply(new Point(56, 65));
        float width = 80 * (float)fromTemplate.Scale, height = 94 * (float)fromTemplate.Scale;
        return new Box(centre.X - width / 2, centre.Y - height / 2, centre.X + width / 2, centre.Y + height / 2);
    }

    /// <summary>Greedy non-maximum suppression: best first, dropping what overlaps a better one.</summary>
    static List<Face> SuppressOverlaps(List<Face> faces)
    {
        var kept = new List<Face>();
        foreach (var face in faces.OrderByDescending(f => f.Score).ThenBy(f => f.Box.Top).ThenBy(f => f.Box.Left))
            if (float.IsFinite(face.Box.Width) && kept.TrueForAll(k => k.Box.IntersectionOverUnion(face.Box) <= Overlap)) kept.Add(face);
        return kept;
    }

    static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    DetectorNetwork.Memory Rent(int height, int width)
    {
        if (_memories.TryTake(out var memory) && memory.Height == height && memory.Width == width) return memory;
        memory?.Dispose();
        return new(height, width);
    }

    void Return(DetectorNetwork.Memory memory)
    {
        if (_memories.Count < Environment.ProcessorCount) _memories.Add(memory);
        else memory.Dispose();
    }

    /// <summary>Frees the weights and working memory. No call may be in progress.</summary>
    public void Dispose()
    {
        _detector.Dispose();
        _refiner.Dispose();
        while (_memories.TryTake(out var memory)) memory.Dispose();
    }
}
