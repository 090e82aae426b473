using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

public sealed class IdentificationTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly SqliteGallery _gallery;
    readonly List<long> _people = [];

    public IdentificationTests()
    {
        _gallery = SqliteGallery.Create(_folder["people.db"], KnownPeople.Contract, KnownPeople.Space, new());
        for (var p = 0; p < 6; p++)
            _people.Add(_gallery.Enrol(new($"person {p}"), [new(KnownPeople.Photo(p, 1)), new(KnownPeople.Photo(p, 2))])[0].Person.Id);
    }

    public void Dispose()
    {
        _gallery.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Person_is_named_with_score_margin_and_expected_error()
    {
        var probe = KnownPeople.Photo(2, 5);
        var found = _gallery.Identify(probe, new(0.5, 1e-4) { Candidates = 3 });
        Assert.Equal(_people[2], found.Person!.Id);
        Assert.False(found.IsUnknown);
        Assert.Equal(3, found.Candidates.Count);
        Assert.Equal(_people[2], found.Candidates[0].Person.Id);
        Assert.Equal(found.Candidates[0].Score - found.Candidates[1].Score, found.Margin!.Value, 1e-12);
        var best = Math.Max(probe.Score(KnownPeople.Photo(2, 1)), probe.Score(KnownPeople.Photo(2, 2)));
        Assert.Equal(best, found.Candidates[0].Score, 1e-3);
        Assert.Equal((0.5, 1e-4), (found.Threshold, found.Fmr));
        Assert.Equal(1 - Math.Pow(1 - 1e-4, 6), found.ExpectedFpir!.Value, 1e-12);
        Assert.Null(_gallery.Identify(probe, new(0.5)).ExpectedFpir);
    }

    [Fact]
    public void Stranger_is_unknown_and_the_candidates_are_shown_all_the_same()
    {
        var found = _gallery.Identify(KnownPeople.Photo(77, 1), new(0.6, 1e-3));
        Assert.True(found.IsUnknown);
        Assert.Null(found.Person);
        Assert.Null(found.Margin);
        Assert.Equal(5, found.Candidates.Count);
        Assert.All(found.Candidates, c => Assert.True(c.Score < 0.6));
    }

    [Fact]
    public void Person_is_named_for_one_face_of_a_photo_at_most()
    {
        var target = KnownPeople.Photo(0, 1);
        // Three faces like person 0; the second is most like them. The third is also like person 1, above the threshold.
        Embedding[] faces = [KnownPeople.At(target, 0.90, 1), KnownPeople.At(target, 0.98, 2), Between(target, KnownPeople.Photo(1, 1))];
        var found = _gallery.Identify(faces, new(0.55));
        Assert.True(found[0].IsUnknown);
        Assert.Equal(_people[0], found[1].Person!.Id);
        Assert.Equal(_people[1], found[2].Person!.Id);
        // The best other person counts, although that one was named elsewhere: the third face is as like person 0.
        var others = found[2].Candidates.First(c => c.Person.Id != _people[1]);
        var named = found[2].Candidates.First(c => c.Person.Id == _people[1]);
        Assert.Equal(named.Score - others.Score, found[2].Margin!.Value, 1e-12);
    }

    [Fact]
    public void Two_people_of_one_image_are_a_tie_and_nobody_is_named()
    {
        var twin = _gallery.Enrol(new("twin"), [new(KnownPeople.Photo(3, 1))])[0].Person.Id;
        var probe = KnownPeople.At(KnownPeople.Photo(3, 1), 0.95, 7);
        var found = _gallery.Identify(probe, new(0.5));
        Assert.Null(found.Person);
        Assert.Null(found.Margin);
        Assert.Equal((_people[3], twin), (found.Candidates[0].Person.Id, found.Rival!.Person.Id));
        // One of them is named for another face that is more alike, which leaves the other one.
        var both = _gallery.Identify([probe, KnownPeople.Photo(3, 2)], new(0.5));
        Assert.Equal((twin, _people[3]), (both[0].Person!.Id, both[1].Person!.Id));
        Assert.Null(both[1].Rival);
        // Below the threshold nobody is meant anyway.
        Assert.Null(_gallery.Identify(probe, new(0.97)).Rival);
    }

    [Fact]
    public void Margin_of_nearly_nothing_is_told()
    {
        var between = Between(KnownPeople.Photo(4, 1), KnownPeople.At(KnownPeople.Photo(5, 1), 0.97, 1));
        var found = _gallery.Identify(between, new(0.3));
        Assert.InRange(found.Margin!.Value, Identification.Tie, Identification.SmallMargin);
        Assert.Equal(found.Candidates[1], found.Rival);
        Assert.Equal(_people[4], found.Person!.Id);
        Assert.Null(_gallery.Identify(KnownPeople.Photo(4, 5), new(0.3)).Rival);
    }

    [Fact]
    public void Face_whose_best_candidate_is_named_for_another_says_which()
    {
        var target = KnownPeople.Photo(0, 1);
        var found = _gallery.Identify([KnownPeople.At(target, 0.9, 1), KnownPeople.At(target, 0.98, 2), KnownPeople.Photo(2, 5)], new(0.55));
        Assert.Equal([1, null, null], found.Select(f => f.TakenByFace));
        Assert.True(found[0].IsUnknown);
    }

    [Fact]
    public void Nobody_is_named_in_an_empty_gallery_and_options_are_checked()
    {
        using var empty = SqliteGallery.Create(_folder["empty.db"], KnownPeople.Contract, KnownPeople.Space, new());
        var found = empty.Identify(KnownPeople.Photo(1, 1), new(0.3, 1e-4));
        Assert.True(found.IsUnknown);
        Assert.Empty(found.Candidates);
        Assert.Equal(0, found.ExpectedFpir);
        Assert.Throws<ArgumentOutOfRangeException>(() => empty.Identify(KnownPeople.Photo(1, 1), new(1.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => empty.Identify(KnownPeople.Photo(1, 1), new(0.5, 1)));
        Assert.Throws<ContractMismatchException>(() => empty.Identify(KnownPeople.Photo(1, 1, KnownPeople.OtherContract), new(0.5)));
    }

    static Embedding Between(Embedding a, Embedding b)
    {
        var sum = new float[KnownPeople.Dimension];
        for (var i = 0; i < sum.Length; i++) sum[i] = a.Vector[i] + b.Vector[i];
        return new(sum, a.Contract);
    }
}
