using EdgeFace.Gallery;

namespace EdgeFace.Tests.Gallery;

/// <summary>The rules of <see cref="IGallery"/>, for every store alike.</summary>
public abstract partial class GalleryContractTests : IDisposable
{
    /// <summary>A new gallery in the test's own store. Who calls disposes it.</summary>
    protected abstract IGallery Create(EmbeddingContract contract, EmbeddingSpace space, int mostSamplesPerPerson = 10);

    /// <summary>The gallery that <see cref="Create"/> made, opened once more: beside the first, or after it was closed.</summary>
    protected abstract IGallery Reopen(EmbeddingContract? contract = null);

    public abstract void Dispose();

    IGallery New(int mostSamplesPerPerson = 10) => Create(GalleryPeople.Contract, GalleryPeople.Space, mostSamplesPerPerson);

    static NewSample Photo(int person, int photo) => new(GalleryPeople.Photo(person, photo));

    [Fact]
    public void New_gallery_is_empty_and_says_what_it_is()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        using var gallery = New(7);
        var info = gallery.Info;
        Assert.Equal(GalleryPeople.Contract, gallery.Contract);
        Assert.Equal(GalleryPeople.Contract, info.Contract);
        Assert.Equal((GalleryPeople.Dimension, 0L, 0L, 0L, 7), (info.Rank, info.Persons, info.Samples, info.Crops, info.MostSamplesPerPerson));
        Assert.InRange(info.Created, before, DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Empty(gallery.Persons());
        Assert.Empty(Assert.Single(gallery.Search([GalleryPeople.Photo(1, 1)], 5)));
        Assert.Equal("create", Assert.Single(gallery.Audit()).Action);
        Assert.Empty(gallery.Check().Problems);
    }

    [Fact]
    public void Enrolled_people_are_found_with_the_score_of_their_embeddings()
    {
        using var gallery = New();
        var people = Enumerable.Range(0, 20).Select(p => gallery.AddPerson(new($"person {p}"))).ToList();
        foreach (var (person, i) in people.Select((p, i) => (p, i)))
            for (var photo = 0; photo < 3; photo++) gallery.Enrol(person.Id, Photo(i, photo));
        var probes = Enumerable.Range(0, 20).Select(i => GalleryPeople.Photo(i, 9)).ToList();
        var found = gallery.Search(probes, 5);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(people[i].Id, found[i][0].Person.Id);
            var expected = Enumerable.Range(0, 20).Select(p => (Person: people[p].Id, Score: (double)Enumerable.Range(0, 3).Max(photo => probes[i].Score(GalleryPeople.Photo(p, photo))))).OrderByDescending(p => p.Score).Take(5).ToList();
            Assert.Equal(expected.Select(e => e.Person), found[i].Select(c => c.Person.Id));
            foreach (var (e, c) in expected.Zip(found[i])) Assert.Equal(e.Score, c.Score, 1e-3);
        }
    }
}
