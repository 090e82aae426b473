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

    IGallery New(int mostSamplesPerPerson = 10) => Create(KnownPeople.Contract, KnownPeople.Space, mostSamplesPerPerson);

    static NewSample Photo(int person, int photo) => new(KnownPeople.Photo(person, photo));

    [Fact]
    public void New_gallery_is_empty_and_says_what_it_is()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        using var gallery = New(7);
        var info = gallery.Info;
        Assert.Equal(KnownPeople.Contract, gallery.Contract);
        Assert.Equal(KnownPeople.Contract, info.Contract);
        Assert.Equal((KnownPeople.Dimension, 0L, 0L, 0L, 7), (info.Rank, info.Persons, info.Samples, info.Crops, info.MostSamplesPerPerson));
        Assert.InRange(info.Created, before, DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Empty(gallery.Persons());
        Assert.Empty(Assert.Single(gallery.Search([KnownPeople.Photo(1, 1)], 5)));
        Assert.Equal("create", Assert.Single(gallery.Audit()).Action);
        AssertSound(gallery, 0, 0);
    }

    [Fact]
    public void Person_keeps_every_field_also_after_reopening()
    {
        var added = new NewPerson("Zoë Ærø 王 🙂")
        {
            ExternalKey = "staff/17",
            Metadata = """{ "room" : 12, "tags": ["a","b"] }""",
            Created = new(2020, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
        };
        long id;
        using (var gallery = New()) id = gallery.AddPerson(added).Id;
        using var again = Reopen(KnownPeople.Contract);
        var person = again.FindPerson(id);
        Assert.Equal(new Person(id, added.Name, added.ExternalKey, added.Metadata, added.Created!.Value, 0), person);
        Assert.Equal(person, again.FindPerson("staff/17"));
        Assert.Equal(person, Assert.Single(again.PersonsNamed(added.Name)));
        Assert.Equal(person, Assert.Single(again.Persons()));
        Assert.Null(again.FindPerson(id + 1));
        Assert.Null(again.FindPerson("staff/1"));
        Assert.Null(again.FindPerson("STAFF/17"));
        Assert.Empty(again.PersonsNamed("zoë ærø 王 🙂"));
    }

    [Fact]
    public void Updated_person_is_found_by_the_new_fields_only()
    {
        using var gallery = New();
        var person = gallery.AddPerson(new("Ann") { ExternalKey = "a", Metadata = "{}" });
        gallery.Enrol(person.Id, Photo(1, 1));
        gallery.AddPerson(new("Bob") { ExternalKey = "b" });
        var updated = gallery.UpdatePerson(person.Id, new("Anna") { ExternalKey = "c" });
        Assert.Equal(new Person(person.Id, "Anna", "c", null, person.Created, 1), updated);
        Assert.Equal(updated, gallery.FindPerson(person.Id));
        Assert.Null(gallery.FindPerson("a"));
        Assert.Empty(gallery.PersonsNamed("Ann"));
        Assert.Equal(updated, gallery.UpdatePerson(person.Id, new("Anna") { ExternalKey = "c" }));
        var refusal = Assert.Throws<GalleryException>(() => gallery.UpdatePerson(person.Id, new("Anna") { ExternalKey = "b" }));
        Assert.Contains("external key", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<GalleryException>(() => gallery.UpdatePerson(person.Id + 100, new("X")));
        Assert.Equal(updated, gallery.FindPerson("c"));
    }

    [Fact]
    public void Pages_hold_every_person_once_in_order()
    {
        using var gallery = New();
        var ids = Enumerable.Range(0, 25).Select(i => gallery.AddPerson(new(i % 3 == 0 ? "same" : $"p{i}")).Id).ToList();
        var paged = new List<long>();
        for (var page = gallery.Persons(0, 7); page.Count > 0; page = gallery.Persons(page[^1].Id, 7)) paged.AddRange(page.Select(p => p.Id));
        Assert.Equal(ids, paged);
        Assert.Equal(ids.Where((_, i) => i % 3 == 0), gallery.PersonsNamed("same").Select(p => p.Id));
    }

    public static TheoryData<string, string?, string?, string> MalformedPeople => new()
    {
        { "", null, null, "name is empty" },
        { "  ", null, null, "name is empty" },
        { new string('x', 201), null, null, "200 characters" },
        { "a\0b", null, null, "control characters" },
        { "a\nb", null, null, "control characters" },
        { "a\ud800b", null, null, "surrogates" },
        { "ok", "", null, "external key is empty" },
        { "ok", new string('k', 201), null, "200 characters" },
        { "ok", null, "{", "not JSON" },
        { "ok", null, "[1]", "JSON object" },
        { "ok", null, "{} {}", "not JSON" },
        { "ok", null, $"{{\"a\":\"{new string('m', 64 << 10)}\"}}", "65536 bytes" },
        { "ok", null, GalleryValues.Nested(33), "32 deep" },
        { "ok", null, GalleryValues.Nested(62), "32 deep" },
        { "ok", null, GalleryValues.Nested(10_000), "32 deep" },
        { "ok", null, """{"a":1,"b":{"a":1,"\u0061":2}}""", "'a' twice" },
        { "ok", null, """{"a":"x\u0000"}""", "\\u0000" },
        { "ok", null, """{"\ud800":1}""", "half a character" },
        { "ok", null, """{"a":["\udc00\ud800"]}""", "half a character" },
        { "ok", null, """{"a":1e999}""", "1e999" },
        { "ok", null, """{"a":-1E+400}""", "-1E+400" },
        { "ok", null, """{"a":NaN}""", "not JSON" },
        { "ok", null, """{"a":1,}""", "not JSON" },
        { "ok", null, "null", "JSON object" },
        { "ok", null, "", "not JSON" },
    };

    [Theory, MemberData(nameof(MalformedPeople))]
    public void Malformed_person_is_refused_and_nothing_changes(string name, string? key, string? metadata, string message)
    {
        using var gallery = New();
        var person = new NewPerson(name) { ExternalKey = key, Metadata = metadata };
        var kept = gallery.AddPerson(new("kept"));
        Assert.Contains(message, Assert.Throws<GalleryException>(() => gallery.AddPerson(person)).Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<GalleryException>(() => gallery.UpdatePerson(kept.Id, person)).Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<GalleryException>(() => gallery.Enrol(person, [Photo(1, 1)])).Message, StringComparison.Ordinal);
        Assert.Equal(kept, Assert.Single(gallery.Persons()));
        AssertSound(gallery, 1, 0);
    }

    [Fact]
    public void Several_people_are_deleted_together()
    {
        using var gallery = New();
        long[] ids = [.. Enumerable.Range(1, 6).Select(i =>
            gallery.Enrol(new($"Person {i}"), [Photo(i, 1) with { Crop = KnownPeople.Crop((byte)i) }, Photo(i, 2)])[0].Person.Id)];
        var deletion = gallery.DeletePersons([ids[4], ids[0], ids[0], 1 << 20, ids[2]]);
        Assert.Equal((3, 6, 3), (deletion.Persons, deletion.Samples, deletion.Crops));
        AssertSound(gallery, 3, 6);
        Assert.Equal((long[])[ids[1], ids[3], ids[5]], gallery.Persons().Select(p => p.Id));
        Assert.DoesNotContain(gallery.Search([KnownPeople.Photo(1, 1)], 9)[0], c => c.Person.Id == ids[0]);
        Assert.Equal(3, gallery.Audit().Count(a => a.Action == "delete-person"));
        Assert.Equal(new Deletion(0, 0, 0), gallery.DeletePersons([]));
        Assert.Equal(new Deletion(0, 0, 0), gallery.DeletePersons([ids[0]]));
    }

    [Fact]
    public void External_key_belongs_to_one_person()
    {
        using var gallery = New();
        var first = gallery.AddPerson(new("Ann") { ExternalKey = "k" });
        var refusal = Assert.Throws<GalleryException>(() => gallery.AddPerson(new("Bob") { ExternalKey = "k" }));
        Assert.Contains($"person {first.Id}", refusal.Message, StringComparison.Ordinal);
        gallery.DeletePerson(first.Id);
        var second = gallery.AddPerson(new("Bob") { ExternalKey = "k" });
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(second, gallery.FindPerson("k"));
    }

    /// <summary>What must hold after whatever a test did.</summary>
    protected static void AssertSound(IGallery gallery, long persons, long samples)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        var check = gallery.Check();
        Assert.Empty(check.Problems);
        Assert.Equal((persons, samples), (check.Persons, check.Samples));
        Assert.Equal((persons, samples), (gallery.Info.Persons, gallery.Info.Samples));
    }
}
