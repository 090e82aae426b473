using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

/// <summary>Reading, decoding, searching and embedding that are cancelled, at any moment: they end soon, and leave nothing behind.</summary>
[Collection<RunsAlone>]
public sealed class CancellationTests : IDisposable
{
    readonly FaceAnalyzer _analyzer;

    public CancellationTests()
    {
        using ModelFile detector = DefaultModels.OpenDetector(), refiner = DefaultModels.OpenRefiner(), recogniser = DefaultModels.OpenRecogniser();
        _analyzer = FaceAnalyzer.Create(detector, refiner, recogniser);
    }

    public void Dispose() => _analyzer.Dispose();

    static string Sample => TestData.Sample("group.jpg");

    static float[][] Values(IReadOnlyList<AnalyzedFace> faces) => [.. faces.Select(f => f.Embedding.Vector.ToArray())];

    [Fact]
    public async Task Analysing_that_is_cancelled_at_any_moment_leaves_everything_as_before()
    {
        var bytes = File.ReadAllBytes(Sample);
        var expected = Values(_analyzer.Analyze(bytes));
        var start = TimeProvider.System.GetTimestamp();
        _analyzer.Analyze(bytes);
        var whole = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        var random = new Random(15);
        var ended = 0;
        for (var i = 0; i < 40; i++)
        {
            using var source = new CancellationTokenSource();
            var work = i % 2 == 0 ? _analyzer.AnalyzeAsync(bytes, null, source.Token) : Task.Run(() => _analyzer.Analyze(bytes, null, source.Token));
            source.CancelAfter(TimeSpan.FromMilliseconds(random.NextDouble() * whole));
            try
            {
                Assert.Equal(expected, Values(await work));
            }
            catch (OperationCanceledException e)
            {
                Assert.Equal(source.Token, e.CancellationToken);
                ended++;
            }
            Assert.Equal(0, PixelBudget.OfProcess.Held);
        }
        Assert.InRange(ended, 5, 40);
        Assert.Equal(expected, Values(_analyzer.Analyze(bytes)));
    }

    [Fact]
    public void Every_step_refuses_a_token_that_was_cancelled()
    {
        var cancelled = new CancellationToken(canceled: true);
        var image = ImageCodec.Load(Sample);
        var bytes = File.ReadAllBytes(Sample);
        var detector = DetectorTests.Open();
        Action[] steps =
        [
            () => detector.Detect(image, cancelled), () => detector.Detect(image, new Box(0, 0, 100, 100), cancelled),
            () => _analyzer.Analyze(image, cancelled), () => _analyzer.Single(image, FaceChoice.Largest, "it", cancelled),
            () => _analyzer.Analyze(bytes, null, cancelled), () => _analyzer.Analyze(new MemoryStream(bytes), null, cancelled),
            () => _analyzer.AnalyzeCrops([new byte[FaceEmbedder.CropBytes]], cancelled), () => ImageCodec.Decode(bytes, null, null, cancelled),
            () => ImageCodec.Lease(Sample, null, cancelled).Dispose(), () => ImageCodec.LoadAsync(Sample, null, cancelled).GetAwaiter().GetResult(),
            () => ImageCodec.ReadFileAsync(Sample, null, cancelled).GetAwaiter().GetResult(),
            () => _analyzer.AnalyzeAsync(new MemoryStream(bytes), null, cancelled).GetAwaiter().GetResult(),
        ];
        foreach (var step in steps) Assert.ThrowsAny<OperationCanceledException>(step);
        Assert.Equal(0, PixelBudget.OfProcess.Held);
        Assert.NotEmpty(detector.Detect(image));
        detector.Dispose();
    }

    [Theory]
    [InlineData("rgb.png")]
    [InlineData("interlaced.png")]
    [InlineData("alpha.png")]
    [InlineData("animated.gif")]
    [InlineData("rle8.bmp")]
    [InlineData("alpha32.bmp")]
    [InlineData("lossy.webp")]
    [InlineData("alpha.webp")]
    [InlineData("baseline.jpg")]
    public void A_picture_that_may_be_cancelled_is_decoded_to_the_same_pixels(string name)
    {
        using var source = new CancellationTokenSource();
        var bytes = GradientPictures.Read(name);
        Assert.True(ImageCodec.Decode(bytes).Pixels.SequenceEqual(ImageCodec.Decode(bytes, null, null, source.Token).Pixels));
    }

    [Fact]
    public void A_damaged_picture_is_the_files_fault_also_where_it_may_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        foreach (var name in GradientPictures.Names)
        {
            var cut = GradientPictures.Read(name)[..^(GradientPictures.Read(name).Length / 2)];
            try
            {
                ImageCodec.Decode(cut, null, "a", source.Token);
            }
            catch (ImageFormatException)
            {
                continue;
            }
            ImageCodec.Decode(cut);
        }
    }

    [Fact]
    public void Decoding_that_is_cancelled_at_any_moment_is_no_fault_of_the_file()
    {
        var row = new byte[3 * 3000];
        byte[][] files = [PngBytes.Of(3000, 2000, PngBytes.Rgb, _ => row), File.ReadAllBytes(Sample)];
        foreach (var file in files)
            for (var i = 0; i < 30; i++)
            {
                using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(i));
                try
                {
                    ImageCodec.Decode(file, null, null, source.Token);
                }
                catch (OperationCanceledException)
                {
                }
                Assert.Equal(0, PixelBudget.OfProcess.Held);
            }
    }

    [Fact]
    public async Task Who_waits_for_a_pipe_is_let_go()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("needs named pipes in the file system");
        using var folder = new TempFolder();
        ProcessRun.Of("mkfifo", [folder["pipe"]]).Succeeds();
        using var source = new CancellationTokenSource();
        var reading = ImageCodec.ReadFileAsync(folder["pipe"], null, source.Token);
        Assert.False(reading.IsCompleted);
        source.Cancel();
        await Ended(reading);
        // What waits in the pool ends with this.
        using var other = new FileStream(folder["pipe"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
    }

    [Fact]
    public async Task Who_reads_a_pipe_that_gives_no_more_is_let_go()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("needs named pipes in the file system");
        using var folder = new TempFolder();
        ProcessRun.Of("mkfifo", [folder["pipe"]]).Succeeds();
        // For reading too, so that it opens without another end.
        using var writer = new FileStream(folder["pipe"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        writer.Write([1, 2, 3]);
        using var source = new CancellationTokenSource();
        var reading = ImageCodec.ReadFileAsync(folder["pipe"], null, source.Token);
        source.CancelAfter(50);
        await Ended(reading);
        // What waits in the pool ends with the pipe.
        writer.Write(new byte[1 << 10]);
    }

    static Task<OperationCanceledException> Ended(Task work) => Assert.ThrowsAnyAsync<OperationCanceledException>(
        () => work.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_search_that_waits_for_its_turn_is_let_go_and_takes_nobodys_turn()
    {
        using var pool = new BoundedPool<MemoryStream>(1, () => new());
        var only = pool.Take();
        Threads.Run(8, thread =>
        {
            using var source = new CancellationTokenSource(thread);
            Assert.ThrowsAny<OperationCanceledException>(() => pool.Take(source.Token));
        });
        var waiting = Task.Run(() => pool.Take(TestContext.Current.CancellationToken));
        pool.Return(only);
        Assert.Same(only, await waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        pool.Return(only);
    }
}
