using System.Buffers;

namespace EdgeFace.Vision;

/// <summary>
/// The one pipeline from a picture to embeddings, for enrolment and probe alike: decode, detect, align, embed, judge. Its embeddings'
/// contract names every part, and whether it found the faces itself. A face that the gate refuses is looked at again, the other ways up. Safe for
/// any number of threads at once.
/// </summary>
public sealed class FaceAnalyzer : IDisposable
{
    const string ThePicture = "the picture";

    // So many crops for each thread are embedded between two looks at whether it was cancelled: as many as go through the network together.
    const int CropsOfThread = 8;

    readonly FaceDetector? _detector;
    readonly SecondLook? _secondLook;
    readonly bool _ownsParts;
    readonly int _batch;

    /// <summary>Joins a detector and a recogniser: for photos.</summary>
    /// <param name="detector">Finds the faces.</param>
    /// <param name="embedder">Embeds their crops.</param>
    /// <param name="ownsParts">Disposes of both with the analyzer.</param>
    public FaceAnalyzer(FaceDetector detector, FaceEmbedder embedder, bool ownsParts = false)
        : this(AnalyzerInput.Photos, Given(detector), Given(embedder), ownsParts) { }

    FaceAnalyzer(AnalyzerInput input, FaceDetector? detector, FaceEmbedder embedder, bool ownsParts)
    {
        (Input, Embedder, _detector, _ownsParts) = (input, embedder, detector, ownsParts);
        var threads = embedder.Options.BatchThreads;
        _batch = CropsOfThread * (threads > 0 ? threads : Environment.ProcessorCount);
        Gate = new(embedder.Card);
        if (Gate.IsFitted && detector is { LooksEachWay: true }) _secondLook = new(detector, Gate, Embed);
        Contract = input switch
        {
            AnalyzerInput.Photos => embedder.Contract.WithAligner(AlignerSource.Detected(FaceAligner.Version, detector!.Version)),
            AnalyzerInput.ListedLandmarks => embedder.Contract.WithAligner(AlignerSource.LandmarksListed(FaceAligner.Version)),
            _ => embedder.Contract,
        };
    }

    /// <summary>An analyzer of crops that were aligned elsewhere.</summary>
    /// <param name="embedder">Embeds them.</param>
    /// <param name="ownsEmbedder">Disposes of it with the analyzer.</param>
    public static FaceAnalyzer ForCrops(FaceEmbedder embedder, bool ownsEmbedder = false)
        => new(AnalyzerInput.Crops, null, Given(embedder), ownsEmbedder);

    /// <summary>An analyzer of faces whose landmarks are listed.</summary>
    /// <param name="embedder">Embeds their crops.</param>
    /// <param name="ownsEmbedder">Disposes of it with the analyzer.</param>
    public static FaceAnalyzer ForListedLandmarks(FaceEmbedder embedder, bool ownsEmbedder = false)
        => new(AnalyzerInput.ListedLandmarks, null, Given(embedder), ownsEmbedder);

    /// <summary>Makes an analyzer of photos with its parts, which end with it. The model files may be disposed afterwards.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="refiner">Its refiner; null for a detector that needs none (<see cref="FaceDetector.TakesRefiner"/>).</param>
    /// <param name="recogniser">The recogniser.</param>
    /// <param name="options">How the parts work; null for the defaults.</param>
    /// <exception cref="ModelFormatException">A file does not hold that network, or a weight is missing, of another shape or not finite.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the detector cannot do what is asked for.</exception>
    public static FaceAnalyzer Create(ModelFile detector, ModelFile? refiner, ModelFile recogniser, AnalyzerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(recogniser);
        options ??= new();
        // Each takes its time.
        var preparing = Task.Run(() => refiner is null ? new FaceDetector(detector, options.Detector)
            : new FaceDetector(detector, refiner, options.Detector));
        FaceEmbedder? embedder = null;
        try
        {
            embedder = new(recogniser, options.Embedder ?? new());
        }
        finally
        {
            if (embedder is null) Finished(preparing)?.Dispose();
        }
        try
        {
            return new(preparing.GetAwaiter().GetResult(), embedder, ownsParts: true);
        }
        catch
        {
            embedder.Dispose();
            Finished(preparing)?.Dispose();
            throw;
        }
    }

    static FaceDetector? Finished(Task<FaceDetector> preparing)
    {
        ((IAsyncResult)preparing).AsyncWaitHandle.WaitOne();
        return preparing.IsCompletedSuccessfully ? preparing.Result : null;
    }

    static T Given<T>(T part) where T : class
    {
        ArgumentNullException.ThrowIfNull(part);
        return part;
    }

