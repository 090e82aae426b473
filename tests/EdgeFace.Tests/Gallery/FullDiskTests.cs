using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>
/// Small file systems of many sizes: whatever is written is whole or not there, what was acknowledged stays,
/// and the message says what happened.
/// </summary>
public sealed class FullDiskTests
{
    const int Room = 4000;

    static readonly string[] Said = ["disk is full", "No space left", "disk refused to read or write"];

    static void AssertSaid(Exception e)
    {
        Assert.Equal(ErrorKind.Machine, EdgeFaceException.KindOf(e));
        Assert.True(Array.Exists(Said, s => e.Message.Contains(s, StringComparison.Ordinal)), e.Message);
        Assert.DoesNotContain("somebody else", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".partial", e.Message, StringComparison.Ordinal);
    }

    static NewSample Photo(int person, int photo = 1) => new(KnownPeople.Photo(person, photo)) { Crop = KnownPeople.Crop(new byte[2967]) };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void New_gallery_is_whole_or_not_there(bool encrypted, bool ext4)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        int failed = 0, made = 0;
        for (var left = 0; left <= 300; left += 12)
        {
            using var disk = ext4 ? MountedFolder.Ext4(Room) : MountedFolder.OfSize(Room);
            var path = disk["people.db"];
            var before = Directory.GetFileSystemEntries(disk.Path);
            var filler = disk.Fill(left);
            try
            {
                SqliteGallery.Create(path, KnownPeople.Contract, KnownPeople.Space, new() { Key = key }).Dispose();
                made++;
            }
            catch (GalleryException e)
            {
                failed++;
                AssertSaid(e);
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
                Assert.Equal([.. before, filler], Directory.GetFileSystemEntries(disk.Path).Order().OrderBy(f => f == filler));
                File.Delete(filler);
                SqliteGallery.Create(path, KnownPeople.Contract, KnownPeople.Space, new() { Key = key }).Dispose();
            }
            File.Delete(filler);
            using var gallery = SqliteGallery.Open(path, null, new() { Key = key });
            gallery.Enrol(new("Ann"), [Photo(1)]);
            Assert.Empty(gallery.Check().Problems);
        }
        Assert.True(failed > 3 && made > 3, $"{failed} failed, {made} were made");
    }

    public static TheoryData<string> Changes => [.. Work.Keys];

    /// <summary>What is done with a gallery of twenty people; each of these may fail or be done, but not by half.</summary>
    static readonly Dictionary<string, Action<string, SqliteGalleryOptions>> Work = new()
    {
        ["enrol"] = (path, options) =>
        {
            using var gallery = SqliteGallery.Open(path, null, options);
            gallery.Enrol(new("new") { ExternalKey = "new" }, [Photo(50), Photo(50, 2), Photo(50, 3)]);
        },
        ["together"] = (path, options) =>
        {
            using var gallery = SqliteGallery.Open(path, null, options);
            gallery.Together(() =>
            {
                for (var p = 50; p < 70; p++) gallery.Enrol(new("new"), [Photo(p)]);
            });
        },
        ["update"] = (path, options) =>
        {
            using var gallery = SqliteGallery.Open(path, null, options);
            var metadata = $$"""{"a":"{{new string('a', 20000)}}"}""";
            for (var p = 1; p < 5; p++)
                gallery.UpdatePerson(p, new($"person {p - 1}") { ExternalKey = $"key {p - 1}", Metadata = metadata });
        },
        ["delete"] = (path, options) =>
        {
            using var gallery = SqliteGallery.Open(path, null, options);
            gallery.DeletePersons([11, 12, 13]);
        },
        ["change key"] = (path, options) =>
        {
            using var gallery = SqliteGallery.Open(path, null, options);
            gallery.ChangeKey(options.Key!);
        },
        ["reembed"] = (path, options) => SqliteGallery.Reembed(path, options, KnownPeople.Contract, KnownPeople.Space,
            batch => [.. batch.Select(s => KnownPeople.Photo((int)s.Sample.PersonId - 1, 1))], false),
        ["export"] = (path, options) =>
        {
            using var gallery = SqliteGallery.Open(path, null, options with { Access = GalleryAccess.ReadWriteIfPossible });
            GalleryExport.Write(gallery, path + "-export");
        },
        ["import"] = (path, options) =>
        {
            using var gallery = SqliteGallery.Open(path, null, options);
            GalleryImport.Read(gallery, System.IO.Path.GetFullPath(System.IO.Path.Combine(path, "../../export")));
        },
        ["replace"] = (path, options) =>
        {
            File.Copy(path, path + "-other");
            SqliteGallery.Replace(path, path + "-other");
        },
        ["index"] = (path, options) =>
        {
            using (var gallery = SqliteGallery.Open(path, null, options with { IndexFileFrom = 1 })) gallery.DeleteSample(20);
            SqliteGallery.Open(path, null, options with { IndexFileFrom = 1 }).Dispose();
        },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Nothing_acknowledged_is_lost(string change)
    {
        var key = change == "change key" ? GalleryKey.Generate() : null;
        var options = new SqliteGalleryOptions { Key = key, BusyTimeout = TimeSpan.FromMilliseconds(50) };
        using var origin = new TempFolder();
        using (var gallery = SqliteGallery.Create(origin["people.db"], KnownPeople.Contract, KnownPeople.Space, options))
            for (var p = 0; p < 20; p++) gallery.Enrol(new($"person {p}") { ExternalKey = $"key {p}" }, [Photo(p)]);
        int failed = 0, done = 0;
        foreach (var left in new[] { 0, 4, 16, 32, 36, 44, 60, 80, 110, 150, 220, 300, 500, 1500 })
        {
            using var disk = MountedFolder.OfSize(Room);
            var path = disk["people.db"];
            File.Copy(origin["people.db"], path);
            if (change == "import") PrepareImport(disk, options);
            var filler = disk.Fill(left);
            try
            {
                Work[change](path, options);
                done++;
            }
            catch (Exception e) when (e is GalleryException or IOException)
            {
                failed++;
                AssertSaid(e);
            }
            File.Delete(filler);
            Assert.False(Directory.Exists(path + "-export") && !File.Exists(System.IO.Path.Combine(path + "-export", "gallery.json")));
            Assert.DoesNotContain(Directory.GetFileSystemEntries(disk.Path), f => f.EndsWith(".partial", StringComparison.Ordinal));
            using var gallery = SqliteGallery.Open(path, null, options);
            Assert.Empty(gallery.Check().Problems);
            for (var p = 0; p < 10; p++)
            {
                var found = gallery.Search([KnownPeople.Photo(p, 1)], 1)[0][0];
                Assert.Equal(($"person {p}", $"key {p}"), (found.Person.Name, found.Person.ExternalKey));
                Assert.Equal(3000, gallery.Crop(found.SampleId)!.Length);
            }
            gallery.Enrol(new("after"), [Photo(90)]);
        }
        Assert.True(failed > 0 && done > 0, $"{failed} failed, {done} were done");
    }

    static void PrepareImport(MountedFolder disk, SqliteGalleryOptions options)
    {
        var other = System.IO.Path.GetFullPath(disk["../other.db"]);
        using var gallery = SqliteGallery.Create(other, KnownPeople.Contract, KnownPeople.Space, options);
        for (var p = 50; p < 70; p++) gallery.Enrol(new($"brought {p}"), [Photo(p)]);
        GalleryExport.Write(gallery, System.IO.Path.GetFullPath(disk["../export"]));
    }

    [Fact]
    public void New_key_is_whole_or_not_there()
    {
        using var disk = MountedFolder.OfSize(64);
        var filler = disk.Fill();
        ToolRun.Of("gallery", "new-key", "-o", disk["key"]).Fails(3, "No space left", disk["key"]);
        Assert.Equal([filler], Directory.GetFileSystemEntries(disk.Path));
        File.Delete(filler);
        ToolRun.Of("gallery", "new-key", "-o", disk["key"]).Succeeds();
        GalleryKey.FromFile(disk["key"]);
    }

    [Fact]
    public void Converted_model_is_whole_or_not_there()
    {
        foreach (var size in new[] { 8, 200, 1000 })
        {
            using var disk = MountedFolder.OfSize(size);
            ToolRun.Of("models", "convert", TestData.Model("edgeface-xs-distilled.efw"), disk["model.efw"]).Fails(3, "No space left");
            Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
        }
    }

    [Fact]
    public void Enrolment_that_cannot_make_its_gallery_leaves_none()
    {
        using var disk = MountedFolder.OfSize(200);
        ToolRun.Of("enroll", TestData.Sample("adam-1.jpg"), "--name", "Adam", "--gallery", disk["people.db"]).Fails(3, "people.db", "disk is full");
        Assert.Empty(Directory.GetFileSystemEntries(disk.Path));
    }
}
