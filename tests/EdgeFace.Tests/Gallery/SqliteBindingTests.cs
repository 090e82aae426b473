using EdgeFace.Gallery;
using EdgeFace.Gallery.Search;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>In an encrypted gallery a value is taken only where it was stored: of that gallery, row, column and person.</summary>
public sealed class SqliteBindingTests : IDisposable
{
    static readonly string[] Names = ["Ann", "Bella", "Chidi"];

    readonly TempFolder _folder = new();
    readonly GalleryKey _key = GalleryKey.Generate();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    SqliteGallery Open(GalleryAccess access = GalleryAccess.ReadWrite) => SqliteGallery.Open(Path, null, new() { Key = _key, Access = access });

    SqliteDatabase Raw(string? path = null) => new(path ?? Path, TimeSpan.FromSeconds(1));

    void Fill(string? path = null)
    {
        using var gallery = SqliteGallery.Create(path ?? Path, KnownPeople.Contract, KnownPeople.Space, new() { Key = _key });
        for (var p = 0; p < Names.Length; p++)
            gallery.Enrol(new(Names[p]) { ExternalKey = $"key-{p}", Metadata = $$"""{"n":{{p}}}""" },
            [
                .. Enumerable.Range(1, 2).Select(n => new NewSample(KnownPeople.Photo(p, n))
                {
                    Source = $"{p}/{n}.jpg", SourceSha256 = KnownPeople.Hash(10 * p + n), Crop = KnownPeople.Crop(1, 2, (byte)p, (byte)n),
                }),
            ]);
    }

    List<string> Problems(string change)
    {
        using (var raw = Raw()) raw.Script("PRAGMA foreign_keys = OFF; " + change);
        try
        {
            using var gallery = Open();
            var problems = gallery.Check().Problems.ToList();
            // Whoever is named is named rightly, or nobody is.
            for (var p = 0; p < Names.Length; p++)
                try
                {
                    Assert.Equal(Names[p], gallery.Search([KnownPeople.Photo(p, 3)], 1)[0][0].Person.Name);
                }
                catch (GalleryException e)
                {
                    problems.Add(e.Message);
                }
            return problems;
        }
        catch (GalleryException e)
        {
            return [e.Message];
        }
    }

    [Fact]
    public void Samples_given_to_another_person_are_refused_by_name_wherever_they_are_read()
    {
        Fill();
        using (var raw = Raw()) raw.Script("UPDATE samples SET person_id = 3 WHERE person_id = 2");
        using var gallery = Open();
        var refused = Assert.Throws<GalleryException>(() => gallery.Search([KnownPeople.Photo(1, 3)], 1));
        Assert.Equal(ErrorKind.Input, refused.Kind);
        Assert.Contains("2 samples cannot be read (3, 4)", refused.Message, StringComparison.Ordinal);
        var problems = gallery.Check().Problems;
        foreach (var sample in new[] { 3, 4 })
            foreach (var value in new[] { "coordinates", "source", "crop" })
                Assert.Contains(problems, p => p.Contains($"{value} of row {sample}, as person 3's, cannot be read", StringComparison.Ordinal));
        foreach (var use in new Action[]
                 {
                     () => gallery.Samples(3), () => gallery.EmbeddingOf(3), () => gallery.Crop(4),
                     () => gallery.Enrol(1, new(KnownPeople.Photo(0, 7))),
                     () => gallery.ContainsSource(KnownPeople.Hash(11)),
                 })
            Assert.Equal(ErrorKind.Input, Assert.Throws<GalleryException>(use).Kind);
        // Without them the others are found again.
        gallery.DeleteSample(3);
        gallery.DeleteSample(4);
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal("Chidi", gallery.Search([KnownPeople.Photo(2, 3)], 1)[0][0].Person.Name);
    }

    [Fact]
    public void A_gallery_that_is_open_refuses_them_too()
    {
        Fill();
        using var gallery = Open();
        using (var raw = Raw()) raw.Script("UPDATE samples SET person_id = 3 WHERE person_id = 2");
        Assert.Contains("as person 3's",
            Assert.Throws<GalleryException>(() => gallery.Search([KnownPeople.Photo(1, 3)], 1)).Message, StringComparison.Ordinal);
    }

