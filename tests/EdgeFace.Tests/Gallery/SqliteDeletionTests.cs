using System.Text;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>Delete and prove: nothing of a deleted person is in any file of the gallery.</summary>
public sealed class SqliteDeletionTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_of_a_deleted_person_is_left_in_any_file(bool encrypted)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        using var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new() { Key = key, IndexFileFrom = 1 });
        var random = new Random(5);
        // Enough people that pages divide, and in an order that lets them join again as people go.
        var people = Enumerable.Range(0, 120).OrderBy(_ => random.Next())
            .Select(p => gallery.Enrol(Person(p), [Photo(p, 1), Photo(p, 2)])[0].Person.Id).ToList();
        // Half of the people are written to the index file and to the log's place, half are in the log.
        gallery.Dispose();
        Assert.Equal(!encrypted, File.Exists(Path + "-index"));
        using var opened = SqliteGallery.Open(Path, null, new() { Key = key, IndexFileFrom = 1 });
        for (var p = 200; p < 260; p++) people.Add(opened.Enrol(Person(p), [Photo(p, 1)])[0].Person.Id);
        foreach (var id in people.OrderBy(_ => random.Next()).Take(30).ToList())
        {
            var traces = Traces(opened, opened.FindPerson(id)!, key);
            // The search for bytes is worth something only if it finds them while they are there.
            Assert.All(traces, t =>
                Assert.True(Bytes.Find(_folder.Path, t.Value) >= 0, $"{t.Key} of person {id} is not found while the person is there"));
            var samples = opened.FindPerson(id)!.Samples;
            Assert.Equal(new Deletion(1, samples, samples) { Cleared = true }, opened.DeletePerson(id));
            Assert.All(traces, t => Assert.True(Bytes.Find(_folder.Path, t.Value) < 0, $"{t.Key} of person {id} is still in a file"));
        }
        Assert.Empty(opened.Check().Problems);
        Assert.Equal(150, opened.Info.Persons);
    }

    [Fact]
    public void Nothing_of_a_deleted_sample_is_left_in_any_file()
    {
        using var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new());
        for (var p = 0; p < 40; p++) gallery.Enrol(Person(p), [Photo(p, 1), Photo(p, 2)]);
        foreach (var person in gallery.Persons().Where((_, i) => i % 4 == 0).ToList())
        {
            var sample = gallery.Samples(person.Id)[1];
            var traces = SampleTraces(sample.Id).Append(new("source", Encoding.UTF8.GetBytes(sample.Source!))).ToDictionary();
            Assert.All(traces, t => Assert.True(Bytes.Find(_folder.Path, t.Value) >= 0, t.Key));
            Assert.True(gallery.DeleteSample(sample.Id).Cleared);
            Assert.All(traces, t => Assert.True(Bytes.Find(_folder.Path, t.Value) < 0, t.Key));
            Assert.Equal(1, gallery.FindPerson(person.Id)!.Samples);
        }
    }

    [Fact]
    public void Reader_in_the_way_is_told_and_the_next_opening_clears()
    {
        var options = new SqliteGalleryOptions { BusyTimeout = TimeSpan.FromMilliseconds(50) };
        using (var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, options))
        {
            var id = gallery.Enrol(Person(1), [Photo(1, 1)])[0].Person.Id;
            gallery.Enrol(Person(2), [Photo(2, 1)]);
            using var reader = new SqliteDatabase(Path, TimeSpan.FromSeconds(1));
            reader.Script("BEGIN");
            reader.Number("SELECT count(*) FROM persons");
            var deleted = gallery.DeletePerson(id);
            Assert.Equal(new Deletion(1, 1, 1) { Cleared = false }, deleted);
            Assert.Null(gallery.FindPerson(id));
            Assert.Contains(gallery.Check().Problems, p => p.Contains("traces", StringComparison.Ordinal));
            Assert.True(Bytes.Find(_folder.Path, "Person Name 1 "u8) >= 0);
        }
        using var again = SqliteGallery.Open(Path, null, new());
        Assert.Empty(again.Check().Problems);
        Assert.True(Bytes.Find(_folder.Path, "Person Name 1 "u8) < 0);
        Assert.True(Bytes.Find(_folder.Path, "Person Name 2 "u8) >= 0);
    }

    static NewPerson Person(int number) => new($"Person Name {number} of many")
    {
        ExternalKey = $"external-{number}-key", Metadata = $$"""{"note":"metadata {{number}} of a person"}""",
    };

    static NewSample Photo(int person, int photo) => new(KnownPeople.Photo(person, photo))
    {
        Source = $"photos/{person}/{photo}.jpg", SourceSha256 = KnownPeople.Hash(1000 * person + photo),
        Crop = KnownPeople.Crop(Encoding.UTF8.GetBytes($"the crop of {person} {photo} " + new string('x', 900 + 37 * photo))),
    };

    /// <summary>All that could tell of a person, as it is stored.</summary>
    Dictionary<string, byte[]> Traces(SqliteGallery gallery, Person person, GalleryKey? key)
    {
        using var raw = new SqliteDatabase(Path, TimeSpan.FromSeconds(1));
        string[] names = ["name", "external key", "metadata", "name lookup", "external lookup"];
        var traces = raw.Rows("SELECT name, external_key, metadata, name_lookup, external_lookup FROM persons WHERE id = $0",
            r => names.Select((what, i) => (what, Value: Stored(r.Value(i)!))).ToDictionary(t => t.what, t => t.Value), person.Id)[0];
        foreach (var sample in gallery.Samples(person.Id))
            foreach (var (what, value) in SampleTraces(sample.Id)) traces.Add($"{what} of sample {sample.Id}", value);
        if (key is not null) Assert.True(Bytes.Find(_folder.Path, Encoding.UTF8.GetBytes(person.Name)) < 0, "an encrypted gallery shows a name");
        return traces;
    }

    Dictionary<string, byte[]> SampleTraces(long sample)
    {
        using var raw = new SqliteDatabase(Path, TimeSpan.FromSeconds(1));
        var traces = raw.Rows("SELECT coordinates, source_sha256, source_lookup FROM samples WHERE id = $0",
            r => new Dictionary<string, byte[]>
            {
                ["coordinates"] = Stored(r.Value(0)!),
                ["source hash"] = Stored(r.Value(1)!),
                ["source lookup"] = Stored(r.Value(2)!),
            }, sample)[0];
        // A large crop lies on several pages: its beginning, and its end on another.
        var crop = (byte[])raw.Value("SELECT picture FROM crops WHERE sample_id = $0", sample)!;
        traces.Add("crop's beginning", crop[33..57]);
        return traces;
    }

    static byte[] Stored(object value) => value is string text ? Encoding.UTF8.GetBytes(text) : (byte[])value;

    [Fact]
    public void Traces_that_the_other_gallery_brings_are_cleared_after_a_replacement()
    {
        var other = _folder["other.db"];
        using (var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new())) gallery.Enrol(Person(1), [Photo(1, 1)]);
        var options = new SqliteGalleryOptions { BusyTimeout = TimeSpan.FromMilliseconds(50) };
        using (var gallery = SqliteGallery.Create(other, KnownPeople.Contract, KnownPeople.Space, options))
        {
            foreach (var p in new[] { 2, 3 }) gallery.Enrol(Person(p), [Photo(p, 1)]);
            using var reader = new SqliteDatabase(other, TimeSpan.FromSeconds(1));
            reader.Script("BEGIN");
            reader.Number("SELECT count(*) FROM persons");
            Assert.False(gallery.DeletePerson(1).Cleared);
        }
        SqliteGallery.Replace(Path, other);
        using (var raw = new SqliteDatabase(Path, TimeSpan.FromSeconds(1)))
            Assert.True(raw.Number("SELECT deletions - cleared FROM state") > 0);
        using var opened = SqliteGallery.Open(Path, null, new());
        Assert.Empty(opened.Check().Problems);
        Assert.Equal(-1, Bytes.Find(_folder.Path, "Person Name 2 "u8));
    }
}