    /// <summary>What it makes crops from; only <see cref="AnalyzerInput.Photos"/> finds faces.</summary>
    public AnalyzerInput Input { get; }

    /// <summary>What all its embeddings can be compared with.</summary>
    public EmbeddingContract Contract { get; }

    /// <summary>The recogniser's gate, which judges every face.</summary>
    public FaceGate Gate { get; }

    /// <summary>The recogniser, with its card and thresholds; it ends with the analyzer if that owns it.</summary>
    public FaceEmbedder Embedder { get; }

    FaceDetector Detector => _detector
        ?? throw new InvalidOperationException($"this analyzer was made for {Input}: it finds no faces; make it with a detector");

    /// <summary>
    /// Finds, aligns and embeds every face of an encoded picture. Its pixels are in memory only meanwhile, and those of few pictures at once,
    /// however many threads call: as many pictures as processors, of 25 million pixels for each together, or one larger one.
    /// </summary>
    /// <param name="encoded">A JPEG, PNG, WebP, BMP or GIF file.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="cancellation">Ends the waiting for room and the work.</param>
    /// <exception cref="ImageFormatException">It cannot be decoded.</exception>
    public IReadOnlyList<AnalyzedFace> Analyze(ReadOnlySpan<byte> encoded, string? source = null, CancellationToken cancellation = default)
    {
        using var picture = ImageCodec.Lease(encoded, null, source, cancellation);
        return Analyze(picture.Image, cancellation);
    }

    /// <summary>The same of what a stream has left, which is read to its end or to <see cref="ImageLimits.MaxBytes"/>, and stays open.</summary>
    /// <exception cref="ImageFormatException">It cannot be read or decoded.</exception>
    public IReadOnlyList<AnalyzedFace> Analyze(Stream encoded, string? source = null, CancellationToken cancellation = default)
        => Analyze(PictureStream.Read(encoded, null, source ?? ThePicture, cancellation), source, cancellation);

    /// <summary>
    /// As <see cref="Analyze(ReadOnlySpan{byte}, string?, CancellationToken)"/>, in a thread of the pool; nobody is blocked while it waits for room.
    /// </summary>
    /// <exception cref="ImageFormatException">It cannot be decoded.</exception>
    public Task<IReadOnlyList<AnalyzedFace>> AnalyzeAsync(ReadOnlyMemory<byte> encoded, string? source = null,
        CancellationToken cancellation = default)
        => ImageCodec.UseAsync(encoded, image => Analyze(image, cancellation), null, source, cancellation);

