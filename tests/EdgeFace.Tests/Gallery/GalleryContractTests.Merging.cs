using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

public abstract partial class GalleryContractTests
{
    /// <summary>Ann (1) with three samples, Anna (2) with two, who is the same, and Bob (3) with one.</summary>
    IGallery Three(int mostSamplesPerPerson = 10)
    {
        var gallery = New(mostSamplesPerPerson);
        gallery.Enrol(new("Ann") { ExternalKey = "a", Metadata = """{"room":1}""" }, [Filled(1, 1), Filled(1, 2), Filled(1, 3)]);
        gallery.Enrol(new("Anna") { ExternalKey = "b" }, [Filled(1, 4), Filled(1, 5)]);
        gallery.Enrol(new("Bob"), [Filled(2, 1)]);
        return gallery;
    }

    static NewSample Filled(int person, int photo) => Photo(person, photo) with
    {
        Source = $"{person}-{photo}.jpg",
        SourceSha256 = KnownPeople.Hash(100 * person + photo),
        Crop = KnownPeople.Crop((byte)person, (byte)photo),
    };

    static List<(long Sample, string? Source, byte Photo)> Of(IGallery gallery, long person)
        => [.. gallery.Samples(person).Select(s => (s.Id, s.Source, gallery.Crop(s.Id)![^1]))];

    /// <summary>What a search finds is what is stored, of those who are shown.</summary>
    static void AssertFound(IGallery gallery, params long[] people)
    {
        foreach (var person in gallery.Persons())
            foreach (var sample in gallery.Samples(person.Id))
            {
                var best = gallery.Search([gallery.EmbeddingOf(sample.Id)!], 1)[0][0];
                Assert.Equal((person.Id, sample.Id), (best.Person.Id, best.SampleId));
            }
        Assert.Equal(people, gallery.Search([KnownPeople.Photo(1, 9)], 10)[0].Select(c => c.Person.Id).Order());
        Assert.Equal(people, gallery.Persons().Select(p => p.Id));
    }

    [Fact]
    public void Merged_people_are_one_and_come_apart_again()
    {
        using (var gallery = Three())
        {
            var (ann, anna) = (gallery.FindPerson(1)!, gallery.FindPerson(2)!);
            var (hers, others) = (Of(gallery, 1), Of(gallery, 2));
            var one = gallery.MergePeople(1, 2);
            Assert.Equal(ann with { Samples = 5 }, one);
            Assert.Equal([.. hers, .. others], Of(gallery, 1));
            Assert.Empty(gallery.Samples(2));
            Assert.Null(gallery.FindPerson(2));
            Assert.Null(gallery.FindPerson("b"));
            Assert.Empty(gallery.PersonsNamed("Anna"));
            Assert.True(gallery.ContainsSource(KnownPeople.Hash(104)));
            AssertFound(gallery, 1, 3);
            AssertSound(gallery, 2, 6);
            foreach (var use in new Action[]
            {
                () => gallery.Enrol(2, Photo(1, 6)), () => gallery.UpdatePerson(2, new("X")), () => gallery.MoveSample(1, 2),
                () => gallery.MergePeople(2, 3), () => gallery.MergePeople(3, 2),
            })
                Assert.Contains("person 2 was merged into person 1", Assert.Throws<GalleryException>(use).Message, StringComparison.Ordinal);
            foreach (var use in new Action[]
            {
                () => gallery.AddPerson(new("Cid") { ExternalKey = "b" }), () => gallery.Enrol(new("Cid") { ExternalKey = "b" }, [Photo(5, 1)]),
                () => gallery.UpdatePerson(3, new("Bob") { ExternalKey = "b" }),
            })
                Assert.Contains("kept for person 2", Assert.Throws<GalleryException>(use).Message, StringComparison.Ordinal);
            Assert.Equal(anna, gallery.UndoMerge(2));
            Assert.Equal(hers, Of(gallery, 1));
            Assert.Equal(others, Of(gallery, 2));
            Assert.Equal(anna, gallery.FindPerson("b"));
            AssertFound(gallery, 1, 2, 3);
            AssertSound(gallery, 3, 6);
            Assert.Equal([("merge", 1L, "person 2, samples 2"), ("unmerge", 2L, "person 1, samples 2")],
                gallery.Audit().TakeLast(2).Select(a => (a.Action, a.PersonId!.Value, a.Detail!)));
            gallery.MergePeople(1, 2);
        }
        using var again = Reopen();
        AssertFound(again, 1, 3);
        Assert.Equal("Anna", again.UndoMerge(2).Name);
        AssertSound(again, 3, 6);
    }

    [Theory, InlineData(2, 1), InlineData(1, 2)]
    public void Merges_one_into_another_come_apart_in_any_order(long first, long second)
    {
        using var gallery = Three();
        var before = new[] { Of(gallery, 1), Of(gallery, 2), Of(gallery, 3) };
        gallery.MergePeople(1, 2);
        gallery.MergePeople(3, 1);
        AssertFound(gallery, 3);
        AssertSound(gallery, 1, 6);
        gallery.UndoMerge(first);
        gallery.UndoMerge(second);
        Assert.Equal(before, new[] { Of(gallery, 1), Of(gallery, 2), Of(gallery, 3) });
        AssertFound(gallery, 1, 2, 3);
        AssertSound(gallery, 3, 6);
        Assert.Throws<GalleryException>(() => gallery.UndoMerge(1));
    }

