using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.People;

[Collection(nameof(EnvironmentVariable))]
public sealed class GalleryAddressTests
{
    const string Secret = "Host=db;Username=u;Password=hunter2";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Secret)]
    [InlineData("postgres://u:hunter2@db/faces")]
    [InlineData("  server=db;Password=hunter2")]
    public void An_address_of_a_store_needs_the_store_and_is_never_told(string address)
    {
        var refused = Assert.ThrowsAny<EdgeFaceException>(() => new GalleryAddress(address));
        Assert.Equal(ErrorKind.Request, refused.Kind);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("EdgeFace.Gallery.Postgres", refused.Message, StringComparison.Ordinal);
        var known = new GalleryAddress(address, null, PostgresStore.Instance);
        Assert.Same(PostgresStore.Instance, known.Store);
        Assert.DoesNotContain("hunter2", known.ToString() + known.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("people.db")]
    [InlineData("/data/Hosted/people.db")]
    [InlineData("C:\\faces\\people.db")]
    public void All_else_is_a_file(string path)
    {
        var address = new GalleryAddress(path, null, PostgresStore.Instance);
        Assert.Same(SqliteStore.Instance, address.Store);
        Assert.Equal(path, address.Name);
    }

    [Fact]
    public async Task A_gallery_is_created_once_and_opened_with_its_key()
    {
        using var folder = new TempFolder();
        using var pipeline = FacePipeline.Open(new() { Input = EdgeFace.Vision.AnalyzerInput.Crops });
        var key = GalleryKey.Generate();
        var address = new GalleryAddress(folder["people.db"], key);
        Assert.False(await address.ExistsAsync(Stop));
        using (var made = await address.OpenOrCreateAsync(pipeline, 3, Stop))
            Assert.Equal((true, true, 3), (made.IsNew, made.Gallery.Info.Encrypted, made.Gallery.Info.MostSamplesPerPerson));
        Assert.True(await address.ExistsAsync(Stop));
        using (var again = await address.OpenOrCreateAsync(pipeline, cancellationToken: Stop)) Assert.False(again.IsNew);
        using (var read = await address.OpenAsync(pipeline.Contract, GalleryAccess.ReadOnly, Stop)) Assert.True(((SqliteGallery)read).IsReadOnly);
        await Assert.ThrowsAsync<GalleryException>(() => new GalleryAddress(folder["people.db"]).OpenAsync(cancellationToken: Stop));
        await Assert.ThrowsAsync<GalleryException>(() => new GalleryAddress(folder["none.db"]).OpenAsync(cancellationToken: Stop));
    }

    [Fact]
    public async Task An_opening_that_is_cancelled_leaves_nothing_open()
    {
        using var folder = new TempFolder();
        using var pipeline = FacePipeline.Open(new() { Input = EdgeFace.Vision.AnalyzerInput.Crops });
        var address = new GalleryAddress(folder["people.db"]);
        (await address.OpenOrCreateAsync(pipeline, cancellationToken: Stop)).Dispose();
        var random = new Random(3);
        for (var i = 0; i < 10; i++)
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(0, 10)));
            try
            {
                (await address.OpenAsync(cancellationToken: stop.Token)).Dispose();
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop.IsCancellationRequested);
            }
        }
        Retry.Until(() => File.Exists(folder["people.db-wal"]), isThere => !isThere);
    }
}