    /// <summary>As <see cref="Analyze(Stream, string?, CancellationToken)"/>, in a thread of the pool.</summary>
    /// <exception cref="ImageFormatException">It cannot be read or decoded.</exception>
    public async Task<IReadOnlyList<AnalyzedFace>> AnalyzeAsync(Stream encoded, string? source = null, CancellationToken cancellation = default)
    {
        var bytes = await PictureStream.ReadAsync(encoded, null, source ?? ThePicture, cancellation).ConfigureAwait(false);
        return await AnalyzeAsync(bytes, source, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Finds, aligns and embeds every face of a picture, best score first; faces that lie otherwise than upright and were found only after the gate
    /// had refused all others stand last.
    /// </summary>
    /// <exception cref="InvalidOperationException">The analyzer has no detector.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<AnalyzedFace> Analyze(RgbImage image, CancellationToken cancellation = default)
        => Analyze(image, Found(image, cancellation), cancellation);

    IReadOnlyList<Face> Found(RgbImage image, CancellationToken cancellation)
    {
        using var call = Telemetry.Detect();
        return Detector.Detect(image, cancellation);
    }

    IReadOnlyList<AnalyzedFace> Analyze(RgbImage image, IReadOnlyList<Face> found, CancellationToken cancellation)
    {
        var faces = Embed(image, found, cancellation);
        return _secondLook is null ? faces : _secondLook.Of(image, faces, cancellation);
    }

    /// <summary>Finds the faces of a picture and embeds the one that is meant.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="choice">Which face.</param>
    /// <param name="source">What to call the picture in messages.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="NoFaceException">There is none.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    /// <exception cref="InvalidOperationException">The analyzer has no detector.</exception>
    public AnalyzedFace Single(RgbImage image, FaceChoice choice = default, string source = ThePicture, CancellationToken cancellation = default)
    {
        var found = Found(image, cancellation);
        if (_secondLook is null)
        {
            var chosen = choice.Of(found, source);
            return Embed(image, chosen, cancellation) with { Beside = Beside(chosen, found) };
        }
        // Which face is the largest, and which has which number, is known of all of them as they are taken.
        var faces = Analyze(image, found, cancellation);
        Face[] all = [.. faces.Select(f => f.Face)];
        var face = choice.Of(all, source);
        return faces.First(f => ReferenceEquals(f.Face, face)) with { Beside = Beside(face, all) };
    }

    /// <summary>The face that is meant of an encoded picture, whose pixels are in memory only meanwhile.</summary>
    /// <exception cref="ImageFormatException">It cannot be decoded.</exception>
    /// <exception cref="NoFaceException">There is none.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    public AnalyzedFace Single(ReadOnlySpan<byte> encoded, FaceChoice choice = default, string source = ThePicture,
        CancellationToken cancellation = default)
    {
        using var picture = ImageCodec.Lease(encoded, null, source, cancellation);
        return Single(picture.Image, choice, source, cancellation);
    }

    /// <summary>As <see cref="Single(ReadOnlySpan{byte}, FaceChoice, string, CancellationToken)"/>, in a thread of the pool.</summary>
    /// <exception cref="ImageFormatException">It cannot be decoded.</exception>
    /// <exception cref="NoFaceException">There is none.</exception>
    /// <exception cref="SeveralFacesException">There are several and none was chosen, or the chosen one does not exist.</exception>
    public Task<AnalyzedFace> SingleAsync(ReadOnlyMemory<byte> encoded, FaceChoice choice = default, string source = ThePicture,
        CancellationToken cancellation = default)
        => ImageCodec.UseAsync(encoded, image => Single(image, choice, source, cancellation), null, source, cancellation);

    static int Beside(Face face, IReadOnlyList<Face> all)
        => all.Count(other => !ReferenceEquals(other, face) && 2 * other.Box.Width >= face.Box.Width);

    /// <summary>Aligns and embeds faces that a detector found before; for an analyzer of photos its own.</summary>
    public IReadOnlyList<AnalyzedFace> Embed(RgbImage image, IReadOnlyList<Face> faces, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(faces);
        var crops = new ReadOnlyMemory<byte>[faces.Count];
        for (var i = 0; i < crops.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var crop = new byte[FaceEmbedder.CropBytes];
            FaceAligner.Align(image, faces[i].Landmarks, crop);
            crops[i] = crop;
        }
        var embeddings = Embeddings(crops, cancellation);
        var analyzed = new AnalyzedFace[crops.Length];
        for (var i = 0; i < crops.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var quality = FaceQuality.Of(faces[i], crops[i].Span, image.Width, image.Height);
            analyzed[i] = new()
            {
                Picture = new(image.Width, image.Height), Crop = crops[i], Embedding = embeddings[i], Face = faces[i], Quality = quality,
                Gate = Gate.Judge(embeddings[i], crops[i].Span, quality),
            };
        }
        return analyzed;
    }

    /// <summary>Aligns and embeds one face at known landmarks.</summary>
    public AnalyzedFace Embed(RgbImage image, Face face, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(face);
        return Embed(image, [face], cancellation)[0];
    }

    /// <summary>Aligns and embeds the face at listed landmarks.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="landmarks">In its pixels.</param>
    /// <param name="source">What to call the picture in messages.</param>
    /// <exception cref="ImageFormatException">The landmarks define no face.</exception>
    /// <exception cref="InvalidOperationException">The analyzer is not one for listed landmarks.</exception>
    public AnalyzedCrop AnalyzeAt(RgbImage image, in Landmarks landmarks, string source = ThePicture)
        => AnalyzeCrops([Crop(image, landmarks, source)])[0] with { Picture = new(image.Width, image.Height) };

    /// <summary>The crop of the face at listed landmarks, to be embedded with others: <see cref="AnalyzeCrops"/>.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="landmarks">In its pixels.</param>
    /// <param name="source">What to call the picture in messages.</param>
    /// <returns>112 x 112 RGB bytes.</returns>
    /// <exception cref="ImageFormatException">The landmarks define no face.</exception>
    /// <exception cref="InvalidOperationException">The analyzer is not one for listed landmarks.</exception>
    public ReadOnlyMemory<byte> Crop(RgbImage image, in Landmarks landmarks, string source = ThePicture)
    {
        if (Input != AnalyzerInput.ListedLandmarks)
            throw new InvalidOperationException($"this analyzer was made for {Input}, not for listed landmarks");
        if (!FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out _))
            throw new ImageFormatException($"{source}: the listed landmarks define no face: {landmarks}");
        var crop = new byte[FaceEmbedder.CropBytes];
        FaceAligner.Align(image, landmarks, crop);
        return crop;
    }

