using EdgeFace.Gallery;

namespace EdgeFace.Tests.Gallery;

public abstract partial class GalleryContractTests
{
    [Fact]
    public void Search_equals_the_comparison_with_every_sample()
    {
        const int people = 60, photos = 3;
        // Of an embedding's 512 values as 32-bit floats.
        const double Rounding = 1e-5;
        var probes = Enumerable.Range(0, 20).Select(i => KnownPeople.Photo(i, 9)).ToList();
        var ids = new List<long>();
        using (var gallery = New())
        {
            for (var p = 0; p < people; p++)
            {
                ids.Add(gallery.AddPerson(new($"person {p}")).Id);
                for (var photo = 0; photo < photos; photo++) gallery.Enrol(ids[p], Photo(p, photo));
            }
            AssertExact(gallery);
        }
        using var again = Reopen();
        AssertExact(again);
        AssertSound(again, people, people * photos);

        void AssertExact(IGallery gallery)
        {
            var stored = ids.ToDictionary(id => id, id => gallery.Samples(id).Select(s => gallery.EmbeddingOf(s.Id)!).ToList());
            var found = gallery.Search(probes, 5);
            for (var i = 0; i < probes.Count; i++)
            {
                Assert.Equal(ids[i], found[i][0].Person.Id);
                Assert.Equal(5, found[i].Select(c => c.Person.Id).Distinct().Count());
                Assert.Equal(found[i].OrderByDescending(c => c.Score), found[i]);
                foreach (var c in found[i])
                {
                    Assert.Equal(stored[c.Person.Id].Max(e => e.Score(probes[i])), c.Score, Rounding);
                    var expected = Enumerable.Range(0, photos).Max(photo => probes[i].Score(KnownPeople.Photo(ids.IndexOf(c.Person.Id), photo)));
                    Assert.Equal(expected, c.Score, 1e-3);
                }
                Assert.All(ids.Except(found[i].Select(c => c.Person.Id)),
                    id => Assert.InRange(stored[id].Max(e => e.Score(probes[i])), -1, found[i][^1].Score + Rounding));
            }
        }
    }

    [Fact]
    public void Equal_scores_go_to_the_lower_number()
    {
        using var gallery = New();
        var ids = Enumerable.Range(0, 8).Select(i => gallery.AddPerson(new($"p{i}")).Id).ToList();
        foreach (var id in ids.AsEnumerable().Reverse()) gallery.Enrol(id, Photo(1, 1));
        Assert.Equal(ids.Take(5), gallery.Search([KnownPeople.Photo(1, 2)], 5)[0].Select(c => c.Person.Id));
        Assert.Equal(ids, gallery.Search([KnownPeople.Photo(1, 2)], 1000)[0].Select(c => c.Person.Id));
    }

