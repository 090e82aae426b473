using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

public sealed class SqliteReembeddingTests : IDisposable
{
    static readonly EmbeddingContract Old = new("old", new string('0', 64), 8, "p", "a"), New = new("new", new string('1', 64), 12, "p", "a");

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static SqliteGalleryOptions Options(GalleryKey? key = null) => new() { Key = key, BusyTimeout = TimeSpan.FromMilliseconds(50) };

    static Embedding Axis(EmbeddingContract contract, long axis)
    {
        var vector = new float[contract.Dimension];
        vector[axis % contract.Dimension] = 1;
        return new(vector, contract);
    }

    /// <summary>Three people with a sample and a crop each; the second was deleted.</summary>
    string Created(GalleryKey? key = null)
    {
        using var gallery = SqliteGallery.Create(_folder["g.db"], Old, EmbeddingSpace.Full(8), Options(key));
        for (var i = 0; i < 3; i++)
            gallery.Enrol(new NewPerson($"person {i}") { ExternalKey = $"k{i}" },
                [new NewSample(Axis(Old, i)) { Source = $"s{i}", Crop = KnownPeople.Crop(1, (byte)i) }]);
        gallery.DeletePerson(2);
        return _folder["g.db"];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void People_samples_crops_and_audit_keep_their_numbers(bool encrypted)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        var path = Created(key);
        var result = SqliteGallery.Reembed(path, Options(key), New, EmbeddingSpace.Full(12),
            batch => [.. batch.Select(s => Axis(New, 8 + s.Sample.Id))], dropFailed: false);
        Assert.Equal(new Reembedding(true, Old, 2, 0), result);
        Assert.Throws<GalleryContractException>(() => SqliteGallery.Open(path, Old, Options(key)));
        using var gallery = SqliteGallery.Open(path, New, Options(key));
        Assert.Equal([(1L, "person 0", "k0"), (3L, "person 2", "k2")], gallery.Persons().Select(p => (p.Id, p.Name, p.ExternalKey!)));
        Assert.Equal(3, Assert.Single(gallery.Samples(3)).Id);
        Assert.Equal(KnownPeople.Crop(1, 2), gallery.Crop(3)!);
        var found = gallery.Search([Axis(New, 11)], 1)[0][0];
        Assert.Equal((3L, 3L), (found.Person.Id, found.SampleId));
        Assert.Equal(1, found.Score, 1e-3);
        Assert.Equal("reembed", gallery.Audit()[^1].Action);
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal(4, gallery.Enrol(new NewPerson("later"), [new NewSample(Axis(New, 5))])[0].Sample.Id);
    }

    [Fact]
    public void One_sample_that_cannot_be_embedded_leaves_all_as_it_was_or_is_dropped()
    {
        var path = Created();
        IReadOnlyList<Embedding?> AllButTheFirst(IReadOnlyList<StoredSample> batch)
            => [.. batch.Select(s => s.Sample.Id == 1 ? null : Axis(New, s.Sample.Id))];
        Assert.Equal(new Reembedding(false, Old, 1, 1),
            SqliteGallery.Reembed(path, Options(), New, EmbeddingSpace.Full(12), AllButTheFirst, dropFailed: false));
        using (var gallery = SqliteGallery.Open(path, Old, Options()))
        {
            Assert.Equal(1, gallery.Search([Axis(Old, 0)], 1)[0][0].Person.Id);
            Assert.Empty(gallery.Check().Problems);
        }
        Assert.Equal(new Reembedding(true, Old, 1, 1),
            SqliteGallery.Reembed(path, Options(), New, EmbeddingSpace.Full(12), AllButTheFirst, dropFailed: true));
        using var after = SqliteGallery.Open(path, New, Options());
        Assert.Equal((2L, 1L, 1L), (after.Info.Persons, after.Info.Samples, after.Info.Crops));
        Assert.Empty(after.Check().Problems);
    }

    [Fact]
    public void An_error_half_way_leaves_all_as_it_was()
    {
        var path = Created();
        Assert.Throws<ContractMismatchException>(() => SqliteGallery.Reembed(path, Options(), New, EmbeddingSpace.Full(12),
            batch => [Axis(New, 0), Axis(Old, 1)], dropFailed: true));
        using var gallery = SqliteGallery.Open(path, Old, Options());
        Assert.Equal(3, gallery.Search([Axis(Old, 2)], 1)[0][0].Person.Id);
        Assert.Empty(gallery.Check().Problems);
    }

    [Fact]
    public void It_is_refused_while_somebody_else_has_the_gallery_open()
    {
        var path = Created();
        using (var other = SqliteGallery.Open(path, Old, Options()))
        {
            var refused = Assert.Throws<GalleryException>(() => SqliteGallery.Reembed(path, Options(), New, EmbeddingSpace.Full(12),
                batch => [.. batch.Select(s => Axis(New, s.Sample.Id))], dropFailed: false));
            Assert.Contains("open", refused.Message);
            Assert.Equal(1, other.Search([Axis(Old, 0)], 1)[0][0].Person.Id);
            other.Enrol(1, new NewSample(Axis(Old, 6)));
        }
        var result = SqliteGallery.Reembed(path, Options(), New, EmbeddingSpace.Full(12),
            batch => [.. batch.Select(s => Axis(New, s.Sample.Id))], dropFailed: false);
        Assert.Equal(3, result.Samples);
    }

    [Fact]
    public void While_it_runs_nobody_opens_the_gallery()
    {
        var path = Created();
        SqliteGallery.Reembed(path, Options(), New, EmbeddingSpace.Full(12), batch =>
        {
            Assert.Throws<GalleryException>(() => SqliteGallery.Open(path, Old, Options()));
            return [.. batch.Select(s => Axis(New, s.Sample.Id))];
        }, dropFailed: false);
        using var gallery = SqliteGallery.Open(path, New, Options());
        Assert.Empty(gallery.Check().Problems);
    }
}
