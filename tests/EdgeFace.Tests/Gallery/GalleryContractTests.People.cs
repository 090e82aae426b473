using System.Text;
using System.Text.Json;
using EdgeFace.App;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

public abstract partial class GalleryContractTests
{
    [Fact]
    public void Names_are_stored_and_found_in_one_form()
    {
        using var gallery = New();
        var person = gallery.AddPerson(new("  Zoe\u0308\u00a0\u2003Lee ") { ExternalKey = " k " });
        Assert.Equal("Zo\u00eb Lee", person.Name);
        foreach (var name in (string[])["Zo\u00eb Lee", "Zoe\u0308 Lee", " Zo\u00eb  Lee\t"])
            Assert.Equal(person, Assert.Single(gallery.PersonsNamed(name)));
        Assert.Empty(gallery.PersonsNamed("zo\u00eb lee"));
        Assert.Empty(gallery.PersonsNamed("Zoe\ud800"));
        // Keys are another system's, and compared exactly.
        Assert.Equal(person, gallery.FindPerson(" k "));
        Assert.Null(gallery.FindPerson("k"));
        Assert.Equal("\ud55c\uae00", gallery.UpdatePerson(person.Id, new("\u1112\u1161\u11ab\u1100\u1173\u11af ")).Name);
        Assert.Empty(gallery.PersonsNamed("Zo\u00eb Lee"));
        Assert.Single(gallery.PersonsNamed("\ud55c\uae00"));
        Assert.Equal("Zo\u00eb", gallery.Enrol(new("Zoe\u0308"), [Photo(1, 1)])[0].Person.Name);
        AssertSound(gallery, 2, 1);
    }

    [Fact]
    public void Key_that_comes_with_another_name_is_told_or_refused()
    {
        using var gallery = New();
        var ann = gallery.Enrol(new("Ann") { ExternalKey = "a" }, [Photo(1, 1)])[0];
        Assert.Null(ann.OtherName);
        Assert.Null(gallery.Enrol(new(" Ann") { ExternalKey = "a" }, [Photo(1, 2)], new() { Strict = true })[0].OtherName);
        var told = gallery.Enrol(new("Bob ") { ExternalKey = "a" }, [Photo(1, 3)])[0];
        Assert.Equal(("Ann", "Bob"), (told.Person.Name, told.OtherName));
        var refusal = Assert.Throws<GalleryException>(() => gallery.Enrol(new("Bob") { ExternalKey = "a" }, [Photo(1, 4)], new() { Strict = true }));
        Assert.Contains($"'a' belongs to Ann ({ann.Person.Id}), not to 'Bob'", refusal.Message, StringComparison.Ordinal);
        AssertSound(gallery, 1, 3);
    }

    [Fact]
    public void Sample_tells_how_it_scores_against_its_own_person_and_who_is_nearer()
    {
        using var gallery = New();
        long ann = gallery.AddPerson(new("Ann")).Id, bob = gallery.AddPerson(new("Bob")).Id;
        var look = new EnrolOptions { ResemblanceThreshold = 0.95 };
        Assert.Null(gallery.Enrol(ann, Photo(1, 1), look).OwnScore);
        gallery.Enrol(bob, Photo(2, 1));
        var second = gallery.Enrol(ann, Photo(1, 2), look);
        Assert.Equal(KnownPeople.Photo(1, 1).Score(KnownPeople.Photo(1, 2)), second.OwnScore!.Value, 1e-3);
        Assert.Null(second.Nearer);
        var wrong = gallery.Enrol(ann, Photo(2, 2), look);
        Assert.True(wrong.OwnScore < 0.5);
        Assert.Null(wrong.Resembles);
        Assert.Equal(bob, wrong.Nearer!.Person.Id);
        Assert.Equal(KnownPeople.Photo(2, 1).Score(KnownPeople.Photo(2, 2)), wrong.Nearer.Score, 1e-3);
        Assert.Null(gallery.Enrol(ann, Photo(2, 3)).Nearer);
        AssertSound(gallery, 2, 5);
    }

