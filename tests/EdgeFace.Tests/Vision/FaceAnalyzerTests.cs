using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

/// <summary>The one pipeline: photos, listed landmarks and crops, one by one and together.</summary>
public sealed class FaceAnalyzerTests : IDisposable
{
    static readonly string[] Portraits = [.. Directory.GetFiles(TestData.Sample("."), "*-1.jpg").Order(StringComparer.Ordinal)];

    readonly FaceEmbedder _embedder;
    readonly FaceAnalyzer _photos, _landmarks, _crops;

    public FaceAnalyzerTests()
    {
        using var model = DefaultModels.OpenRecogniser();
        _embedder = new FaceEmbedder(model, new() { BatchThreads = 2 });
        _photos = new(DetectorTests.Open(), _embedder, ownsParts: true);
        (_landmarks, _crops) = (FaceAnalyzer.ForListedLandmarks(_embedder), FaceAnalyzer.ForCrops(_embedder));
    }

    public void Dispose() => _photos.Dispose();

    static float[] Values(AnalyzedCrop crop) => crop.Embedding.Vector.ToArray();

    [Fact]
    public void A_photo_its_landmarks_and_its_crop_give_one_vector_under_three_contracts()
    {
        foreach (var file in Portraits.Take(3))
        {
            var image = ImageCodec.Load(file);
            var face = _photos.Single(image);
            var listed = _landmarks.AnalyzeAt(image, face.Face.Landmarks);
            var given = _crops.AnalyzeCrop(new RgbImage(112, 112, face.Crop.ToArray()));
            Assert.Equal(Values(face), Values(listed));
            Assert.Equal(Values(face), Values(given));
            Assert.Equal(face.Crop.ToArray(), listed.Crop.ToArray());
            Assert.Equal(new(image.Width, image.Height), face.Picture);
            Assert.Equal(face.Picture, listed.Picture);
            Assert.Equal(new(112, 112), given.Picture);
            Assert.Equal(face.Gate.Score, given.Gate.Score);
            Assert.Equal(Values(face), new Embedding(_photos.RawVector(face.Crop.Span), _photos.Contract).Vector.ToArray());
            AnalyzedCrop[] all = [face, listed, given];
            FaceAnalyzer[] analyzers = [_photos, _landmarks, _crops];
            Assert.Equal(analyzers.Select(a => a.Contract), all.Select(c => c.Embedding.Contract));
            Assert.Equal(3, all.Select(c => c.Embedding.Contract).Distinct().Count());
        }
        Assert.Equal([AnalyzerInput.Photos, AnalyzerInput.ListedLandmarks, AnalyzerInput.Crops],
            ((FaceAnalyzer[])[_photos, _landmarks, _crops]).Select(a => a.Input));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(35)]
    public void Crops_together_give_what_each_gives_alone(int count)
    {
        var random = new Random(count);
        ReadOnlyMemory<byte>[] crops = [.. Enumerable.Range(0, count).Select(i =>
        {
            var crop = new byte[FaceEmbedder.CropBytes];
            random.NextBytes(crop);
            return new ReadOnlyMemory<byte>(crop);
        })];
        var together = _crops.AnalyzeCrops(crops);
        Assert.Equal(count, together.Count);
        for (var i = 0; i < count; i++)
        {
            Assert.True(crops[i].Span.SequenceEqual(together[i].Crop.Span));
            Assert.True(_embedder.Embed(crops[i].Span).Vector.SequenceEqual(together[i].Embedding.Vector));
            Assert.Equal(_crops.Gate.Judge(together[i].Embedding, crops[i].Span).Score, together[i].Gate.Score);
        }
    }

    [Fact]
    public void An_analyzer_of_photos_takes_crops_that_it_made_and_keeps_its_contract()
    {
        var face = _photos.Single(ImageCodec.Load(Portraits[0]));
        var again = Assert.Single(_photos.AnalyzeCrops([face.Crop]));
        Assert.Equal(1, again.Embedding.Score(face.Embedding), 1e-6f);
        var png = ImageCodec.EncodePng(new RgbImage(112, 112, face.Crop.ToArray()));
        Assert.Equal(Values(face), Values(_photos.AnalyzeCrop(png)));
    }

