namespace EdgeFace.Vision;

/// <summary>A face, its aligned crop and its embedding.</summary>
/// <param name="Face">Where it is in the picture.</param>
/// <param name="Crop">112 x 112 RGB bytes: what the recogniser saw.</param>
/// <param name="Embedding">What it gave.</param>
/// <param name="Quality">How well the face was seen.</param>
/// <param name="Gate">Whether the face can be recognised.</param>
public sealed record AnalyzedFace(Face Face, ReadOnlyMemory<byte> Crop, Embedding Embedding, FaceQuality Quality, GateJudgement Gate)
{
    /// <summary>
    /// How many other faces of the picture are at least half as wide, where one was chosen of several: from 1 on it is a group photo rather than a
    /// portrait.
    /// </summary>
    public int Beside { get; init; }
}

/// <summary>Which face of a picture is meant where one is expected.</summary>
public readonly record struct FaceChoice
{
    readonly int _value;

    FaceChoice(int value) => _value = value;

    /// <summary>The only face; several are an error. The default.</summary>
    public static FaceChoice Only => default;

    /// <summary>The face with the largest box.</summary>
    public static FaceChoice Largest => new(-1);

    /// <summary>The face at a 0-based index in the order of detection, best score first.</summary>
    public static FaceChoice At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(index + 1);
    }

    /// <summary>The face that is meant.</summary>
    /// <param name="faces">The faces of a picture, best score first.</param>
    /// <param name="source">What to call the picture in messages.</param>
    /// <exception cref="NoFaceException">There is none.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    public Face Of(IReadOnlyList<Face> faces, string source)
    {
        ArgumentNullException.ThrowIfNull(faces);
        if (faces.Count == 0) throw new NoFaceException(source);
        return _value switch
        {
            0 when faces.Count == 1 => faces[0],
            0 => throw new SeveralFacesException(source, faces, "choose one: the largest, or one by its index"),
            -1 => faces.MaxBy(f => f.Box.Area)!,
            _ when _value <= faces.Count => faces[_value - 1],
            _ => throw new SeveralFacesException(source, faces, $"there is no face {_value - 1}"),
        };
    }
}

/// <summary>No face was found where one is needed.</summary>
public sealed class NoFaceException(string source)
    : EdgeFaceException($"{source}: no face found; the face should be at least 24 pixels wide and not in strong profile", ErrorKind.NoAnswer)
{
    /// <summary>The picture.</summary>
    public string Picture { get; } = source;
}

/// <summary>Several faces were found where one is expected.</summary>
public sealed class SeveralFacesException(string source, IReadOnlyList<Face> faces, string advice)
    : EdgeFaceException($"{source}: {faces.Count} face{(faces.Count == 1 ? "" : "s")} found ({Places(faces)}): {advice}", ErrorKind.NoAnswer)
{
    /// <summary>The picture.</summary>
    public string Picture { get; } = source;

    /// <summary>The faces, best score first.</summary>
    public IReadOnlyList<Face> Faces { get; } = faces;

    static string Places(IReadOnlyList<Face> faces)
        => string.Join("; ", faces.Take(8).Select((f, i) => FormattableString.Invariant(
                $"{i}: {f.Box.Width:f0} x {f.Box.Height:f0} at ({f.Box.Left:f0}, {f.Box.Top:f0})")))
            + (faces.Count > 8 ? "; ..." : "");
}

/// <summary>The face that is meant cannot be recognised.</summary>
public sealed class UnrecognisableFaceException(string source, GateJudgement judgement)
    : EdgeFaceException($"{source}: the face cannot be recognised: {string.Join(", ", judgement.Reasons)}", ErrorKind.NoAnswer)
{
    /// <summary>The picture.</summary>
    public string Picture { get; } = source;

    /// <summary>Why.</summary>
    public GateJudgement Judgement { get; } = judgement;
}

/// <summary>
/// The one pipeline from a picture to embeddings, for enrolment and probe alike: decode, detect, align, embed. Its embeddings'
/// contract names every part. A face that the gate refuses is looked at again, the other ways up. Safe for any number of threads at
/// once. It does not own its parts.
/// </summary>
public sealed class FaceAnalyzer
{
    readonly FaceDetector _detector;
    readonly FaceEmbedder _embedder;
    readonly SecondLook? _secondLook;

