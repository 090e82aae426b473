using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.People;

public sealed class FacePipelineTests : IDisposable
{
    static readonly string Adam = TestData.Sample("adam-1.jpg"), Group = TestData.Sample("group.jpg");

    readonly FacePipeline _pipeline = FacePipeline.Open();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task A_file_bytes_a_stream_and_pixels_give_the_same_embedding()
    {
        var bytes = File.ReadAllBytes(Adam);
        using var stream = new MemoryStream(bytes);
        Photo[] photos = [Photo.FromFile(Adam), Photo.FromBytes(bytes), Photo.FromStream(stream), Photo.FromImage(ImageCodec.Load(Adam))];
        var faces = await Task.WhenAll(photos.Select(p => _pipeline.SingleAsync(p, cancellationToken: Stop)));
        Assert.All(faces, f => Assert.Equal(faces[0].Embedding.Vector, f.Embedding.Vector));
        Assert.All(faces, f => Assert.IsType<AnalyzedFace>(f));
        Assert.Equal([Adam, "the picture", "the picture", "the picture"], photos.Select(p => p.Name));
        // A stream is read once and kept.
        var again = await _pipeline.SingleAsync(photos[2], cancellationToken: Stop);
        Assert.Equal(faces[0].Embedding.Vector, again.Embedding.Vector);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task All_faces_of_a_picture_are_those_of_the_analyzer()
    {
        var found = await _pipeline.AnalyzeAsync(Photo.FromFile(Group), Stop);
        using var analyzer = FaceAnalyzer.CreateDefault();
        var image = ImageCodec.Load(Group);
        Assert.Equal(new PictureSize(image.Width, image.Height), found.Size);
        var expected = analyzer.Analyze(image, Stop);
        Assert.Equal(expected.Select(f => f.Face), found.Faces.Select(f => ((AnalyzedFace)f).Face));
        Assert.Equal(expected.SelectMany(f => f.Embedding.Vector.ToArray()), found.Faces.SelectMany(f => f.Embedding.Vector.ToArray()));
        Assert.Equal(analyzer.Contract, _pipeline.Contract);
    }

    [Fact]
    public async Task Crops_are_not_searched_for_faces()
    {
        using var crops = FacePipeline.Open(new() { Input = AnalyzerInput.Crops });
        var crop = (await _pipeline.SingleAsync(Photo.FromFile(Adam), cancellationToken: Stop)).Crop;
        var face = Assert.Single((await crops.AnalyzeAsync(
            Photo.FromImage(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, crop.ToArray())), Stop)).Faces);
        Assert.IsNotType<AnalyzedFace>(face);
        Assert.Equal(FaceEmbedder.CropsGiven, face.Embedding.Contract.Aligner);
        var refused = await Assert.ThrowsAsync<ImageFormatException>(() => crops.AnalyzeAsync(Photo.FromFile(Adam), Stop));
        Assert.Contains(Adam, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adam-1.jpg", "adam-2.jpg", MatchDecision.Same)]
    [InlineData("adam-1.jpg", "bella-1.jpg", MatchDecision.Different)]
    public async Task Two_photos_are_compared(string a, string b, MatchDecision expected)
    {
        var result = await _pipeline.CompareAsync(
            Photo.FromFile(TestData.Sample(a)), Photo.FromFile(TestData.Sample(b)), cancellationToken: Stop);
        Assert.Equal(expected, result.Result);
        Assert.Equal(result.A.Embedding.Score(result.B.Embedding), result.Score);
        Assert.Equal((Decision.For(_pipeline), 1e-4), (result.Decision, result.Decision.Fmr));
    }

    [Fact]
    public async Task A_face_that_cannot_be_recognised_is_not_decided_about_unless_that_is_asked_for()
    {
        var blurred = Photo.FromImage(Spoilt.Blurred(ImageCodec.Load(Adam), 9));
        Assert.Equal(MatchDecision.CannotTell, (await _pipeline.CompareAsync(blurred, Photo.FromFile(Adam), cancellationToken: Stop)).Result);
        var all = Decision.For(_pipeline, new() { TakesUnrecognisable = true });
        var decided = await _pipeline.CompareAsync(blurred, Photo.FromFile(Adam), all, cancellationToken: Stop);
        Assert.NotEqual(MatchDecision.CannotTell, decided.Result);
    }

    [Fact]
    public async Task Of_two_errors_that_of_a_photo_that_cannot_be_used_is_told_first()
    {
        Photo none = Photo.FromImage(new RgbImage(64, 64, new byte[64 * 64 * 3]), "black"), missing = Photo.FromFile("missing.jpg"),
            damaged = Photo.FromBytes("no picture"u8.ToArray(), "damaged"), adam = Photo.FromFile(Adam);
        Task Comparing(Photo a, Photo b) => _pipeline.CompareAsync(a, b, cancellationToken: Stop);
        Assert.Equal(ErrorKind.Request, (await Assert.ThrowsAsync<ImageFormatException>(() => Comparing(none, missing))).Kind);
        Assert.Contains("missing", (await Assert.ThrowsAsync<ImageFormatException>(() => Comparing(missing, damaged))).Message);
        Assert.Contains("damaged", (await Assert.ThrowsAsync<ImageFormatException>(() => Comparing(adam, damaged))).Message);
        Assert.Contains("black", (await Assert.ThrowsAsync<NoFaceException>(() => Comparing(adam, none))).Message);
        Assert.Contains("black", (await Assert.ThrowsAsync<NoFaceException>(() => Comparing(none, Photo.FromFile(Group)))).Message);
    }

    [Fact]
    public async Task More_bytes_than_a_picture_may_have_are_refused_by_their_name()
    {
        using var endless = new MemoryStream(new byte[(int)ImageLimits.Default.MaxBytes + 1]);
        var refused = await Assert.ThrowsAsync<ImageFormatException>(
            () => _pipeline.AnalyzeAsync(Photo.FromStream(endless, "upload"), Stop));
        Assert.StartsWith("upload: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_cancelled_ends_so_or_is_done_at_any_moment()
    {
        var whole = await _pipeline.AnalyzeAsync(Photo.FromFile(Group), Stop);
        var random = new Random(7);
        for (var i = 0; i < 12; i++)
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(0, 120)));
            try
            {
                var found = await _pipeline.AnalyzeAsync(Photo.FromFile(Group), stop.Token);
                Assert.Equal(whole.Faces.Count, found.Faces.Count);
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop.IsCancellationRequested);
            }
        }
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FacePipeline.OpenAsync(cancellationToken: new(canceled: true)));
    }

    [Fact]
    public void What_cannot_be_opened_is_said_and_nothing_stays_open()
    {
        Assert.Equal(ErrorKind.Request, Kind(new() { Model = "edgeface-nobody" }));
        Assert.Equal(ErrorKind.Input, Kind(new() { Model = ModelCatalogue.DefaultDetector }));
        Assert.Equal(ErrorKind.Input, Kind(new() { Detector = ModelCatalogue.DefaultRecogniser }));
        var missing = Assert.Throws<ModelNotDownloadedException>(() => FacePipeline.Open(new() { Model = "edgeface_base" }));
        Assert.Equal("edgeface_base", missing.Model.Name);

        static ErrorKind Kind(PipelineOptions options) => Assert.ThrowsAny<EdgeFaceException>(() => FacePipeline.Open(options)).Kind;
    }
}
