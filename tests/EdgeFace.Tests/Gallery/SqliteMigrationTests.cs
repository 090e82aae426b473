using System.Diagnostics;
using System.IO.Compression;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>
/// An encrypted gallery as version 1 wrote it, <c>Fixtures/galleries/encrypted-v1.db.gz</c>: eight people whom the probe process enrolled.
/// </summary>
public sealed class SqliteMigrationTests : IDisposable
{
    static readonly GalleryKey Key = GalleryKey.Parse(new string('0', 63) + "1");

    static readonly (string Key, int Photos)[] People =
    [
        ("v354806000", 1), ("v354806002", 3), ("v354806004", 2), ("v354806006", 2),
        ("v354806008", 1), ("v354806009", 3), ("v354806010", 1), ("v354806011", 3),
    ];

    readonly TempFolder _folder = new();

    public SqliteMigrationTests()
    {
        var fixture = System.IO.Path.Combine(TestData.Repository, "tests/EdgeFace.Tests/Fixtures/galleries/encrypted-v1.db.gz");
        using var packed = new GZipStream(File.OpenRead(fixture), CompressionMode.Decompress);
        using var file = File.Create(Path);
        packed.CopyTo(file);
    }

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    SqliteGallery Open(GalleryAccess access = GalleryAccess.ReadWrite)
        => SqliteGallery.Open(Path, KnownPeople.Contract, new() { Key = Key, Access = access });

    SqliteDatabase Raw() => new(Path, TimeSpan.FromSeconds(1));

    static void AssertWhole(SqliteGallery gallery)
    {
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal(People.Length, gallery.Info.Persons);
        foreach (var (key, photos) in People)
        {
            var person = gallery.FindPerson(key)!;
            Assert.Equal((KnownPeople.Churned(key).Name, photos), (person.Name, person.Samples));
            foreach (var (sample, expected) in gallery.Samples(person.Id).Zip(KnownPeople.ChurnedSamples(key, photos)))
            {
                Assert.Equal(expected.Source, sample.Source);
                // Version 1 took any bytes as a crop.
                Assert.Equal(expected.Crop!.Value.ToArray()[KnownPeople.CropHeader.Length..], gallery.Crop(sample.Id));
                Assert.Equal(key, gallery.Search([expected.Embedding], 1)[0][0].Person.ExternalKey);
            }
        }
    }

    [Fact]
    public void It_is_brought_up_and_then_refuses_what_was_moved()
    {
        using (var gallery = Open())
        {
            AssertWhole(gallery);
            Assert.Equal(SqliteSchema.Version, gallery.Info.SchemaVersion);
            Assert.Equal(("migrate", $"from version 1 to {SqliteSchema.Version}"),
                (gallery.Audit(0, 100_000)[^1].Action, gallery.Audit(0, 100_000)[^1].Detail));
        }
        using (var gallery = Open())
        {
            AssertWhole(gallery);
            Assert.Single(gallery.Audit(0, 100_000), a => a.Action == "migrate");
        }
        using (var raw = Raw()) raw.Script("UPDATE samples SET person_id = 3 WHERE person_id = 2");
        using var changed = Open();
        var probe = KnownPeople.ChurnedSamples(People[1].Key, 1)[0].Embedding;
        Assert.Contains("cannot be read",
            Assert.Throws<GalleryException>(() => changed.Search([probe], 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_read_as_it_is_where_it_is_opened_for_reading_only()
    {
        var before = File.ReadAllBytes(Path);
        using (var gallery = Open(GalleryAccess.ReadOnly))
        {
            AssertWhole(gallery);
            Assert.Equal(1, gallery.Info.SchemaVersion);
        }
        Assert.Equal(before, File.ReadAllBytes(Path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Its_key_can_be_changed_before_and_after()
    {
        var next = GalleryKey.Generate();
        using (var gallery = Open()) Assert.True(gallery.ChangeKey(next));
        Assert.Contains("another key", Assert.Throws<GalleryException>(() => Open()).Message, StringComparison.Ordinal);
        using var opened = SqliteGallery.Open(Path, null, new() { Key = next });
        AssertWhole(opened);
    }

    [Fact]
    public void One_damaged_value_does_not_lock_the_others_in()
    {
        using (var raw = Raw()) raw.Script("UPDATE crops SET picture = zeroblob(100) WHERE sample_id = (SELECT min(sample_id) FROM crops)");
        using var gallery = Open();
        Assert.Contains("crop of row", Assert.Single(gallery.Check().Problems), StringComparison.Ordinal);
    }

    /// <summary>Rows of an old copy, which the former version did not bind to their person, are not let in by writing the version back.</summary>
    [Fact]
    public void Version_that_was_written_back_is_refused()
    {
        var old = _folder["old.db"];
        File.Copy(Path, old);
        Open().Dispose();
        using (var raw = Raw()) raw.Script("PRAGMA user_version = 1");
        Assert.Contains("is foreign", Assert.Throws<GalleryException>(() => Open()).Message, StringComparison.Ordinal);
        // Nor with the tables of then.
        using (var raw = Raw()) raw.Script(OlderTables.BeforeMerges);
        using (var raw = Raw())
            raw.Script($"ATTACH '{old}' AS old; UPDATE meta SET value = (SELECT value FROM old.meta o WHERE o.name = meta.name); "
                + "PRAGMA user_version = 1; DETACH old");
        Assert.Contains("is of version 2", Assert.Throws<GalleryException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_that_fails_leaves_the_former_state_whole()
    {
        byte[] dataKey;
        using (var raw = Raw())
        {
            var description = SqliteDescription.Read(raw, 1);
            dataKey = KeyWrap.Unwrap(description.WrappedKey!, Key, description.Id, 1)!;
            IReadOnlyList<SqliteSchema.Step> broken = [.. SqliteSchema.Steps, (_, _) => throw new InvalidOperationException("no")];
            Assert.Throws<InvalidOperationException>(() => SqliteSchema.Upgrade(raw, broken, dataKey));
            Assert.Equal(1, raw.Number("PRAGMA user_version"));
        }
        It_is_read_as_it_is_where_it_is_opened_for_reading_only();
    }

    [Fact]
    public async Task Killed_at_any_moment_it_is_of_one_version_and_whole()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("processes are killed by SIGKILL here");
        var program = AppContext.BaseDirectory.Replace("EdgeFace.Tests", "EdgeFace.GalleryProbe", StringComparison.Ordinal)
            + "EdgeFace.GalleryProbe";
        Assert.True(File.Exists(program), $"{program} is missing: build the solution (./test.sh does)");
        var former = File.ReadAllBytes(Path);
        var versions = new List<long>();
        for (var kill = 0; kill < 12; kill++)
        {
            File.WriteAllBytes(Path, former);
            foreach (var beside in new[] { "-wal", "-shm" }) File.Delete(Path + beside);
            var start = new ProcessStartInfo(program, ["open", Path]) { RedirectStandardOutput = true };
            start.Environment[GalleryKey.Variable] = Key.ToBase64();
            using var process = Process.Start(start)!;
            Assert.Equal("started", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            await Task.Delay(10 * kill, TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            using (var raw = Raw()) versions.Add(raw.Number("PRAGMA user_version"));
            Assert.Contains(versions[^1], new long[] { 1, SqliteSchema.Version });
            using var gallery = Open();
            AssertWhole(gallery);
        }
        Assert.Contains(1, versions);
    }
}