    [Fact]
    public void Image_of_another_person_is_told_or_refused()
    {
        using var gallery = New();
        var first = gallery.Enrol(new("Ann"), [Photo(1, 1)])[0];
        var again = gallery.Enrol(new("Bob") { ExternalKey = "b" }, [Photo(1, 1)], new() { ResemblanceThreshold = Enrolment.SameImageScore })[0];
        Assert.Equal((first.Person.Id, first.Sample.Id), (again.Resembles!.Person.Id, again.Resembles.SampleId));
        gallery.DeletePerson(again.Person.Id);
        foreach (var image in (Embedding[])[KnownPeople.Photo(1, 1), KnownPeople.At(KnownPeople.Photo(1, 1), 0.99996, 3)])
        {
            var refusal = Assert.Throws<GalleryException>(() =>
                gallery.Enrol(new("Bob") { ExternalKey = "b" }, [Photo(2, 1), new(image)], new() { Strict = true }));
            Assert.Contains($"sample {first.Sample.Id} of Ann ({first.Person.Id})", refusal.Message, StringComparison.Ordinal);
        }
        AssertSound(gallery, 1, 1);
        gallery.Enrol(new("Bob") { ExternalKey = "b" }, [new(KnownPeople.At(KnownPeople.Photo(1, 1), 0.998, 3))], new() { Strict = true });
    }

    [Fact]
    public void What_is_accepted_can_be_listed_exported_and_imported()
    {
        var random = new Random(12);
        using var folder = new TempFolder();
        using var gallery = New();
        int accepted = 0, refused = 0;
        for (var i = 0; i < 150; i++)
            try
            {
                if (gallery.Enrol(GalleryValues.Person(random, i),
                    [GalleryValues.Sample(random, i, 1), GalleryValues.Sample(random, i, 2)]) is [_, _]) accepted++;
            }
            catch (GalleryException)
            {
                refused++;
            }
        Assert.True(accepted > 40 && refused > 20, $"{accepted} accepted, {refused} refused");
        var listed = JsonSerializer.Serialize(
            new("edgeface.persons.v1", accepted, [.. gallery.Persons().Select(PersonJson.Of)]), PeopleJson.Default.PersonsJson);
        using var parsed = JsonDocument.Parse(listed);
        foreach (var (json, person) in parsed.RootElement.GetProperty("persons").EnumerateArray().Zip(gallery.Persons()))
        {
            Assert.Equal(person.Name, json.GetProperty("name").GetString());
            if (person.Metadata is { } metadata)
                Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(metadata).RootElement, json.GetProperty("metadata")));
            var shown = JsonSerializer.Serialize(
                new("edgeface.person.v1", PersonJson.Of(person), [.. gallery.Samples(person.Id).Select(SampleJson.Of)]),
                PeopleJson.Default.PersonShowJson);
            using var _ = JsonDocument.Parse(shown);
        }
        GalleryExport.Write(gallery, folder["out"], null, TestContext.Current.CancellationToken);
        using var other = SqliteGallery.Create(folder["other.db"], KnownPeople.Contract, KnownPeople.Space, new());
        var report = GalleryImport.Read(other, folder["out"], null, TestContext.Current.CancellationToken);
        Assert.Empty(report.Problems);
        Assert.Equal(Content(gallery), Content(other));
        // And back, as if into this store anew.
        gallery.DeletePersons([.. gallery.Persons().Select(p => p.Id)]);
        GalleryExport.Write(other, folder["back"], null, TestContext.Current.CancellationToken);
        Assert.Empty(GalleryImport.Read(gallery, folder["back"], null, TestContext.Current.CancellationToken).Problems);
        Assert.Equal(Content(other), Content(gallery));
        AssertSound(gallery, accepted, 2 * accepted);
    }

    /// <summary>All but numbers; times to the millisecond, as the coarser store keeps them.</summary>
    static List<string> Content(IGallery gallery) =>
    [
        .. gallery.Persons().Select(p => $"{p.Name}|{p.ExternalKey}|{p.Metadata}|{p.Created.ToUnixTimeMilliseconds()}|"
            + string.Join(';', gallery.Samples(p.Id).Select(s =>
                $"{s.Created.ToUnixTimeMilliseconds()},{s.Source},{s.SourceSha256},{s.Quality},"
                + (gallery.Crop(s.Id) is { } crop ? Convert.ToHexString(crop) : "")))),
    ];
}