    /// <summary>Joins a detector and a recogniser.</summary>
    public FaceAnalyzer(FaceDetector detector, FaceEmbedder embedder)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(embedder);
        (_detector, _embedder) = (detector, embedder);
        Gate = new(embedder.Card);
        if (Gate.IsFitted && detector.LooksEachWay) _secondLook = new(detector, Gate, Embed);
        Contract = embedder.Contract with { Aligner = $"{FaceAligner.Version}+{detector.Version}" };
    }

    /// <summary>What the embeddings can be compared with.</summary>
    public EmbeddingContract Contract { get; }

    /// <summary>The recogniser's gate, which judges every face.</summary>
    public FaceGate Gate { get; }

    /// <summary>
    /// Finds, aligns and embeds every face of an encoded picture. Its pixels are in memory only meanwhile, and those of few pictures at once,
    /// however many threads call: as many pictures as processors, of 25 million pixels for each together, or one larger one.
    /// </summary>
    /// <param name="encoded">A JPEG, PNG, WebP, BMP or GIF file.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="ImageFormatException">It cannot be decoded.</exception>
    public IReadOnlyList<AnalyzedFace> Analyze(ReadOnlySpan<byte> encoded, string? source = null)
    {
        using var picture = ImageCodec.Lease(encoded, default, source);
        return Analyze(picture.Image);
    }

    /// <summary>
    /// Finds, aligns and embeds every face of a picture, best score first; faces that lie otherwise than upright and were found only after the gate
    /// had refused all others stand last.
    /// </summary>
    public IReadOnlyList<AnalyzedFace> Analyze(RgbImage image) => Analyze(image, _detector.Detect(image));

    IReadOnlyList<AnalyzedFace> Analyze(RgbImage image, IReadOnlyList<Face> found)
    {
        AnalyzedFace[] faces = [.. found.Select(face => Embed(image, face))];
        return _secondLook is null ? faces : _secondLook.Of(image, faces);
    }

    /// <summary>Finds the faces of a picture and embeds the one that is meant.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="choice">Which face.</param>
    /// <param name="source">What to call the picture in messages.</param>
    /// <exception cref="NoFaceException">There is none.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    public AnalyzedFace Single(RgbImage image, FaceChoice choice = default, string source = "the picture")
    {
        var found = _detector.Detect(image);
        if (_secondLook is null)
        {
            var chosen = choice.Of(found, source);
            return Embed(image, chosen) with { Beside = Beside(chosen, found) };
        }
        // Which face is the largest, and which has which number, is known of all of them as they are taken.
        var faces = Analyze(image, found);
        Face[] all = [.. faces.Select(f => f.Face)];
        var face = choice.Of(all, source);
        return faces.First(f => ReferenceEquals(f.Face, face)) with { Beside = Beside(face, all) };
    }

    static int Beside(Face face, IReadOnlyList<Face> all)
        => all.Count(other => !ReferenceEquals(other, face) && 2 * other.Box.Width >= face.Box.Width);

    /// <summary>Aligns and embeds one face at known landmarks.</summary>
    public AnalyzedFace Embed(RgbImage image, Face face)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(face);
        var crop = new byte[FaceEmbedder.CropBytes];
        FaceAligner.Align(image, face.Landmarks, crop);
        var embedding = _embedder.Embed(crop, Contract);
        var quality = FaceQuality.Of(face, crop, image.Width, image.Height);
        return new AnalyzedFace(face, crop, embedding, quality, Gate.Judge(embedding, crop, quality));
    }

    /// <summary>Embeds a picture that is an aligned crop already. Its contract says that the crop was given.</summary>
    /// <exception cref="ImageFormatException">It is not 112 x 112 pixels.</exception>
    public Embedding EmbedAligned(RgbImage crop, string source = "the picture")
    {
        ArgumentNullException.ThrowIfNull(crop);
        if (crop.Width != FaceEmbedder.CropSize || crop.Height != FaceEmbedder.CropSize)
            throw new ImageFormatException($"{source}: an aligned crop is {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize} pixels, "
                + $"not {crop.Width} x {crop.Height}");
        return _embedder.Embed(crop.Pixels);
    }
}