    /// <summary>The bytes of a picture that is a crop, which it keeps.</summary>
    /// <returns>112 x 112 RGB bytes.</returns>
    /// <exception cref="ImageFormatException">It is not 112 x 112 pixels.</exception>
    public static ReadOnlyMemory<byte> Crop(RgbImage crop, string source = ThePicture)
    {
        ArgumentNullException.ThrowIfNull(crop);
        return crop is { Width: FaceEmbedder.CropSize, Height: FaceEmbedder.CropSize } ? crop.Pixels.ToArray()
            : throw new ImageFormatException($"{source}: an aligned crop is {FaceEmbedder.CropSize} x {FaceEmbedder.CropSize} pixels, "
                + $"not {crop.Width} x {crop.Height}");
    }

    /// <summary>Embeds and judges a crop: see <see cref="AnalyzeCrops"/>.</summary>
    /// <exception cref="ImageFormatException">It is not 112 x 112 pixels.</exception>
    public AnalyzedCrop AnalyzeCrop(RgbImage crop, string source = ThePicture) => AnalyzeCrops([Crop(crop, source)])[0];

    /// <summary>Embeds and judges an encoded crop: see <see cref="AnalyzeCrops"/>.</summary>
    /// <exception cref="ImageFormatException">It cannot be decoded, or is not 112 x 112 pixels.</exception>
    public AnalyzedCrop AnalyzeCrop(ReadOnlySpan<byte> encoded, string source = ThePicture, CancellationToken cancellation = default)
    {
        using var picture = ImageCodec.Lease(encoded, null, source, cancellation);
        return AnalyzeCrop(picture.Image, source);
    }

    /// <summary>
    /// Embeds and judges crops, together faster than one by one, with the same values. An analyzer of photos, or of listed landmarks, takes crops
    /// that one with its contract made before; one for crops takes any.
    /// </summary>
    /// <param name="crops">112 x 112 RGB bytes each.</param>
    /// <param name="cancellation">Ends the work after a few crops.</param>
    /// <returns>One for each crop, in their order.</returns>
    /// <exception cref="ArgumentException">A crop is of another size.</exception>
    public IReadOnlyList<AnalyzedCrop> AnalyzeCrops(IReadOnlyList<ReadOnlyMemory<byte>> crops, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(crops);
        var embeddings = Embeddings(crops, cancellation);
        var analyzed = new AnalyzedCrop[crops.Count];
        for (var i = 0; i < analyzed.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            analyzed[i] = new()
            {
                Picture = new(FaceEmbedder.CropSize, FaceEmbedder.CropSize), Crop = crops[i], Embedding = embeddings[i],
                Gate = Gate.Judge(embeddings[i], crops[i].Span),
            };
        }
        return analyzed;
    }

    Embedding[] Embeddings(IReadOnlyList<ReadOnlyMemory<byte>> crops, CancellationToken cancellation)
    {
        if (crops.Count == 0) return [];
        using var call = Telemetry.Embed(crops.Count);
        int values = Contract.Dimension, most = Math.Min(crops.Count, _batch);
        var embeddings = new Embedding[crops.Count];
        var vectors = new float[most * values];
        // So large an array would be collected with the whole heap only.
        var pixels = ArrayPool<byte>.Shared.Rent(most * FaceEmbedder.CropBytes);
        try
        {
            for (var first = 0; first < embeddings.Length; first += most)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = Math.Min(most, embeddings.Length - first);
                for (var i = 0; i < count; i++) Required(crops[first + i].Span).CopyTo(pixels.AsSpan(i * FaceEmbedder.CropBytes));
                var given = pixels.AsSpan(0, count * FaceEmbedder.CropBytes);
                Embedder.EmbedBatch(given, count, vectors.AsSpan(0, count * values), normalise: false, cancellation);
                for (var i = 0; i < count; i++) embeddings[first + i] = new(vectors.AsSpan(i * values, values), Contract);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
        return embeddings;
    }

    static ReadOnlySpan<byte> Required(ReadOnlySpan<byte> crop) => crop.Length == FaceEmbedder.CropBytes ? crop
        : throw new ArgumentException($"a crop is {FaceEmbedder.CropBytes} bytes, not {crop.Length}", nameof(crop));

    /// <summary>What the network gives for a crop, not scaled to length 1.</summary>
    /// <param name="crop">112 x 112 RGB bytes.</param>
    /// <exception cref="ArgumentException">It is of another size.</exception>
    public float[] RawVector(ReadOnlySpan<byte> crop)
    {
        var vector = new float[Contract.Dimension];
        Embedder.Embed(crop, vector, normalise: false);
        return vector;
    }

    /// <summary>
    /// Ends the parts that it made or was given to own, once the calls in progress have ended; others stay as they are. Later calls throw
    /// <see cref="ObjectDisposedException"/> then.
    /// </summary>
    public void Dispose()
    {
        if (!_ownsParts) return;
        _detector?.Dispose();
        Embedder.Dispose();
    }
}
