using System.Security.Cryptography;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>A gallery that is only read: because it was asked for, or because nothing can be written.</summary>
public sealed class SqliteReadOnlyTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    void Fill(GalleryKey? key = null)
    {
        using var gallery = SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, new() { Key = key });
        for (var p = 0; p < 3; p++)
            gallery.Enrol(new($"person {p}") { ExternalKey = $"key {p}" }, [new(KnownPeople.Photo(p, 1)) { Crop = KnownPeople.Crop() }]);
    }

    static SqliteGallery Open(string path, GalleryAccess access, GalleryKey? key = null)
        => SqliteGallery.Open(path, KnownPeople.Contract, new() { Access = access, Key = key });

    static Dictionary<string, string> Content(string folder)
        => Directory.GetFiles(folder).ToDictionary(f => f, f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f))));

    static void AssertReads(SqliteGallery gallery, int persons = 3)
    {
        Assert.True(gallery.IsReadOnly);
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal(persons, gallery.Info.Persons);
        Assert.Equal(Enumerable.Range(0, persons).Select(p => $"person {p}"), gallery.Persons().Select(p => p.Name));
        Assert.Equal(2, gallery.FindPerson("key 1")!.Id);
        Assert.Single(gallery.Samples(1));
        Assert.Equal(KnownPeople.Crop().Length, gallery.Crop(1)!.Length);
        Assert.Equal("create", gallery.Audit()[0].Action);
        Assert.Equal($"person {persons - 1}", gallery.Search([KnownPeople.Photo(persons - 1, 2)], 1)[0][0].Person.Name);
    }

    static void AssertRefusesChanges(SqliteGallery gallery, string because)
    {
        foreach (var (change, named) in new (Action, string)[]
                 {
                     (() => gallery.AddPerson(new("x")), "to add somebody"),
                     (() => gallery.UpdatePerson(1, new("x")), "to change somebody"),
                     (() => gallery.Enrol(1, new(KnownPeople.Photo(0, 3))), "to enrol somebody"),
                     (() => gallery.Enrol(new("x"), [new(KnownPeople.Photo(7, 3))]), "to enrol somebody"),
                     (() => gallery.Together(() => { }), "to bring changes together"),
                     (() => gallery.DeletePerson(1), "to delete somebody"),
                     (() => gallery.DeletePersons([1, 2]), "to delete somebody"),
                     (() => gallery.DeleteSample(1), "to delete somebody"),
                     (() => gallery.ChangeKey(GalleryKey.Generate()), "to change its key"),
                 })
        {
            var refused = Assert.Throws<GalleryException>(change).Message;
            Assert.Contains("is open for reading only", refused, StringComparison.Ordinal);
            Assert.Contains(because, refused, StringComparison.Ordinal);
            Assert.Contains(named, refused, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Asked_for_it_touches_no_file_and_refuses_every_change(bool encrypted)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        Fill(key);
        var before = Content(_folder.Path);
        using (var gallery = Open(Path, GalleryAccess.ReadOnly, key))
        {
            AssertReads(gallery);
            AssertRefusesChanges(gallery, "as was asked for");
            Assert.Equal(before, Content(_folder.Path));
        }
        Assert.Equal(before, Content(_folder.Path));
    }

    [Fact]
    public void Where_it_can_be_written_nothing_is_lost_by_asking_for_both()
    {
        Fill();
        using var gallery = Open(Path, GalleryAccess.ReadWriteIfPossible);
        Assert.False(gallery.IsReadOnly);
        gallery.AddPerson(new("Ann"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void On_a_read_only_file_system_it_is_read(bool encrypted)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        Fill(key);
        using var mounted = MountedFolder.Of(_folder.Path);
        mounted.Protect();
        var path = mounted["people.db"];
        var refused = Assert.Throws<GalleryException>(() => Open(path, GalleryAccess.ReadWrite, key));
        Assert.Equal(ErrorKind.Machine, refused.Kind);
        Assert.Contains("must be allowed to write the file and its folder", refused.Message, StringComparison.Ordinal);
        foreach (var access in new[] { GalleryAccess.ReadWriteIfPossible, GalleryAccess.ReadOnly })
            using (var gallery = Open(path, access, key))
            {
                AssertReads(gallery);
                AssertRefusesChanges(gallery, access == GalleryAccess.ReadOnly ? "as was asked for" : "cannot be written");
                Assert.Equal(3, GalleryExport.Write(gallery, _folder[$"export-{access}"], null, TestContext.Current.CancellationToken).Samples);
            }
    }

    [Fact]
    public void On_a_full_disk_it_is_read()
    {
        Fill();
        using var mounted = MountedFolder.OfSize(1000);
        File.Copy(Path, mounted["people.db"]);
        mounted.Fill();
        using var gallery = Open(mounted["people.db"], GalleryAccess.ReadWriteIfPossible);
        AssertReads(gallery);
    }

    [Fact]
    public void Beside_a_process_that_writes_it_sees_what_that_did()
    {
        Fill();
        using var writer = Open(Path, GalleryAccess.ReadWrite);
        writer.AddPerson(new("before"));
        using var gallery = Open(Path, GalleryAccess.ReadOnly);
        Assert.Equal(4, gallery.Info.Persons);
        writer.Enrol(new("after"), [new(KnownPeople.Photo(8, 1))]);
        Assert.Equal("after", gallery.Search([KnownPeople.Photo(8, 2)], 1)[0][0].Person.Name);
    }

    [Fact]
    public void Read_without_locks_it_says_when_another_process_changed_it()
    {
        Fill();
        using var gallery = Open(Path, GalleryAccess.ReadOnly);
        Assert.Equal(3, gallery.Info.Persons);
        using (var writer = Open(Path, GalleryAccess.ReadWrite))
        {
            writer.AddPerson(new("late"));
            Assert.Contains("open it anew", Assert.Throws<GalleryException>(() => gallery.Info).Message, StringComparison.Ordinal);
        }
        Assert.Contains("open it anew", Assert.Throws<GalleryException>(() => gallery.Persons()).Message, StringComparison.Ordinal);
        using var anew = Open(Path, GalleryAccess.ReadOnly);
        Assert.Equal(4, anew.Info.Persons);
    }

    /// <summary>As after a process was killed: its last changes lie in the log.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Log_that_was_left_is_read_with_its_shared_memory_and_named_without(bool hasSharedMemory)
    {
        Fill();
        using var left = new TempFolder();
        using (var writer = Open(Path, GalleryAccess.ReadWrite))
        {
            writer.Enrol(new("person 3") { ExternalKey = "key 3" }, [new(KnownPeople.Photo(3, 1))]);
            foreach (var beside in hasSharedMemory ? ["", "-wal", "-shm"] : new[] { "", "-wal" })
                File.Copy(Path + beside, left["people.db"] + beside);
        }
        using var mounted = MountedFolder.Of(left.Path);
        mounted.Protect();
        foreach (var access in new[] { GalleryAccess.ReadWriteIfPossible, GalleryAccess.ReadOnly })
            if (hasSharedMemory)
            {
                using var gallery = Open(mounted["people.db"], access);
                AssertReads(gallery, 4);
            }
            else
            {
                var refused = Assert.Throws<GalleryException>(() => Open(mounted["people.db"], access));
                Assert.Equal(ErrorKind.Machine, refused.Kind);
                Assert.Contains("its last changes lie in people.db-wal", refused.Message, StringComparison.Ordinal);
            }
    }

    /// <summary>As after a re-embedding was killed: some pages are of one model, some of another, until the journal is rolled back.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Change_that_was_cut_off_is_never_read_and_the_journal_is_named(bool isProtected)
    {
        Fill();
        using var left = new TempFolder();
        using (var raw = new SqliteDatabase(Path, TimeSpan.FromSeconds(1)))
        {
            raw.SetJournal("delete");
            // So that pages are written before the end.
            raw.Script("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE; "
                + "UPDATE samples SET coordinates = zeroblob(length(coordinates))");
            raw.Script("UPDATE crops SET picture = zeroblob(20000)");
            foreach (var beside in new[] { "", "-journal" }) File.Copy(Path + beside, left["people.db"] + beside);
            raw.Script("ROLLBACK");
        }
        Assert.True(new FileInfo(left["people.db-journal"]).Length > 0);
        var before = Content(left.Path);
        using var mounted = isProtected ? MountedFolder.Of(left.Path) : null;
        mounted?.Protect();
        var path = mounted?["people.db"] ?? left["people.db"];
        foreach (var access in isProtected ? [GalleryAccess.ReadWriteIfPossible, GalleryAccess.ReadOnly] : new[] { GalleryAccess.ReadOnly })
        {
            var refused = Assert.Throws<GalleryException>(() => Open(path, access));
            Assert.Equal(ErrorKind.Machine, refused.Kind);
            Assert.Contains("lies in people.db-journal", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, Content(left.Path));
        if (isProtected) return;
        Open(path, GalleryAccess.ReadWrite).Dispose();
        using var gallery = Open(path, GalleryAccess.ReadOnly);
        AssertReads(gallery);
    }

    [Fact]
    public void Read_without_locks_it_says_when_another_process_has_begun_a_change()
    {
        Fill();
        using var gallery = Open(Path, GalleryAccess.ReadOnly);
        File.WriteAllText(Path + "-journal", "what was there before");
        Assert.Contains("open it anew", Assert.Throws<GalleryException>(() => gallery.Info).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_without_shared_memory_is_refused_and_no_file_made_where_one_could_be()
    {
        Fill();
        using var left = new TempFolder();
        using (var writer = Open(Path, GalleryAccess.ReadWrite))
        {
            writer.AddPerson(new("late"));
            foreach (var beside in new[] { "", "-wal" }) File.Copy(Path + beside, left["people.db"] + beside);
        }
        var before = Content(left.Path);
        var refused = Assert.Throws<GalleryException>(() => Open(left["people.db"], GalleryAccess.ReadOnly));
        Assert.Equal(ErrorKind.Machine, refused.Kind);
        Assert.Contains("its last changes lie in people.db-wal", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Content(left.Path));
    }
}
