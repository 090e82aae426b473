using System.Security.Cryptography;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>What is particular to a gallery in a file: what is opened, what is refused, what a failure leaves.</summary>
public sealed class SqliteGalleryTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Path => _folder["people.db"];

    SqliteGallery Create(SqliteGalleryOptions? options = null)
        => SqliteGallery.Create(Path, KnownPeople.Contract, KnownPeople.Space, options ?? new());

    SqliteGallery Open(SqliteGalleryOptions? options = null) => SqliteGallery.Open(Path, null, options ?? new());

    SqliteDatabase Raw() => new(Path, TimeSpan.FromSeconds(1));

    static NewSample Photo(int person, int photo) => new(KnownPeople.Photo(person, photo));

    string Refused(Func<SqliteGallery> open)
    {
        var before = File.Exists(Path) ? SHA256.HashData(File.ReadAllBytes(Path)) : [];
        using var gallery = default(SqliteGallery);
        var message = Assert.Throws<GalleryException>(() => open().Dispose()).Message;
        Assert.Equal(before, File.Exists(Path) ? SHA256.HashData(File.ReadAllBytes(Path)) : []);
        return message;
    }

    [Fact]
    public void Closed_gallery_is_one_file()
    {
        using (var gallery = Create()) gallery.Enrol(new("Ann"), [Photo(1, 1)]);
        Assert.Equal(["people.db"],
            Directory.GetFileSystemEntries(_folder.Path).Select(System.IO.Path.GetFileName).Where(f => f != "people.db-index"));
    }

    [Fact]
    public void Changes_brought_together_that_fail_are_all_undone()
    {
        using var gallery = Create();
        gallery.Enrol(new("Ann") { ExternalKey = "ann" }, [Photo(1, 1)]);
        Assert.Equal("no", Assert.Throws<InvalidOperationException>(() => gallery.Together(() =>
        {
            gallery.Enrol(new("Bob") { ExternalKey = "bob" }, [Photo(2, 1)]);
            Assert.Equal("bob", gallery.Search([KnownPeople.Photo(2, 1)], 1)[0][0].Person.ExternalKey);
            throw new InvalidOperationException("no");
        })).Message);
        Assert.Null(gallery.FindPerson("bob"));
        Assert.Equal("ann", Assert.Single(gallery.Search([KnownPeople.Photo(2, 1)], 9)[0]).Person.ExternalKey);
        gallery.Enrol(new("Carl") { ExternalKey = "carl" }, [Photo(3, 1)]);
        Assert.Equal("carl", gallery.Search([KnownPeople.Photo(3, 1)], 1)[0][0].Person.ExternalKey);
        Assert.Empty(gallery.Check().Problems);
    }

    [Fact]
    public void Nothing_is_deleted_among_changes_brought_together_and_they_do_not_nest()
    {
        using var gallery = Create();
        var ann = gallery.Enrol(new("Ann"), [Photo(1, 1)])[0];
        Assert.Throws<InvalidOperationException>(() => gallery.Together(() => gallery.DeletePerson(ann.Person.Id)));
        Assert.Throws<InvalidOperationException>(() => gallery.Together(() => gallery.DeleteSample(ann.Sample.Id)));
        Assert.Throws<InvalidOperationException>(() => gallery.Together(() => gallery.Together(() => { })));
        Assert.Equal(1, gallery.Info.Samples);
        gallery.Together(() => gallery.AddPerson(new("Bob")));
        Assert.Equal(2, gallery.Info.Persons);
    }

    [Fact]
    public void Changes_brought_together_on_a_full_disk_are_not_stored_by_halves()
    {
        using (var gallery = Create()) gallery.Enrol(new("Ann") { ExternalKey = "ann" }, [Photo(1, 1)]);
        using (var gallery = Open(new() { MostPages = 40 }))
        {
            var failed = 0;
            Assert.Throws<GalleryException>(() => gallery.Together(() =>
            {
                for (var i = 2; i < 300; i++)
                    try
                    {
                        gallery.Enrol(new($"Person {i}") { ExternalKey = $"p{i}" },
                            [Photo(i, 1) with { Crop = KnownPeople.Crop(new byte[4000]) }]);
                    }
                    catch (GalleryException)
                    {
                        failed++;
                        if (failed == 3) throw;
                    }
            }));
            Assert.Equal(3, failed);
            Assert.Equal((1, 1), (gallery.Info.Persons, gallery.Info.Samples));
            Assert.Single(gallery.Search([KnownPeople.Photo(2, 1)], 9)[0]);
            Assert.Empty(gallery.Check().Problems);
        }
        using var again = Open();
        again.Enrol(new("Bob") { ExternalKey = "bob" }, [Photo(2, 1)]);
        Assert.Empty(again.Check().Problems);
    }

    [Fact]
    public void File_is_for_its_owner_alone()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows knows no such rights");
        using var gallery = Create();
        gallery.Enrol(new("Ann"), [Photo(1, 1)]);
        foreach (var file in Directory.GetFiles(_folder.Path))
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void Existing_file_is_never_created_anew()
    {
        using (var gallery = Create()) gallery.AddPerson(new("Ann"));
        Assert.Contains("exists already", Refused(() => Create()), StringComparison.Ordinal);
        using var again = SqliteGallery.OpenOrCreate(Path, KnownPeople.Contract, KnownPeople.Space, new());
        Assert.Equal(1, again.Info.Persons);
        using var other = SqliteGallery.OpenOrCreate(_folder["other.db"], KnownPeople.Contract, KnownPeople.Space, new());
        Assert.Equal(0, other.Info.Persons);
        Assert.Throws<GalleryContractException>(() => SqliteGallery.OpenOrCreate(Path, KnownPeople.OtherContract, KnownPeople.Space, new()));
    }

    [Fact]
    public void Missing_gallery_and_missing_folder_are_named()
    {
        Assert.Contains("there is no gallery at", Refused(() => Open()), StringComparison.Ordinal);
        Assert.False(File.Exists(Path));
        var refusal = Assert.Throws<GalleryException>(() =>
            SqliteGallery.Create(_folder["none/people.db"], KnownPeople.Contract, KnownPeople.Space, new()));
        Assert.Contains("cannot be created", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Place_that_cannot_be_written_is_named()
    {
        if (!Directory.Exists("/proc/self")) Assert.Skip("there is no /proc, in which nobody can write");
        var refusal = Assert.Throws<GalleryException>(() =>
            SqliteGallery.Create("/proc/people.db", KnownPeople.Contract, KnownPeople.Space, new()));
        Assert.Contains("cannot be created", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("This is a text about people, which is long enough to be taken for the header of a file of a hundred bytes or more, "
        + "if nobody looks.")]
    public void Other_files_are_refused_and_left_alone(string content)
    {
        File.WriteAllText(Path, content);
        Assert.Contains("is not a gallery", Refused(() => Open()), StringComparison.Ordinal);
    }

    [Fact]
    public void Database_of_another_program_is_refused_and_left_alone()
    {
        File.WriteAllBytes(Path, []);
        using (var database = Raw()) database.Script("CREATE TABLE accounts (id INTEGER); INSERT INTO accounts VALUES (1)");
        Assert.Contains("another program", Refused(() => Open()), StringComparison.Ordinal);
        Assert.Contains("another program",
            Refused(() => SqliteGallery.OpenOrCreate(Path, KnownPeople.Contract, KnownPeople.Space, new())), StringComparison.Ordinal);
    }

    [Fact]
    public void Newer_version_is_refused()
    {
        Create().Dispose();
        using (var database = Raw()) database.Script("PRAGMA user_version = 99");
        var message = Refused(() => Open());
        Assert.Contains("newer EdgeFace", message, StringComparison.Ordinal);
        Assert.Contains("99", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Older_version_is_brought_up_in_one_transaction_or_not_at_all()
    {
        using (var gallery = Create()) gallery.Enrol(new("Ann"), [Photo(1, 1)]);
        using (var database = Raw())
        {
            IReadOnlyList<SqliteSchema.Step> good = [.. SqliteSchema.Steps, (d, _) => d.Script("ALTER TABLE persons ADD COLUMN nickname TEXT")];
            IReadOnlyList<SqliteSchema.Step> broken = [.. good, (d, _) => d.Script("INSERT INTO nowhere VALUES (1)")];
            Assert.Throws<GalleryException>(() => SqliteSchema.Upgrade(database, broken, null));
            Assert.Equal(SqliteSchema.Version, database.Number("PRAGMA user_version"));
            Assert.Equal(0, database.Number("SELECT count(*) FROM pragma_table_info('persons') WHERE name = 'nickname'"));
            Assert.True(SqliteSchema.Upgrade(database, good, null));
            Assert.False(SqliteSchema.Upgrade(database, good, null));
            Assert.Equal(SqliteSchema.Version + 1, database.Number("PRAGMA user_version"));
            Assert.Equal(1, database.Number("SELECT count(*) FROM persons WHERE nickname IS NULL"));
            Assert.Equal(1, database.Number("SELECT count(*) FROM audit WHERE action = 'migrate'"));
            database.Script($"ALTER TABLE persons DROP COLUMN nickname; PRAGMA user_version = {SqliteSchema.Version}");
        }
        using var opened = Open();
        Assert.Equal("Ann", opened.Persons().Single().Name);
    }

    [Fact]
    public void Truncated_or_damaged_file_is_refused_or_found_by_the_check()
    {
        using (var gallery = Create())
            for (var p = 0; p < 40; p++)
                gallery.Enrol(new($"person {p}") { Metadata = $$"""{"note":"{{new string('n', 300)}}"}""" },
                    [Photo(p, 1) with { Crop = KnownPeople.Crop(new byte[500]) }]);
        File.Delete(Path + "-index");
        var whole = File.ReadAllBytes(Path);
        var random = new Random(11);
        for (var i = 0; i < 60; i++)
        {
            var damaged = whole.ToArray();
            if (i < 30) Array.Resize(ref damaged, whole.Length * i / 30);
            else random.NextBytes(damaged.AsSpan(random.Next(damaged.Length - 600), 600));
            File.WriteAllBytes(Path, damaged);
            foreach (var beside in new[] { "-wal", "-shm", "-index" }) File.Delete(Path + beside);
            string? found = null;
            try
            {
                using var gallery = Open();
                found = string.Join('\n', gallery.Check().Problems);
                foreach (var person in gallery.Persons()) gallery.Samples(person.Id);
            }
            catch (GalleryException e)
            {
                found += e.Message;
            }
            // Random bytes may fall into free space or into a text, which SQLite cannot know.
            if (i < 30) Assert.False(string.IsNullOrEmpty(found), $"cut after {damaged.Length} of {whole.Length} bytes");
        }
    }

    [Fact]
    public void Full_disk_refuses_and_keeps_what_was_acknowledged()
    {
        Create().Dispose();
        var acknowledged = new List<(long Person, long Sample)>();
        using (var gallery = Open(new() { MostPages = 60 }))
        {
            string? message = null;
            for (var p = 0; message is null && p < 1000; p++)
                try
                {
                    var enrolment = gallery.Enrol(new($"person {p}"), [Photo(p, 1) with { Crop = KnownPeople.Crop(new byte[3000]) }])[0];
                    acknowledged.Add((enrolment.Person.Id, enrolment.Sample.Id));
                }
                catch (GalleryException e)
                {
                    message = e.Message;
                }
            Assert.Contains("the disk is full", message, StringComparison.Ordinal);
            Assert.NotEmpty(acknowledged);
            Assert.Equal(acknowledged.Select(a => a.Person), gallery.Persons().Select(p => p.Id));
            Assert.Equal(acknowledged[^1].Person, gallery.Search([KnownPeople.Photo(acknowledged.Count - 1, 1)], 1)[0][0].Person.Id);
            // What makes room works.
            Assert.Equal(1, gallery.DeletePerson(acknowledged[0].Person).Samples);
        }
        using var again = Open();
        Assert.Empty(again.Check().Problems);
        Assert.Equal(acknowledged.Skip(1).Select(a => a.Person), again.Persons().Select(p => p.Id));
        again.Enrol(new("after"), [Photo(5000, 1)]);
    }

    [Fact]
    public void Writer_elsewhere_is_waited_for_and_then_named()
    {
        using var gallery = Create(new() { BusyTimeout = TimeSpan.FromMilliseconds(50) });
        gallery.Enrol(new("Ann"), [Photo(1, 1)]);
        using (var other = Raw())
        {
            other.Script("BEGIN IMMEDIATE");
            Assert.Contains("another process",
                Assert.Throws<GalleryException>(() => gallery.AddPerson(new("Bob"))).Message, StringComparison.Ordinal);
            // Whoever only reads is not held up.
            Assert.Equal("Ann", gallery.Search([KnownPeople.Photo(1, 2)], 1)[0][0].Person.Name);
            Assert.Empty(gallery.Check().Problems);
        }
        gallery.AddPerson(new("Bob"));
        Assert.Equal(2, gallery.Info.Persons);
    }

    [Theory]
    [InlineData("UPDATE samples SET coordinates = zeroblob(length(coordinates)) WHERE id = 2", "sample 2 has coordinates of length 0")]
    [InlineData("UPDATE samples SET coordinates = x'0102' WHERE id = 2", "sample 2 has 2 bytes of coordinates")]
    [InlineData("UPDATE samples SET person_id = 99 WHERE id = 2", "row 2 of samples belongs to a row of persons that is not there")]
    [InlineData("DELETE FROM persons WHERE id = 1", "belongs to a row of persons that is not there")]
    [InlineData("UPDATE state SET samples = 7", "but 2, 7 and 0 were counted")]
    [InlineData("UPDATE persons SET name = 'Eve' WHERE id = 1", "person 1 cannot be found by name")]
    [InlineData("INSERT INTO crops VALUES (77, x'00')", "row 77 of crops belongs to a row of samples that is not there")]
    public void Check_finds(string change, string problem)
    {
        using (var gallery = Create())
        {
            gallery.Enrol(new("Ann"), [Photo(1, 1)]);
            gallery.Enrol(new("Bob"), [Photo(2, 1)]);
            Assert.Empty(gallery.Check().Problems);
        }
        File.Delete(Path + "-index");
        using (var database = Raw()) database.Script("PRAGMA foreign_keys = OFF; " + change);
        string[] problems;
        try
        {
            using var gallery = Open();
            problems = [.. gallery.Check().Problems];
        }
        catch (GalleryException e)
        {
            problems = [e.Message];
        }
        Assert.Contains(problems, p => p.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Check_finds_what_the_search_does_not_see()
    {
        using var gallery = Create();
        gallery.Enrol(new("Ann"), [Photo(1, 1), Photo(1, 2)]);
        // Behind the back of the index: a number that it has passed already.
        using (var database = Raw()) database.Script("DELETE FROM samples WHERE id = 1; UPDATE samples SET id = 1 WHERE id = 2");
        Assert.Contains(gallery.Check().Problems, p => p.Contains("the search does not see sample 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Index_file_is_taken_where_it_fits_and_missed_by_nobody()
    {
        SqliteGalleryOptions options = new() { IndexFileFrom = 1 };
        var index = Path + "-index";
        using (var gallery = Create(options))
            for (var p = 0; p < 50; p++) gallery.Enrol(new($"person {p}"), [Photo(p, 1)]);
        var current = File.ReadAllBytes(index);
        var before = File.GetLastWriteTimeUtc(index);
        Use();
        // Neither an opening nor a search writes it.
        Assert.Equal(before, File.GetLastWriteTimeUtc(index));
        foreach (var damaged in new[] { [], current[..^1], current[..40], [.. current[..200], (byte)(current[200] ^ 1), .. current[201..]] })
        {
            File.WriteAllBytes(index, damaged);
            Use();
            Assert.Equal(current, File.ReadAllBytes(index));
        }
        File.Delete(index);
        Use();
        // One of another state, as after a process that was killed: the person who came and the one who went are followed.
        using (var gallery = Open(options))
        {
            gallery.DeletePerson(50);
            Assert.False(File.Exists(index));
            gallery.Enrol(new("person 49"), [Photo(49, 1)]);
        }
        Assert.True(File.Exists(index));
        File.WriteAllBytes(index, current);
        Use();
        Assert.NotEqual(current, File.ReadAllBytes(index));

        void Use()
        {
            using var gallery = Open(options);
            foreach (var p in new[] { 0, 31, 49 }) Assert.Equal($"person {p}", gallery.Search([KnownPeople.Photo(p, 2)], 1)[0][0].Person.Name);
            Assert.Empty(gallery.Check().Problems);
        }
    }

    [Fact]
    public void Names_that_mean_something_to_SQLite_are_files_all_the_same()
    {
        foreach (var name in new[] { "file:people.db", "a b;Mode=Memory.db", "%41?mode=memory" })
        {
            using (var gallery = SqliteGallery.Create(_folder[name], KnownPeople.Contract, KnownPeople.Space, new()))
                gallery.AddPerson(new("Ann"));
            Assert.True(new FileInfo(_folder[name]).Length > 0);
            using var again = SqliteGallery.Open(_folder[name], null, new());
            Assert.Equal(1, again.Info.Persons);
        }
    }

    [Theory, InlineData("-wal"), InlineData("-journal")]
    public void Log_of_a_gallery_that_is_gone_is_named_and_not_brought_into_a_new_one(string which)
    {
        File.WriteAllBytes(Path + which, []);
        using (var gallery = Create()) gallery.AddPerson(new("Ann"));
        File.Delete(Path);
        File.WriteAllBytes(Path + which, new byte[100]);
        foreach (var create in new Action[]
        {
            () => Create(),
            () => SqliteGallery.OpenOrCreate(Path, KnownPeople.Contract, KnownPeople.Space, new()),
        })
        {
            var refused = Assert.Throws<GalleryException>(create);
            Assert.Contains($"people.db{which} holds changes of a gallery that is not there any more", refused.Message, StringComparison.Ordinal);
            Assert.Equal(ErrorKind.Request, refused.Kind);
        }
        Assert.Equal([$"people.db{which}"], Directory.GetFiles(_folder.Path).Select(System.IO.Path.GetFileName));
    }
}