    [Fact]
    public void Merge_that_cannot_be_is_refused_and_changes_nothing()
    {
        using var gallery = Three(mostSamplesPerPerson: 4);
        Assert.Contains("5 samples together", Assert.Throws<GalleryException>(() => gallery.MergePeople(1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("themselves", Assert.Throws<GalleryException>(() => gallery.MergePeople(1, 1)).Message, StringComparison.Ordinal);
        foreach (var use in new Action[] { () => gallery.MergePeople(1, 9), () => gallery.MergePeople(9, 1) })
            Assert.Contains("no person 9", Assert.Throws<GalleryException>(use).Message, StringComparison.Ordinal);
        foreach (var id in new long[] { 1, 9 })
            Assert.Contains($"no person {id} was merged",
                Assert.Throws<GalleryException>(() => gallery.UndoMerge(id)).Message, StringComparison.Ordinal);
        AssertFound(gallery, 1, 2, 3);
        AssertSound(gallery, 3, 6);
    }

    [Fact]
    public void Deletion_of_either_ends_what_can_be_undone()
    {
        using var gallery = Three();
        gallery.MergePeople(1, 2);
        gallery.DeleteSample(gallery.Samples(1)[^1].Id);
        Assert.Equal((1, 0, 0), gallery.DeletePerson(2) is var purged ? (purged.Persons, purged.Samples, purged.Crops) : default);
        Assert.Throws<GalleryException>(() => gallery.UndoMerge(2));
        Assert.Equal(4, gallery.FindPerson(1)!.Samples);
        Assert.Equal("b", gallery.UpdatePerson(3, new("Bob") { ExternalKey = "b" }).ExternalKey);
        AssertSound(gallery, 2, 5);
        gallery.MergePeople(3, 1);
        Assert.Equal((2, 5, 5), gallery.DeletePerson(3) is var all ? (all.Persons, all.Samples, all.Crops) : default);
        Assert.Throws<GalleryException>(() => gallery.UndoMerge(1));
        AssertFound(gallery);
        AssertSound(gallery, 0, 0);
    }

    [Fact]
    public void Moved_sample_is_the_other_persons_also_after_a_merge_is_undone()
    {
        using var gallery = Three();
        var moved = gallery.MoveSample(5, 3);
        Assert.Equal((5L, 3L, "1-5.jpg"), (moved.Id, moved.PersonId, moved.Source));
        Assert.Equal([(4L, "1-4.jpg", (byte)4)], Of(gallery, 2));
        Assert.Equal(("move-sample", 3L, 5L, "person 2"), gallery.Audit()[^1] is var a ? (a.Action, a.PersonId, a.SampleId, a.Detail) : default);
        AssertFound(gallery, 1, 2, 3);
        Assert.Equal(moved, gallery.MoveSample(5, 3));
        gallery.MergePeople(1, 2);
        gallery.MoveSample(4, 3);
        Assert.Equal(0, gallery.UndoMerge(2).Samples);
        Assert.Equal(3, gallery.FindPerson(3)!.Samples);
        Assert.Equal(2, gallery.MoveSample(4, 2).PersonId);
        Assert.Contains("no sample 99", Assert.Throws<GalleryException>(() => gallery.MoveSample(99, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("no person 99", Assert.Throws<GalleryException>(() => gallery.MoveSample(1, 99)).Message, StringComparison.Ordinal);
        var twin = gallery.Enrol(3, Photo(1, 1)).Sample.Id;
        Assert.Throws<DuplicateSampleException>(() => gallery.MoveSample(twin, 1));
        AssertSound(gallery, 3, 7);
    }

    [Fact]
    public void Full_person_gets_no_sample_of_another()
    {
        using var gallery = Three(mostSamplesPerPerson: 3);
        Assert.Contains("as many as this gallery allows",
            Assert.Throws<GalleryException>(() => gallery.MoveSample(4, 1)).Message, StringComparison.Ordinal);
        AssertFound(gallery, 1, 2, 3);
    }

    [Fact]
    public void Merged_people_are_exported_as_one_and_an_image_of_both_once_imported()
    {
        using var folder = new TempFolder();
        using (var gallery = Three())
        {
            // One photo was enrolled for both.
            gallery.Enrol(2, Filled(1, 1));
            Assert.Equal(6, gallery.MergePeople(1, 2).Samples);
            Assert.Equal((2L, 7L), GalleryExport.Write(gallery, folder["export"], null, TestContext.Current.CancellationToken) is var w
                ? (w.Persons, w.Samples) : default);
        }
        using var other = SqliteGallery.Create(folder["other.db"], KnownPeople.Contract, KnownPeople.Space, new());
        var report = GalleryImport.Read(other, folder["export"], null, TestContext.Current.CancellationToken);
        Assert.Empty(report.Problems);
        Assert.Equal((2L, 6L), (report.Added.Persons, report.Added.Samples));
        Assert.Equal(5, other.FindPerson("a")!.Samples);
        AssertSound(other, 2, 6);
    }
}
