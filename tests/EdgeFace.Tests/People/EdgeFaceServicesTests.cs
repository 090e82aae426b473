using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFace.Tests.People;

[Collection(nameof(EnvironmentVariable))]
public sealed class EdgeFaceServicesTests : IDisposable
{
    readonly TempFolder _folder = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_container_has_all_of_it_once_and_closes_it()
    {
        FacePipeline pipeline;
        PeopleGallery people;
        await using (var all = new ServiceCollection().AddEdgeFace(o => o.Gallery = _folder["people.db"]).BuildServiceProvider())
        {
            // As a host does when it starts.
            all.GetRequiredService<IStartupValidator>().Validate();
            people = all.GetRequiredService<PeopleGallery>();
            pipeline = all.GetRequiredService<FacePipeline>();
            Assert.Same(pipeline, people.Pipeline);
            Assert.Same(all.GetRequiredService<IGallery>(), people.Gallery);
            Assert.Same(all.GetRequiredService<Decision>(), people.Decision);
            Assert.Same(people, all.GetRequiredService<PeopleGallery>());
            Assert.Equal(1e-4, people.Decision.Fmr);
            await people.EnrolAsync(new NewPerson("Adam"), Photo.FromFile(TestData.Sample("adam-1.jpg")), cancellationToken: Stop);
        }
        Assert.Throws<ObjectDisposedException>(() => pipeline.Analyzer.RawVector(new byte[FaceEmbedder.CropBytes]));
        Assert.Throws<ObjectDisposedException>(() => people.Gallery.Info);
        Assert.False(File.Exists(_folder["people.db-wal"]));
    }

    [Fact]
    public void Options_come_from_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["EdgeFace:Gallery"] = _folder["people.db"], ["EdgeFace:MirrorSum"] = "true", ["EdgeFace:Input"] = "Crops",
            ["EdgeFace:Fmr"] = "1e-3", ["EdgeFace:MostSamplesPerPerson"] = "4",
        }).Build();
        using var all = new ServiceCollection().AddEdgeFace(configuration.GetSection("EdgeFace")).BuildServiceProvider();
        var people = all.GetRequiredService<PeopleGallery>();
        Assert.Equal((true, AnalyzerInput.Crops, 1e-3, 4), (people.Pipeline.Options.MirrorSum, people.Pipeline.Options.Input,
            people.Decision.Fmr!.Value, people.Gallery.Info.MostSamplesPerPerson));
        Assert.Equal(people.Pipeline.Card.ThresholdFor(1e-3)!.MirrorSum, people.Decision.Threshold);
    }

    public static TheoryData<string, string, string> Wrong => new()
    {
        { nameof(EdgeFaceOptions.Model), "edgeface-nobody", "there is no model 'edgeface-nobody'" },
        { nameof(EdgeFaceOptions.Detector), "missing.onnx", "missing.onnx" },
        { nameof(EdgeFaceOptions.Fmr), "0.5", "no threshold for FMR" },
        { nameof(EdgeFaceOptions.Threshold), "2", "between -1 and 1" },
        { nameof(EdgeFaceOptions.Calibration), "missing.json", "missing.json" },
        { nameof(EdgeFaceOptions.KeyFile), "missing.key", "missing.key" },
        { nameof(EdgeFaceOptions.MostSamplesPerPerson), "0", "1 to 1000" },
        { nameof(EdgeFaceOptions.MinFaceSize), "-1", "at least 0" },
        { nameof(EdgeFaceOptions.Gallery), "Host=db;Password=hunter2", "PostgresStore" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void What_cannot_be_opened_is_said_when_the_program_starts(string option, string value, string mention)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["Gallery"] = _folder["people.db"], [option] = value }).Build();
        using var all = new ServiceCollection().AddEdgeFace(configuration).BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(all.GetRequiredService<IStartupValidator>().Validate);
        Assert.Contains(mention, Assert.Single(refused.Failures), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_store_that_is_registered_is_asked_for_its_addresses()
    {
        using var all = new ServiceCollection().AddSingleton<IGalleryStore>(PostgresStore.Instance)
            .AddEdgeFace(o => o.Gallery = "Host=127.0.0.1;Port=1;Username=nobody;Password=hunter2;Timeout=1").BuildServiceProvider();
        all.GetRequiredService<IStartupValidator>().Validate();
        var refused = Assert.ThrowsAny<EdgeFaceException>(all.GetRequiredService<PeopleGallery>);
        Assert.Equal(ErrorKind.Machine, refused.Kind);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_gallery_photos_are_analysed()
    {
        using var all = new ServiceCollection().AddEdgeFace().BuildServiceProvider();
        Assert.NotNull(all.GetRequiredService<FacePipeline>());
        Assert.Contains(nameof(EdgeFaceOptions.Gallery), Assert.ThrowsAny<EdgeFaceException>(all.GetRequiredService<PeopleGallery>).Message);
    }

    [Fact]
    public async Task What_is_logged_has_event_numbers_and_says_nothing_of_anybody()
    {
        var log = new Recorder();
        var now = new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await using var all = new ServiceCollection().AddSingleton<ILoggerFactory>(log).AddSingleton<TimeProvider>(new Clock(now))
            .AddEdgeFace(o => o.Gallery = _folder["people.db"]).BuildServiceProvider();
        var people = all.GetRequiredService<PeopleGallery>();
        Photo first = Photo.FromFile(TestData.Sample("adam-1.jpg")), second = Photo.FromFile(TestData.Sample("adam-2.jpg"));
        var adam = await people.EnrolAsync(new NewPerson("Adam Appleby") { ExternalKey = "A-1" }, first, cancellationToken: Stop);
        await people.EnrolAsync(new NewPerson("Another"), second, cancellationToken: Stop);
        await people.IdentifyAsync(second, cancellationToken: Stop);
        await people.VerifyAsync(adam.Person.Id, second, cancellationToken: Stop);
        var blurred = Photo.FromImage(Spoilt.Blurred(ImageCodec.Load(TestData.Sample("adam-1.jpg")), 9), "Adam Appleby.png");
        await Assert.ThrowsAsync<UnrecognisableFaceException>(() => people.EnrolAsync(new NewPerson("Adam"), blurred, cancellationToken: Stop));
        Assert.Equal([1, 2, 10, 10, 11, 12, 20, 21], log.Events.Select(e => e.Id).Order());
        foreach (var (_, text) in log.Events)
            foreach (var personal in (string[])["Adam", "Appleby", "A-1", "Another", "adam-", ".jpg", ".png", adam.Sample.SourceSha256!])
                Assert.DoesNotContain(personal, text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((now, now), (adam.Person.Created, adam.Sample.Created));
    }

    sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    /// <summary>Keeps every message and every value in it.</summary>
    sealed class Recorder : ILoggerFactory, ILogger
    {
        public List<(int Id, string Text)> Events { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) { }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> all ? string.Join(';', all) : "";
            lock (Events) Events.Add((eventId.Id, $"{formatter(state, exception)} {values} {exception}"));
        }

        public void Dispose() { }
    }
}