    /// <summary>Every encrypted value, and every lookup, in the place of every other of its column.</summary>
    [Theory]
    [InlineData("persons", "id", "name")]
    [InlineData("persons", "id", "name_lookup")]
    [InlineData("persons", "id", "external_key")]
    [InlineData("persons", "id", "external_lookup")]
    [InlineData("persons", "id", "metadata")]
    [InlineData("persons", "id", "name, name_lookup")]
    [InlineData("persons", "id", "external_key, external_lookup")]
    [InlineData("samples", "id", "person_id")]
    [InlineData("samples", "id", "coordinates")]
    [InlineData("samples", "id", "source")]
    [InlineData("samples", "id", "source_sha256")]
    [InlineData("samples", "id", "source_lookup")]
    [InlineData("samples", "id", "source_sha256, source_lookup")]
    [InlineData("samples", "id", "person_id, coordinates, source, source_sha256, source_lookup")]
    [InlineData("crops", "sample_id", "picture")]
    public void Values_that_were_exchanged_are_found(string table, string id, string columns)
    {
        Fill();
        var whole = File.ReadAllBytes(Path);
        var rows = table == "persons" ? 3 : 6;
        for (var i = 1; i <= rows; i++)
            for (var j = i + 1; j <= rows; j++)
            {
                // The samples of one person may be exchanged in what they share.
                if (columns == "person_id" && (i + 1) / 2 == (j + 1) / 2) continue;
                File.WriteAllBytes(Path, whole);
                var set = string.Join(", ", columns.Split(", ").Select(c => $"{c} = (SELECT {c} FROM former WHERE {id} = {i + j} - {table}.{id})"));
                var problems = Problems($"DROP INDEX persons_external; CREATE TEMP TABLE former AS SELECT * FROM {table}; "
                    + $"UPDATE {table} SET {set} WHERE {id} IN ({i}, {j}); "
                    + "CREATE UNIQUE INDEX persons_external ON persons (external_lookup) WHERE external_lookup IS NOT NULL");
                Assert.Contains(problems,
                    p => p.Contains("cannot be read", StringComparison.Ordinal) || p.Contains("cannot be found", StringComparison.Ordinal));
                Assert.DoesNotContain(problems, p => p.Contains("persons_external", StringComparison.Ordinal));
            }
    }

    [Theory]
    [InlineData("UPDATE meta SET value = replace(value, 'test-model', 'other-model') WHERE name = 'contract'")]
    [InlineData("UPDATE meta SET value = value + 1 WHERE name = 'created'")]
    [InlineData("UPDATE meta SET value = value + 1 WHERE name = 'most samples per person'")]
    [InlineData("UPDATE meta SET value = randomblob(16) WHERE name = 'id'")]
    [InlineData("DELETE FROM meta WHERE name = 'data key'")]
    [InlineData("PRAGMA user_version = 1")]
    public void Description_that_was_changed_is_refused(string change)
    {
        Fill();
        using (var raw = Raw()) raw.Script(change);
        var before = File.ReadAllBytes(Path);
        foreach (var access in Enum.GetValues<GalleryAccess>()) Assert.Throws<GalleryException>(() => Open(access));
        Assert.Equal(before, File.ReadAllBytes(Path));
    }

    /// <summary>Both have the same key, and the rows the same numbers.</summary>
    [Theory]
    [InlineData("persons", "name = (SELECT name FROM other.persons o WHERE o.id = persons.id)")]
    [InlineData("samples", "coordinates = (SELECT coordinates FROM other.samples o WHERE o.id = samples.id)")]
    [InlineData("crops", "picture = (SELECT picture FROM other.crops o WHERE o.sample_id = crops.sample_id)")]
    [InlineData("meta", "value = (SELECT value FROM other.meta o WHERE o.name = 'projection') WHERE name = 'projection'")]
    [InlineData("meta", "value = (SELECT value FROM other.meta o WHERE o.name = 'data key') WHERE name = 'data key'")]
    public void Values_of_another_gallery_are_refused(string table, string set)
    {
        Fill();
        Fill(_folder["other.db"]);
        Assert.NotEmpty(Problems($"ATTACH '{_folder["other.db"]}' AS other; UPDATE {table} SET {set}; DETACH other"));
    }

    /// <summary>Not even with the same data key, as two galleries would have that came from one.</summary>
    [Fact]
    public void Values_are_bound_to_every_part_of_their_place()
    {
        var dataKey = new byte[FieldCipher.KeyBytes];
        byte[] one = new byte[16], two = [.. new byte[15], 1];
        FieldPlace place = new("coordinates", 3, 2, "beside");
        using FieldCipher cipher = new(dataKey, one, 2), elsewhere = new(dataKey, two, 2), older = new(dataKey, one, 1);
        var stored = cipher.Seal(new byte[] { 7 }, place);
        Assert.Equal([7], cipher.Open(stored, place));
        foreach (var other in new[]
        {
            place with { Column = "crop" },
            place with { Row = 4 },
            place with { Person = 3 },
            place with { Beside = "" },
            place with { Row = 2, Person = 3 },
        })
            Assert.Throws<GalleryException>(() => cipher.Open(stored, other));
        Assert.Throws<GalleryException>(() => elsewhere.Open(stored, place));
        Assert.Throws<GalleryException>(() => older.Open(stored, place));
        Assert.Throws<GalleryException>(() => cipher.Open(older.Seal(new byte[] { 7 }, place), place));
    }

    [Fact]
    public void Index_file_beside_an_encrypted_gallery_is_not_read()
    {
        Fill();
        byte[] tag;
        using (var raw = Raw())
            tag = [.. (byte[])raw.Value("SELECT value FROM meta WHERE name = 'id'")!, .. (byte[])raw.Value("SELECT stamp FROM state")!];
        // One that knows nobody.
        using (var file = File.Create(Path + "-index")) new CompactIndex(KnownPeople.Dimension).Save(file, tag);
        using var gallery = Open();
        Assert.Equal("Bella", gallery.Search([KnownPeople.Photo(1, 3)], 1)[0][0].Person.Name);
    }
}