    [Fact]
    public void Search_refuses_absurd_counts()
    {
        using var gallery = New();
        Assert.Throws<ArgumentOutOfRangeException>(() => gallery.Search([], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => gallery.Search([], 1001));
        Assert.Empty(gallery.Search([], 5));
    }

    [Fact]
    public void Deleted_people_and_samples_are_gone_and_counted()
    {
        using var gallery = New();
        long ann = gallery.AddPerson(new("Ann") { ExternalKey = "a" }).Id, bob = gallery.AddPerson(new("Bob")).Id;
        for (var i = 0; i < 3; i++)
        {
            gallery.Enrol(ann, Photo(1, i) with { Crop = i < 2 ? KnownPeople.Crop(7) : null, SourceSha256 = KnownPeople.Hash(i) });
            gallery.Enrol(bob, Photo(2, i));
        }
        var annSamples = gallery.Samples(ann);
        Assert.Equal(new Deletion(0, 1, 1), gallery.DeleteSample(annSamples[0].Id));
        Assert.Equal(new Deletion(0, 0, 0), gallery.DeleteSample(annSamples[0].Id));
        Assert.Equal(2, gallery.FindPerson(ann)!.Samples);
        Assert.False(gallery.ContainsSource(KnownPeople.Hash(0)));
        Assert.Equal(new Deletion(1, 2, 1), gallery.DeletePerson(ann));
        Assert.Equal(new Deletion(0, 0, 0), gallery.DeletePerson(ann));
        Assert.Null(gallery.FindPerson(ann));
        Assert.Null(gallery.FindPerson("a"));
        Assert.Empty(gallery.PersonsNamed("Ann"));
        Assert.Empty(gallery.Samples(ann));
        Assert.All(annSamples, s => Assert.Null(gallery.Crop(s.Id) ?? (object?)gallery.EmbeddingOf(s.Id)));
        Assert.Equal(bob, Assert.Single(gallery.Search([KnownPeople.Photo(1, 1)], 5)[0]).Person.Id);
        Assert.Equal(0, gallery.Info.Crops);
        AssertSound(gallery, 1, 3);
        // Numbers are not given again.
        Assert.True(gallery.AddPerson(new("Cy")).Id > bob);
        Assert.True(gallery.Enrol(bob, Photo(2, 7)).Sample.Id > gallery.Samples(bob)[2].Id);
    }

    [Fact]
    public void Audit_tells_what_was_done_by_numbers_only()
    {
        using var gallery = New();
        var ann = gallery.AddPerson(new("Ann Secret") { ExternalKey = "key-secret" }).Id;
        var sample = gallery.Enrol(ann, Photo(1, 1) with { Source = "path-secret" }).Sample.Id;
        gallery.UpdatePerson(ann, new("Anna Secret"));
        gallery.DeleteSample(sample);
        gallery.DeletePerson(ann);
        gallery.DeletePerson(ann);
        var audit = gallery.Audit();
        Assert.Equal([
            ("create", null, null), ("add-person", ann, null), ("enrol", ann, sample),
            ("update-person", ann, null), ("delete-sample", ann, sample), ("delete-person", ann, null),
        ], audit.Select(a => (a.Action, a.PersonId, a.SampleId)));
        Assert.DoesNotContain(audit, a => a.Detail?.Contains("secret", StringComparison.OrdinalIgnoreCase) == true);
        Assert.Equal(audit.Skip(2).Take(2), gallery.Audit(audit[1].Id, 2));
        Assert.Equal(audit.Select(a => a.Id).Order(), audit.Select(a => a.Id));
    }

    [Fact]
    public void Changes_by_another_process_are_seen()
    {
        using var first = New();
        using var second = Reopen();
        var ann = first.AddPerson(new("Ann")).Id;
        first.Enrol(ann, Photo(1, 1));
        Assert.Equal(ann, Assert.Single(second.Search([KnownPeople.Photo(1, 2)], 5)[0]).Person.Id);
        // Both write in turns, so that each must take over what the other did before its own change.
        var bob = second.Enrol(new("Bob"), [Photo(2, 1)])[0].Person.Id;
        var cy = first.Enrol(new("Cy"), [Photo(3, 1)])[0].Person.Id;
        var dot = second.Enrol(new("Dot"), [Photo(4, 1)])[0].Person.Id;
        first.DeletePerson(bob);
        second.DeletePerson(cy);
        foreach (var gallery in new[] { first, second })
        {
            Assert.Equal([ann, dot], gallery.Search([KnownPeople.Photo(1, 2)], 5)[0].Select(c => c.Person.Id).Order());
            AssertSound(gallery, 2, 2);
        }
        second.UpdatePerson(ann, new("Anna"));
        Assert.Equal("Anna", first.Search([KnownPeople.Photo(1, 2)], 1)[0][0].Person.Name);
    }

    [Fact]
    public void Many_threads_may_use_one_gallery()
    {
        using var first = New();
        using var second = Reopen();
        Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var gallery = i % 2 == 0 ? first : second;
            var person = gallery.Enrol(new($"p{i}") { ExternalKey = $"k{i}" }, [Photo(i, 1), Photo(i, 2)])[0].Person;
            Assert.Equal(person.Id, gallery.Search([KnownPeople.Photo(i, 3)], 1)[0][0].Person.Id);
            if (i % 3 == 0) Assert.Equal(2, gallery.DeletePerson(person.Id).Samples);
        });
        AssertSound(first, 16, 32);
        AssertSound(second, 16, 32);
        for (var i = 0; i < 24; i++) Assert.Equal(i % 3 == 0, first.FindPerson($"k{i}") is null);
    }

    [Fact]
    public void Closed_gallery_says_so()
    {
        var gallery = New();
        gallery.Dispose();
        gallery.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gallery.AddPerson(new("Ann")));
        Assert.Throws<ObjectDisposedException>(() => gallery.Search([KnownPeople.Photo(1, 1)], 1));
    }
}
