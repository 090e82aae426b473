using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using static EdgeFace.Tests.Gallery.Postgres.PostgresDatabaseTools;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>Merged people in PostgreSQL: older tables, other servers, several processes, and what is damaged.</summary>
public sealed class PostgresMergeTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Makes the present tables those of a version before there were merges.</summary>
    public static string Former(int version)
        => $"ALTER TABLE edgeface.persons DROP COLUMN merged_into; DROP TABLE edgeface.moves; UPDATE edgeface.gallery SET version = {version}";

    [Fact]
    public void Gallery_of_the_former_version_is_brought_up_and_merges()
    {
        var database = server.NewDatabase();
        string before;
        using (var gallery = NewGallery(database))
        {
            Fill(gallery, people: 3, photos: 2);
            before = GalleryCalls.Content(gallery);
        }
        Sql(database, Former(2));
        using var again = PostgresGallery.Open(database, KnownPeople.Contract, new());
        Assert.Equal(3, again.Info.SchemaVersion);
        Assert.Equal(("migrate", "from version 2 to 3"), again.Audit()[^1] is var a ? (a.Action, a.Detail) : default);
        Assert.Equal(before, GalleryCalls.Content(again));
        Assert.Equal(4, again.MergePeople(1, 2).Samples);
        Assert.Equal(2, again.Info.Persons);
        again.UndoMerge(2);
        Assert.Equal(before, GalleryCalls.Content(again));
        Assert.Empty(again.Check().Problems);
    }

    [Fact]
    public async Task Samples_move_between_servers_and_back()
    {
        using var other = new PostgresServer();
        string near = server.NewDatabase(), far = other.NewDatabase();
        using var gallery = NewGallery(near, new() { Partitions = 4, MostSamplesPerPerson = 100 });
        for (var p = 1; p <= 12; p++)
            gallery.Enrol(new($"person {p}"), [.. Enumerable.Range(1, 2).Select(i => new NewSample(KnownPeople.Photo(p, i))
            {
                Source = $"{p}-{i}", SourceSha256 = KnownPeople.Hash(100 * p + i), Crop = KnownPeople.Crop((byte)p, (byte)i),
            })]);
        await gallery.MovePartitionAsync(1, far, Cancel);
        await gallery.MovePartitionAsync(2, far, Cancel);
        Assert.InRange(There(), 1, 23);
        var before = GalleryCalls.Content(gallery);
        // A chain passes here to there, there to here, and from one partition there to another.
        for (var p = 1; p < 12; p++)
        {
            Assert.Equal(2 * (p + 1), gallery.MergePeople(p + 1, p).Samples);
            Assert.Equal(p + 1, gallery.Search([KnownPeople.Photo(1, 9)], 1)[0][0].Person.Id);
        }
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal(KnownPeople.Crop(3, 2), gallery.Crop(gallery.Samples(12).Single(s => s.Source == "3-2").Id));
        for (var p = 1; p < 12; p++) gallery.UndoMerge(p);
        Assert.Equal(before, GalleryCalls.Content(gallery));
        for (var p = 2; p <= 12; p++) Assert.Equal(p, gallery.MoveSample(1, p).PersonId);
        Assert.Equal(1, gallery.MoveSample(1, 1).PersonId);
        Assert.Equal(before, GalleryCalls.Content(gallery));
        Assert.Empty(gallery.Check().Problems);

        long There() => Value<long>(far, "SELECT (SELECT count(*) FROM edgeface.samples_p1) + (SELECT count(*) FROM edgeface.samples_p2)");
    }

    [Fact]
    public async Task Processes_that_merge_and_move_at_once_lose_nothing()
    {
        using var gallery = NewGallery(server.NewDatabase(), new() { MostSamplesPerPerson = 100 });
        Fill(gallery, people: 5, photos: 2);
        await Parallel.ForEachAsync(Enumerable.Range(0, 4), Cancel, async (worker, token) =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 15; i++)
                try
                {
                    var (one, two) = (random.Next(1, 6), random.Next(1, 6));
                    _ = random.Next(3) switch
                    {
                        0 => (object)await gallery.MergePeopleAsync(one, two, token),
                        1 => await gallery.UndoMergeAsync(one, token),
                        _ => await gallery.MoveSampleAsync(random.Next(1, 11), two, token),
                    };
                }
                catch (GalleryException e)
                {
                    Assert.Matches("merged|themselves", e.Message);
                }
        });
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal(10, gallery.Info.Samples);
    }

    [Theory, InlineData(1, 2, 3), InlineData(3, 2, 1)]
    public void All_who_were_merged_go_and_are_logged_innermost_first(long first, long second, long third)
    {
        var database = server.NewDatabase();
        using var gallery = NewGallery(database);
        Fill(gallery, people: 3, photos: 2);
        gallery.Jobs().Add([new(new("x") { ExternalKey = "k2" }, "x.jpg")]);
        gallery.MergePeople(2, 3);
        gallery.MergePeople(1, 2);
        Assert.Equal(new Deletion(3, 6, 0) { Cleared = true }, gallery.DeletePersons([first, second, third]));
        Assert.Equal([3L, 2, 1], gallery.Audit().Where(a => a.Action == "delete-person").Select(a => a.PersonId!.Value));
        Assert.Equal(new EnrolCounts(0, 0, 0, 0), gallery.Jobs().Counts);
        Assert.Equal(0L, Value<long>(database, "SELECT count(*) FROM edgeface.moves"));
        Assert.Empty(gallery.Check().Problems);
    }

    [Theory]
    [InlineData("UPDATE edgeface.persons SET merged_into = 2 WHERE id = 1", "person 1 was merged into another, and has samples all the same")]
    [InlineData("UPDATE edgeface.persons SET merged_into = 3 - id", "person 1 was merged into somebody who is nowhere to be seen")]
    [InlineData("INSERT INTO edgeface.moves (person_id, sample_id) VALUES (1, 77)", "moves belongs to sample 77, which is not there")]
    public void Check_finds(string change, string problem)
    {
        var database = server.NewDatabase();
        using var gallery = NewGallery(database);
        Fill(gallery, people: 2, photos: 1);
        Sql(database, change);
        Assert.Contains(gallery.Check().Problems, p => p.Contains(problem, StringComparison.Ordinal));
    }
}