    [Fact]
    public void All_faces_of_a_group_are_embedded_together_as_each_alone()
    {
        var image = ImageCodec.Load(TestData.Sample("group.jpg"));
        var faces = _photos.Analyze(image);
        Assert.InRange(faces.Count, 4, 100);
        foreach (var face in faces) Assert.Equal(Values(_photos.Embed(image, face.Face)), Values(face));
    }

    [Fact]
    public void What_an_analyzer_was_not_made_for_is_refused()
    {
        var image = ImageCodec.Load(Portraits[0]);
        foreach (var analyzer in (FaceAnalyzer[])[_crops, _landmarks])
        {
            Assert.Contains("finds no faces", Assert.Throws<InvalidOperationException>(() => analyzer.Analyze(image)).Message);
            Assert.Throws<InvalidOperationException>(() => analyzer.Single(image));
        }
        foreach (var analyzer in (FaceAnalyzer[])[_crops, _photos])
            Assert.Throws<InvalidOperationException>(() => analyzer.AnalyzeAt(image, FaceAligner.Template));
        Assert.Contains("a.jpg: the listed landmarks define no face",
            Assert.Throws<ImageFormatException>(() => _landmarks.AnalyzeAt(image, default, "a.jpg")).Message);
        Assert.Contains("a.jpg: an aligned crop is 112 x 112 pixels",
            Assert.Throws<ImageFormatException>(() => _crops.AnalyzeCrop(image, "a.jpg")).Message);
        Assert.Throws<ArgumentException>(() => _crops.AnalyzeCrops([new byte[5]]));
    }

    [Fact]
    public void An_analyzer_ends_the_parts_that_it_made_and_no_others()
    {
        var image = ImageCodec.Load(Portraits[0]);
        FaceAnalyzer made;
        using (ModelFile detector = DefaultModels.OpenDetector(), refiner = DefaultModels.OpenRefiner(), recogniser = DefaultModels.OpenRecogniser())
        {
            made = FaceAnalyzer.Create(detector, refiner, recogniser, new() { Detector = new() { MinFaceSize = 40 } });
            Assert.Throws<ModelFormatException>(() => FaceAnalyzer.Create(detector, null, recogniser));
            Assert.Throws<ModelFormatException>(() => FaceAnalyzer.Create(detector, refiner, refiner));
            Assert.Throws<ArgumentOutOfRangeException>(
                () => FaceAnalyzer.Create(detector, refiner, recogniser, new() { Detector = new() { MinFaceSize = -1 } }));
        }
        Assert.Equal(Values(_photos.Single(image)), Values(made.Single(image)));
        made.Dispose();
        made.Dispose();
        Assert.Throws<ObjectDisposedException>(() => made.Single(image));
        _crops.Dispose();
        _landmarks.Dispose();
        _photos.Single(image);
    }

    [Fact]
    public async Task Bytes_streams_and_pictures_give_the_same_faces_however_they_are_read()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var bytes = File.ReadAllBytes(TestData.Sample("group.jpg"));
        var expected = _photos.Analyze(ImageCodec.Decode(bytes)).Select(Values).ToArray();
        using var other = new CancellationTokenSource();
        IReadOnlyList<AnalyzedFace>[] all =
        [
            _photos.Analyze(bytes), _photos.Analyze(new MemoryStream(bytes)), await _photos.AnalyzeAsync(bytes, null, cancellation),
            await _photos.AnalyzeAsync(new MemoryStream(bytes), null, cancellation), _photos.Analyze(bytes, null, other.Token),
        ];
        Assert.All(all, faces => Assert.Equal(expected, faces.Select(Values)));
        var portrait = File.ReadAllBytes(Portraits[0]);
        Assert.Equal(Values(_photos.Single(portrait)), Values(await _photos.SingleAsync(portrait, cancellation: cancellation)));
        await Assert.ThrowsAsync<SeveralFacesException>(() => _photos.SingleAsync(bytes, cancellation: cancellation));
        var refused = await Assert.ThrowsAsync<ImageFormatException>(() => _photos.AnalyzeAsync(new byte[7], "x.gif", cancellation));
        Assert.Contains("x.gif", refused.Message);
    }
}
