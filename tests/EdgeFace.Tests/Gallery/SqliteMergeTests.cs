using System.IO.Compression;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>Merged people in a file: what becomes of older files, of the index and of what is deleted.</summary>
public sealed class SqliteMergeTests : IDisposable
{
    static readonly GalleryKey Key = GalleryKey.Parse(new string('0', 63) + "1");

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    static NewSample Photo(int person, int photo) => new(KnownPeople.Photo(person, photo));

    /// <summary>A gallery as version 3 wrote it: people whom the probe process enrolled.</summary>
    [Theory, InlineData("plain"), InlineData("encrypted")]
    public void Gallery_of_the_former_version_is_brought_up_and_merges(string kind)
    {
        var fixture = System.IO.Path.Combine(TestData.Repository, $"tests/EdgeFace.Tests/Fixtures/galleries/{kind}-v3.db.gz");
        using (var packed = new GZipStream(File.OpenRead(fixture), CompressionMode.Decompress))
        using (var file = File.Create(Path)) packed.CopyTo(file);
        var before = File.ReadAllBytes(Path);
        SqliteGalleryOptions options = new() { Key = kind == "encrypted" ? Key : null };
        List<Person> people;
        using (var gallery = SqliteGallery.Open(Path, KnownPeople.Contract, options with { Access = GalleryAccess.ReadOnly }))
        {
            Assert.Equal(3, gallery.Info.SchemaVersion);
            people = AssertWhole(gallery);
        }
        Assert.Equal(before, File.ReadAllBytes(Path));
        using (var gallery = SqliteGallery.Open(Path, KnownPeople.Contract, options))
        {
            Assert.Equal(SqliteSchema.Version, gallery.Info.SchemaVersion);
            Assert.Equal($"from version 3 to {SqliteSchema.Version}", gallery.Audit(0, 100_000)[^1].Detail);
            Assert.Equal(people, AssertWhole(gallery));
            var (one, other) = (people[0], people[1]);
            Assert.Equal(one.Samples + other.Samples, gallery.MergePeople(one.Id, other.Id).Samples);
            Assert.Equal(people.Count - 1, AssertWhole(gallery).Count);
            Assert.Equal(other, gallery.UndoMerge(other.Id));
            Assert.Equal(people, AssertWhole(gallery));
            Assert.Equal(1, gallery.DeletePerson(one.Id).Persons);
        }
        using var again = SqliteGallery.Open(Path, KnownPeople.Contract, options);
        Assert.Equal(people[1..], AssertWhole(again));
    }

    static List<Person> AssertWhole(SqliteGallery gallery)
    {
        Assert.Empty(gallery.Check().Problems);
        List<Person> people = [.. gallery.Persons()];
        Assert.Equal(people.Count, gallery.Info.Persons);
        Assert.True(people.Count > 5);
        foreach (var person in people)
        {
            Assert.Equal(person, gallery.FindPerson(person.ExternalKey!));
            foreach (var expected in KnownPeople.ChurnedSamples(person.ExternalKey!, 1))
            {
                Assert.Equal(person.Id, gallery.Search([expected.Embedding], 1)[0][0].Person.Id);
                Assert.Contains(gallery.Samples(person.Id), s => s.Source == expected.Source);
            }
        }
        return people;
    }

    [Fact]
    public void Nothing_is_left_of_who_was_merged_once_the_other_is_deleted()
    {
        using var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new());
        gallery.Enrol(new("one who stays"), [Photo(1, 1)]);
        gallery.Enrol(new("one who goes") { ExternalKey = "key of who goes" }, [Photo(1, 2) with { Source = "source of who goes" }]);
        gallery.Enrol(new("one who went before") { Metadata = """{"note":"of who went before"}""" }, [Photo(1, 3)]);
        gallery.MergePeople(2, 3);
        gallery.MergePeople(1, 2);
        string[] traces = ["one who stays", "one who goes", "key of who goes", "source of who goes", "one who went before", "of who went before"];
        foreach (var trace in traces) Assert.NotEqual(-1, Bytes.Find(_folder.Path, System.Text.Encoding.UTF8.GetBytes(trace)));
        var deletion = gallery.DeletePerson(1);
        Assert.Equal((3, 3, true), (deletion.Persons, deletion.Samples, deletion.Cleared));
        foreach (var trace in traces) Assert.Equal(-1, Bytes.Find(_folder.Path, System.Text.Encoding.UTF8.GetBytes(trace)));
        Assert.Empty(gallery.Check().Problems);
        using var raw = new SqliteDatabase(Path, TimeSpan.FromSeconds(1));
        Assert.Equal(0, raw.Number("SELECT count(*) FROM moves"));
    }

    [Fact]
    public void Index_and_index_file_follow_whose_samples_are()
    {
        SqliteGalleryOptions options = new() { IndexFileFrom = 1 };
        using (var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, options))
        using (var beside = SqliteGallery.Open(Path, null, options))
        {
            for (var p = 1; p <= 20; p++) gallery.Enrol(new($"person {p}"), [Photo(p, 1)]);
            Assert.Equal(7, beside.Search([KnownPeople.Photo(7, 2)], 1)[0][0].Person.Id);
            gallery.MergePeople(3, 7);
            gallery.MoveSample(9, 4);
            foreach (var one in new[] { gallery, beside })
            {
                Assert.Equal(3, one.Search([KnownPeople.Photo(7, 2)], 1)[0][0].Person.Id);
                Assert.Equal(4, one.Search([KnownPeople.Photo(9, 2)], 1)[0][0].Person.Id);
                Assert.Empty(one.Check().Problems);
            }
        }
        Assert.True(File.Exists(Path + "-index"));
        using var again = SqliteGallery.Open(Path, null, options);
        Assert.Equal(3, again.Search([KnownPeople.Photo(7, 2)], 1)[0][0].Person.Id);
        Assert.Equal(7, again.UndoMerge(7).Id);
        Assert.Equal(7, again.Search([KnownPeople.Photo(7, 2)], 1)[0][0].Person.Id);
    }

    [Theory]
    [InlineData("UPDATE persons SET merged_into = 2 WHERE id = 1", "person 1 was merged into another, and has samples all the same")]
    [InlineData("DELETE FROM samples; UPDATE persons SET merged_into = 3 - id", "person 1 was merged into somebody who is nowhere to be seen")]
    [InlineData("INSERT INTO moves VALUES (1, 1, 77)", "row 1 of moves belongs to a row of samples that is not there")]
    public void Check_finds(string change, string problem)
    {
        using (var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new()))
        {
            gallery.Enrol(new("Ann"), [Photo(1, 1)]);
            gallery.Enrol(new("Bob"), [Photo(2, 1)]);
        }
        using (var raw = new SqliteDatabase(Path, TimeSpan.FromSeconds(1))) raw.Script("PRAGMA foreign_keys = OFF; " + change);
        using var opened = SqliteGallery.Open(Path, null, new());
        Assert.Contains(opened.Check().Problems, p => p.Contains(problem, StringComparison.Ordinal));
    }
}
