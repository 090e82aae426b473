using System.Text.Json;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EdgeFace.Tests.Gallery;

/// <summary>Galleries from before names had one form, and metadata a limit of depth.</summary>
public sealed class SqliteNamesTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    void Sql(string sql, bool changes = true, params ReadOnlySpan<(string, object)> values)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        Assert.Equal(changes, command.ExecuteNonQuery() > 0);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Older_names_are_brought_into_form_once_and_found(bool encrypted)
    {
        const string Old = "Zoe\u0308  Lee ";
        var options = new SqliteGalleryOptions { Key = encrypted ? GalleryKey.Generate() : null };
        var id = Stored(Old, options);
        using (var gallery = SqliteGallery.Open(Path, null, options)) Assert.Equal(Old, gallery.FindPerson(id)!.Name);
        Sql(OlderTables.BeforeMerges + "PRAGMA user_version = 2", changes: true);
        for (var i = 0; i < 2; i++)
        {
            using var gallery = SqliteGallery.Open(Path, null, options);
            Assert.Equal("Zo\u00eb Lee", gallery.FindPerson(id)!.Name);
            Assert.Equal(id, Assert.Single(gallery.PersonsNamed("Zo\u00eb Lee")).Id);
            Assert.Single(gallery.Audit(), a => a.Action == "migrate");
            Assert.Empty(gallery.Check().Problems);
        }
    }

    /// <summary>U+0958 is two characters in NFC.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Older_name_whose_form_is_too_long_stays_as_it_is_and_is_read(bool encrypted)
    {
        var old = new string('\u0958', 150);
        var options = new SqliteGalleryOptions { Key = encrypted ? GalleryKey.Generate() : null };
        var id = Stored(old, options);
        Sql(OlderTables.BeforeMerges + "PRAGMA user_version = 2", changes: true);
        using var gallery = SqliteGallery.Open(Path, null, options);
        Assert.Equal(old, gallery.FindPerson(id)!.Name);
        Assert.Equal(id, gallery.Search([KnownPeople.Photo(1, 2)], 1)[0][0].Person.Id);
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal("Ka", gallery.UpdatePerson(id, new("Ka")).Name);
    }

    /// <summary>A gallery with a person whose name is stored as it came.</summary>
    long Stored(string name, SqliteGalleryOptions options)
    {
        long id;
        using (var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, options))
            id = gallery.Enrol(new("x"), [new(KnownPeople.Photo(1, 1))])[0].Person.Id;
        using var database = new SqliteDatabase(Path, TimeSpan.FromSeconds(5));
        var description = SqliteDescription.Read(database, SqliteSchema.Version);
        var dataKey = options.Key is { } key ? KeyWrap.Unwrap(description.WrappedKey!, key, description.Id, SqliteSchema.Version) : null;
        using var cipher = new FieldCipher(dataKey, description.Id, SqliteSchema.Version);
        database.Execute("UPDATE persons SET name = $0, name_lookup = $1", cipher.Seal(name, new("name", id)), cipher.Lookup(name, "name"));
        return id;
    }

    [Fact]
    public void Metadata_that_an_older_version_accepted_are_listed_and_stay()
    {
        var old = new[] { GalleryValues.Nested(64), GalleryValues.Nested(62), """{"a":"\ud800"}""", """{"a":1,"a":1e999}""" };
        using (var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new()))
            foreach (var _ in old) gallery.AddPerson(new("Ann"));
        for (var i = 0; i < old.Length; i++) Sql("UPDATE persons SET metadata = $m WHERE id = $i", true, ("$m", old[i]), ("$i", i + 1L));
        using var again = SqliteGallery.Open(Path, null, new());
        var listed = JsonSerializer.Serialize(
            new("edgeface.persons.v1", 4, [.. again.Persons().Select(PersonJson.Of)]), PeopleJson.Default.PersonsJson);
        using var parsed = JsonDocument.Parse(listed, new() { MaxDepth = 256 });
        Assert.Equal([JsonValueKind.Object, JsonValueKind.Object, JsonValueKind.String, JsonValueKind.Object],
            parsed.RootElement.GetProperty("persons").EnumerateArray().Select(p => p.GetProperty("metadata").ValueKind));
        // Renaming does not need other metadata; taking the same for somebody else does.
        Assert.Equal(old[1], again.UpdatePerson(2, new("Anna") { Metadata = old[1] }).Metadata);
        Assert.Throws<GalleryException>(() => again.UpdatePerson(1, new("Anna") { Metadata = old[1] }));
        GalleryExport.Write(again, _folder["out"], null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Of_several_that_create_at_once_one_is_told_so()
    {
        for (var round = 0; round < 5; round++)
        {
            var path = _folder[$"{round}.db"];
            var created = new bool[6];
            Parallel.For(0, created.Length,
                i => SqliteGallery.OpenOrCreate(path, KnownPeople.Contract, KnownPeople.Space, new(), out created[i]).Dispose());
            Assert.Single(created, c => c);
        }
    }
}
