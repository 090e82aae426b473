using System.Runtime.InteropServices;
using System.Text;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

[Collection(nameof(EnvironmentVariable))]
public sealed class SqliteEncryptionTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly GalleryKey _key = GalleryKey.Generate();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    SqliteGallery Open(GalleryKey? key) => SqliteGallery.Open(Path, null, new() { Key = key });

    SqliteDatabase Raw() => new(Path, TimeSpan.FromSeconds(1));

    void Fill()
    {
        using var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new() { Key = _key });
        for (var p = 0; p < 5; p++)
            gallery.Enrol(new($"Secret Name {p}") { ExternalKey = $"secret-key-{p}", Metadata = """{"note":"a secret"}""" },
            [
                new(KnownPeople.Photo(p, 1))
                {
                    Source = $"secret/{p}.jpg",
                    SourceSha256 = KnownPeople.Hash(p),
                    Crop = KnownPeople.Crop(Encoding.UTF8.GetBytes("secret crop, secret crop")),
                },
            ]);
        Assert.True(gallery.Info.Encrypted);
    }

    [Fact]
    public void Wrong_or_missing_key_is_refused_and_nothing_is_touched()
    {
        Fill();
        var before = File.ReadAllBytes(Path);
        Assert.Contains("no key was given", Assert.Throws<GalleryException>(() => Open(null)).Message, StringComparison.Ordinal);
        Assert.Contains("encrypted with another key",
            Assert.Throws<GalleryException>(() => Open(GalleryKey.Generate())).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path));
        using var gallery = Open(_key);
        Assert.Equal("Secret Name 3", gallery.FindPerson("secret-key-3")!.Name);
    }

    [Fact]
    public void Key_for_a_gallery_that_is_not_encrypted_is_refused()
    {
        SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new()).Dispose();
        Assert.Contains("not encrypted", Assert.Throws<GalleryException>(() => Open(_key)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_shows_names_embeddings_crops_or_sources()
    {
        Fill();
        using var gallery = Open(_key);
        gallery.Enrol(new("Secret Name 9"), [new(KnownPeople.Photo(9, 1))]);
        string[] texts = ["Secret Name", "secret-key", "\"a secret\"", "secret/", KnownPeople.Hash(3), "secret crop"];
        Assert.All(texts, t => Assert.True(Bytes.Find(_folder.Path, Encoding.UTF8.GetBytes(t)) < 0, t));
        Assert.All(texts, t => Assert.True(Bytes.Find(_folder.Path, Encoding.Unicode.GetBytes(t)) < 0, t));
        // The contract may be read: it says by which model the gallery must be opened.
        Assert.True(Bytes.Find(_folder.Path, "test-model"u8) >= 0);
        // With the projection anybody could turn coordinates into embeddings; both must be hidden.
        using var raw = Raw();
        foreach (var sample in gallery.Persons().SelectMany(p => gallery.Samples(p.Id)))
        {
            var stored = (byte[])raw.Value("SELECT coordinates FROM samples WHERE id = $0", sample.Id)!;
            var halves = MemoryMarshal.Cast<byte, Half>(stored.AsSpan(FieldCipher.NonceBytes, 2 * KnownPeople.Dimension));
            var length = 0.0;
            foreach (var h in halves) length += Half.IsFinite(h) ? (double)h * (double)h : 1e9;
            Assert.NotInRange(length, 0.99, 1.01);
        }
        Assert.Throws<GalleryException>(() => Projection.FromBytes(
            (byte[])raw.Value("SELECT value FROM meta WHERE name = 'projection'")!, KnownPeople.Dimension));
    }

    [Theory]
    [InlineData("UPDATE persons SET name = (SELECT name FROM persons WHERE id = 2) WHERE id = 1", "name of row 1")]
    [InlineData("UPDATE persons SET metadata = external_key WHERE id = 1", "metadata of row 1")]
    [InlineData("UPDATE samples SET coordinates = (SELECT coordinates FROM samples WHERE id = 2) WHERE id = 1", "coordinates of row 1")]
    [InlineData("UPDATE crops SET picture = (SELECT picture FROM crops WHERE sample_id = 2) WHERE sample_id = 1", "crop of row 1")]
    [InlineData("UPDATE samples SET source = 'plain' WHERE id = 1", "source of row 1")]
    [InlineData("UPDATE persons SET name = x'00' WHERE id = 1", "name of row 1")]
    [InlineData("UPDATE meta SET value = zeroblob(5000) WHERE name = 'projection'", "projection of row 0")]
    public void Value_that_was_moved_or_changed_is_refused(string change, string named)
    {
        Fill();
        File.Delete(Path + "-index");
        using (var raw = Raw()) raw.Script(change);
        string[] problems;
        try
        {
            using var gallery = Open(_key);
            problems = [.. gallery.Check().Problems];
        }
        catch (GalleryException e)
        {
            problems = [e.Message];
        }
        Assert.Contains(problems, p => p.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void Key_can_be_changed_without_rewriting_what_is_stored()
    {
        Fill();
        var next = GalleryKey.Generate();
        byte[] wrapped, coordinates;
        using (var raw = Raw())
        {
            wrapped = (byte[])raw.Value("SELECT value FROM meta WHERE name = 'data key'")!;
            coordinates = (byte[])raw.Value("SELECT coordinates FROM samples WHERE id = 1")!;
        }
        using (var gallery = Open(_key)) Assert.True(gallery.ChangeKey(next));
        Assert.True(Bytes.Find(_folder.Path, wrapped) < 0, "what the former key opens is still there");
        Assert.True(Bytes.Find(_folder.Path, coordinates) >= 0);
        Assert.Throws<GalleryException>(() => Open(_key));
        using var opened = Open(next);
        Assert.Equal("Secret Name 1", opened.Search([KnownPeople.Photo(1, 2)], 1)[0][0].Person.Name);
        Assert.Empty(opened.Check().Problems);
        Assert.Equal("change-key", opened.Audit()[^1].Action);
        using var plain = SqliteGallery.Create(_folder["plain.db"], KnownPeople.Contract, KnownPeople.Space, new());
        Assert.Throws<GalleryException>(() => plain.ChangeKey(next));
    }

    [Fact]
    public void Keys_are_read_from_text_file_and_environment()
    {
        var key = GalleryKey.Generate();
        var bytes = Convert.FromBase64String(key.ToBase64());
        Assert.Equal(GalleryKey.Length, bytes.Length);
        foreach (var text in new[] { key.ToBase64(), Convert.ToHexString(bytes), Convert.ToHexStringLower(bytes), $"  {key.ToBase64()}\n" })
        {
            Assert.Equal(key.ToBase64(), GalleryKey.Parse(text).ToBase64());
            Assert.Equal(key.ToBase64(), GalleryKey.FromFile(_folder.Write("key", Encoding.UTF8.GetBytes(text))).ToBase64());
        }
        foreach (var text in new[]
        {
            "", "password", key.ToBase64()[..^4], new string('a', 63), new string('a', 66), Convert.ToBase64String(new byte[31]),
        })
        {
            var refusal = Assert.Throws<GalleryException>(() => GalleryKey.Parse(text));
            if (text.Length > 0) Assert.DoesNotContain(text, refusal.Message, StringComparison.Ordinal);
            Assert.Throws<GalleryException>(() => GalleryKey.FromFile(_folder.Write("key", Encoding.UTF8.GetBytes(text))));
        }
        Assert.Throws<GalleryException>(() => GalleryKey.FromFile(_folder["none"]));
        Assert.Throws<GalleryException>(() => GalleryKey.FromFile(_folder.Write("key", new byte[5000])));
        Assert.NotEqual(key.ToBase64(), GalleryKey.Generate().ToBase64());
        Assert.DoesNotContain(key.ToBase64(), key.ToString()!, StringComparison.Ordinal);
        using (new EnvironmentVariable(GalleryKey.Variable, key.ToBase64())) Assert.Equal(key.ToBase64(), GalleryKey.FromEnvironment()!.ToBase64());
        using (new EnvironmentVariable(GalleryKey.Variable, "nonsense"))
            Assert.Contains(GalleryKey.Variable,
                Assert.Throws<GalleryException>(GalleryKey.FromEnvironment).Message, StringComparison.Ordinal);
        using (new EnvironmentVariable(GalleryKey.Variable, null)) Assert.Null(GalleryKey.FromEnvironment());
    }
}
