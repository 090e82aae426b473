using EdgeFace.Gallery;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.People;

[Collection(nameof(EnvironmentVariable))]
public sealed class GalleryReembeddingTests : IDisposable
{
    readonly TempFolder _folder = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string Gallery => _folder["people.db"];

    public void Dispose() => _folder.Dispose();

    sealed class Reports(Action<ReembeddedSample> told) : IProgress<ReembeddedSample>
    {
        public void Report(ReembeddedSample value) => told(value);
    }

    /// <summary>Crops of two people, and one that is upside down, taken all the same.</summary>
    async Task Enrol()
    {
        ImageCodec.SavePng(Spoilt.Turned(SampleCrop.Of(TestData.Sample("bella-1.jpg")), 2), _folder["bella.png"]);
        foreach (var name in (string[])["adam", "chidi"])
            ImageCodec.SavePng(SampleCrop.Of(TestData.Sample($"{name}-1.jpg")), _folder[$"{name}.png"]);
        await using var people = await PeopleGallery.OpenAsync(
            new GalleryAddress(Gallery), new() { Input = AnalyzerInput.Crops }, new() { TakesUnrecognisable = true }, Stop);
        var result = await new BulkEnrolment(people, new() { KeepCrops = true }).RunAsync(
            ((string[])["adam", "chidi", "bella"]).Select(n => new EnrolmentItem(_folder[$"{n}.png"], new(n))), cancellationToken: Stop);
        Assert.Equal(3, result.Enrolled.Count);
        Assert.Equal("bella", Assert.Single(result.Warnings, w => w.Kind == EnrolmentWarningKind.Unrecognisable).Person.Name);
    }

    static FacePipeline MirrorSum() => FacePipeline.Open(new() { Input = AnalyzerInput.Crops, MirrorSum = true });

    [Fact]
    public async Task Every_sample_is_embedded_anew_and_faces_that_cannot_be_recognised_are_told()
    {
        await Enrol();
        using var pipeline = MirrorSum();
        var result = await GalleryReembedding.RunAsync(Gallery, pipeline, cancellationToken: Stop);
        Assert.Equal((true, 3L, 0L, 0), (result.Replaced, result.FromCrops, result.FromPictures, result.Failed.Count));
        Assert.Equal((pipeline.Contract, false), (result.Contract, result.Former == pipeline.Contract));
        var told = Assert.Single(result.Unrecognisable);
        Assert.Equal(3, told.Sample.Id);
        Assert.Contains("upside down", told.Gate!.Reasons);
        using (var gallery = SqliteGallery.Open(Gallery, pipeline.Contract, new())) Assert.Empty(gallery.Check().Problems);
        var tool = ToolRun.Of("gallery", "reembed", "--gallery", Gallery, "--json").Json.GetProperty("unrecognisable");
        Assert.Equal(3, Assert.Single(tool.EnumerateArray()).GetProperty("sampleId").GetInt64());
    }

    [Fact]
    public async Task Cancelled_it_leaves_the_gallery_as_it_was()
    {
        await Enrol();
        EmbeddingContract before;
        using (var gallery = SqliteGallery.Open(Gallery, null, new())) before = gallery.Contract;
        using var pipeline = MirrorSum();
        for (var after = 1; after <= 3; after++)
        {
            using var stop = new CancellationTokenSource();
            var count = 0;
            var reports = new Reports(_ =>
            {
                if (Interlocked.Increment(ref count) == after) stop.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => GalleryReembedding.RunAsync(Gallery, pipeline, null, null, reports, stop.Token));
            using var gallery = SqliteGallery.Open(Gallery, before, new());
            Assert.Equal(3, gallery.Info.Samples);
            Assert.Empty(gallery.Check().Problems);
        }
    }
}
