using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>Backups of a gallery in use, and what is made of them.</summary>
public sealed class SqliteBackupTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    string Copy => _folder["backup.db"];

    SqliteGallery Create(GalleryKey? key = null) => SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new() { Key = key });

    static NewSample Photo(int person, int photo) => new(KnownPeople.Photo(person, photo));

    IEnumerable<string> Files => Directory.GetFiles(_folder.Path).Select(f => System.IO.Path.GetFileName(f)!).Order();

    [Theory, InlineData(false), InlineData(true)]
    public async Task Backup_while_people_come_and_go_is_the_gallery_of_some_moment(bool encrypted)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        using var gallery = Create(key);
        gallery.Enrol(new("forgotten one"), [Photo(999, 1)]);
        Assert.True(gallery.DeletePerson(1).Cleared);
        for (var p = 0; p < 40; p++) gallery.Enrol(new($"person {p}"), [Photo(p, 1) with { Crop = KnownPeople.Crop(new byte[500]) }]);
        using var stop = new CancellationTokenSource();
        var enrolling = Task.Run(() =>
        {
            // People come in pairs.
            var pair = 100;
            for (; !stop.IsCancellationRequested; pair += 2)
                gallery.Together(() =>
                {
                    gallery.Enrol(new($"left {pair}"), [Photo(pair, 1)]);
                    gallery.Enrol(new($"right {pair}"), [Photo(pair + 1, 1)]);
                });
        }, TestContext.Current.CancellationToken);
        for (var round = 0; round < 3; round++)
        {
            var before = gallery.Info.Persons;
            var copied = gallery.Backup(Copy);
            var after = gallery.Info.Persons;
            Assert.InRange(copied.Persons, before, after);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Copy));
            Assert.DoesNotContain(Files,
                f => f.EndsWith(".partial", StringComparison.Ordinal) || f.StartsWith("backup.db-", StringComparison.Ordinal));
            Assert.Equal(-1, File.ReadAllBytes(Copy).AsSpan().IndexOf("forgotten one"u8));
            Assert.Equal(encrypted, File.ReadAllBytes(Copy).AsSpan().IndexOf("person 7"u8) < 0);
            using (var opened = SqliteGallery.Open(Copy, KnownPeople.Contract, new() { Key = key, Access = GalleryAccess.ReadOnly }))
            {
                Assert.Empty(opened.Check().Problems);
                Assert.Equal(copied.Persons, opened.Info.Persons);
                Assert.Equal(0, copied.Persons % 2);
                Assert.Equal("person 7", opened.Search([KnownPeople.Photo(7, 2)], 1)[0][0].Person.Name);
            }
            if (encrypted) Assert.Throws<GalleryException>(() => SqliteGallery.Open(Copy, null, new() { Key = GalleryKey.Generate() }));
            Assert.Contains("exists already", Assert.Throws<GalleryException>(() => gallery.Backup(Copy)).Message, StringComparison.Ordinal);
            File.Delete(Copy);
        }
        await stop.CancelAsync();
        await enrolling;
        Assert.Empty(gallery.Check().Problems);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Restored_gallery_is_the_backup_and_whoever_has_the_former_open_is_told(bool encrypted)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        SqliteGalleryOptions options = new() { Key = key };
        using var gallery = Create(key);
        gallery.Enrol(new("Ann") { ExternalKey = "a" }, [Photo(1, 1)]);
        gallery.Backup(Copy);
        gallery.Enrol(new("Bob"), [Photo(2, 1)]);
        var refused = Assert.Throws<GalleryException>(() => SqliteGallery.Restore(Copy, Path, options));
        Assert.Contains("exists already", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.Request, refused.Kind);
        Assert.Equal(2, gallery.Info.Persons);
        Assert.Equal((1L, 1L), SqliteGallery.Restore(Copy, Path, options, overwrite: true) is var r ? (r.Persons, r.Samples) : default);
        foreach (var use in new Action[]
        {
            () => gallery.Search([KnownPeople.Photo(1, 1)], 1),
            () => gallery.FindPerson(1),
            () => gallery.Enrol(new("Cid"), [Photo(3, 1)]),
            () => gallery.Backup(_folder["late.db"]),
        })
            Assert.Contains("was replaced", Assert.Throws<GalleryException>(use).Message, StringComparison.Ordinal);
        gallery.Dispose();
        using (var opened = SqliteGallery.Open(Path, KnownPeople.Contract, options))
        {
            Assert.Equal("Ann", Assert.Single(opened.Persons()).Name);
            Assert.Equal("restore", opened.Audit()[^1].Action);
            // Bob's number is given anew, to somebody whom he is not.
            Assert.Equal(2, opened.Enrol(new("Cid"), [Photo(3, 1)])[0].Person.Id);
            Assert.Equal("Cid", opened.Search([KnownPeople.Photo(3, 2)], 1)[0][0].Person.Name);
            Assert.Empty(opened.Check().Problems);
        }
        Assert.Equal(1, SqliteGallery.Restore(Copy, _folder["new.db"], options).Persons);
        using var beside = SqliteGallery.Open(_folder["new.db"], null, options);
        Assert.Equal("Ann", beside.FindPerson("a")!.Name);
        Assert.DoesNotContain(Files, f => f.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public void Damaged_backup_is_refused_and_nothing_is_lost()
    {
        using (var gallery = Create())
        {
            for (var p = 0; p < 40; p++) gallery.Enrol(new($"person {p}"), [Photo(p, 1) with { Crop = KnownPeople.Crop(new byte[500]) }]);
            gallery.Backup(Copy);
        }
        var (whole, former) = (File.ReadAllBytes(Copy), File.ReadAllBytes(Path));
        List<byte[]> damaged = [[], whole[..10_000], [.. whole[..^5000]]];
        var turned = whole.ToArray();
        turned.AsSpan(3 * 4096, 4096).Reverse();
        damaged.Add(turned);
        using (var raw = new SqliteDatabase(Copy, TimeSpan.FromSeconds(1)))
            raw.Script("UPDATE samples SET coordinates = zeroblob(128) WHERE id = 7");
        damaged.Add(File.ReadAllBytes(Copy));
        foreach (var bytes in damaged)
        {
            File.WriteAllBytes(Copy, bytes);
            foreach (var to in new[] { Path, _folder["new.db"] })
                Assert.Equal(ErrorKind.Input,
                    Assert.Throws<GalleryException>(() => SqliteGallery.Restore(Copy, to, new(), overwrite: true)).Kind);
            Assert.Equal(["backup.db", "people.db"], Files);
            Assert.Equal(former, File.ReadAllBytes(Path));
        }
        File.WriteAllBytes(Copy, whole);
        Assert.Throws<GalleryException>(() => SqliteGallery.Restore(Copy, Path, new() { Key = GalleryKey.Generate() }, overwrite: true));
        Assert.Contains("no gallery at", Assert.Throws<GalleryException>(
            () => SqliteGallery.Restore(_folder["none.db"], Path, new(), overwrite: true)).Message, StringComparison.Ordinal);
        Assert.Contains("the backup itself", Assert.Throws<GalleryException>(
            () => SqliteGallery.Restore(Copy, Copy, new(), overwrite: true)).Message, StringComparison.Ordinal);
        Assert.Equal(former, File.ReadAllBytes(Path));
    }

    [Fact]
    public void Damaged_gallery_is_overwritten_and_what_is_none_is_left_alone()
    {
        using (var gallery = Create())
        {
            gallery.Enrol(new("Ann"), [Photo(1, 1)]);
            gallery.Backup(Copy);
        }
        using (var raw = new SqliteDatabase(Path, TimeSpan.FromSeconds(1))) raw.Script("DROP TABLE crops; UPDATE samples SET coordinates = x'00'");
        SqliteGallery.Restore(Copy, Path, new(), overwrite: true);
        using (var opened = SqliteGallery.Open(Path, null, new())) Assert.Empty(opened.Check().Problems);
        var other = _folder["notes.txt"];
        File.WriteAllText(other, "What somebody wrote, and named by mistake: it is longer than the header of a file of a hundred bytes.");
        var refused = Assert.Throws<GalleryException>(() => SqliteGallery.Restore(Copy, other, new(), overwrite: true));
        Assert.Contains("is not a gallery", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("What somebody wrote", File.ReadAllText(other), StringComparison.Ordinal);
    }
}
