using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using static EdgeFace.Tests.Gallery.Postgres.PostgresDatabaseTools;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>Partitions of the samples on a second server.</summary>
public sealed class PostgresShardTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    const int People = 60, Photos = 2;

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_servers_give_what_one_gives_and_one_can_die()
    {
        using var other = new PostgresServer();
        string near = server.NewDatabase(), far = other.NewDatabase();
        using var sharded = NewGallery(near, new() { Partitions = 4 });
        using var folder = new TempFolder();
        using var single = SqliteGallery.Create(folder["people.db"], KnownPeople.Contract, KnownPeople.Space, new());
        // One partition is moved while it is empty, one when it holds samples.
        await sharded.MovePartitionAsync(1, far, Cancel);
        foreach (var gallery in new IGallery[] { sharded, single })
            for (var p = 0; p < People / 2; p++) Enrol(gallery, p);
        var there = Value<long>(far, "SELECT count(*) FROM edgeface.samples_p1");
        Assert.InRange(there, 1, People * Photos / 2 - 1);
        await sharded.MovePartitionAsync(2, far, Cancel);
        foreach (var gallery in new IGallery[] { sharded, single })
            for (var p = People / 2; p < People; p++) Enrol(gallery, p);

        Assert.Equal([null, true, true, null],
            (await sharded.PartitionsAsync(Cancel)).Select(p => p.Server?.Contains("test1", StringComparison.Ordinal)));
        var physical = Value<long>(far, "SELECT (SELECT count(*) FROM edgeface.samples_p1) + (SELECT count(*) FROM edgeface.samples_p2)");
        var local = Value<long>(near, "SELECT (SELECT count(*) FROM edgeface.samples_p0) + (SELECT count(*) FROM edgeface.samples_p3)");
        Assert.True(physical > there && local > 0);
        Assert.Equal(People * Photos, physical + local);
        AssertEqual(single, sharded);

        // A person there: all that is done with people works as here.
        var person = sharded.FindPerson("k7")!;
        var moved = sharded.Persons().First(p => Value<long>(far,
            $"SELECT (SELECT count(*) FROM edgeface.samples_p1 WHERE person_id = {p.Id}) "
            + $"+ (SELECT count(*) FROM edgeface.samples_p2 WHERE person_id = {p.Id})") > 0);
        Assert.Throws<DuplicateSampleException>(() => sharded.Enrol(moved.Id, new(sharded.EmbeddingOf(sharded.Samples(moved.Id)[0].Id)!)));
        var extra = sharded.Enrol(moved.Id, new(KnownPeople.Photo(900, 1))
        {
            Crop = KnownPeople.Crop(1, 2, 3), SourceSha256 = KnownPeople.Hash(9), Quality = new() { Yaw = 3.25 },
        }).Sample;
        Assert.Equal(extra, sharded.Samples(moved.Id)[^1]);
        Assert.Equal(KnownPeople.Crop(1, 2, 3), sharded.Crop(extra.Id));
        Assert.True(sharded.ContainsSource(KnownPeople.Hash(9)));
        Assert.Equal(moved.Id, sharded.Search([KnownPeople.Photo(900, 2)], 1)[0][0].Person.Id);
        // Cleared is for the other server's autovacuum.
        Assert.Equal(new Deletion(0, 1, 1) { Cleared = false }, sharded.DeleteSample(extra.Id));

        other.Kill();
        var refusal = Assert.Throws<GalleryException>(() => sharded.Search([KnownPeople.Photo(1, 9)], 3));
        Assert.Contains("server of a partition cannot be reached", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<GalleryException>(() => sharded.Enrol(moved.Id, new(KnownPeople.Photo(901, 1))));
        var here = sharded.Persons().First(p => Value<long>(near,
            $"SELECT (SELECT count(*) FROM edgeface.samples_p0 WHERE person_id = {p.Id}) "
            + $"+ (SELECT count(*) FROM edgeface.samples_p3 WHERE person_id = {p.Id})") > 0);
        var meanwhile = sharded.Enrol(here.Id, new(KnownPeople.Photo(902, 1))).Sample.Id; // partitions here go on
        other.Start();
        Assert.Equal(here.Id, sharded.Search([KnownPeople.Photo(902, 2)], 1)[0][0].Person.Id);
        sharded.DeleteSample(meanwhile);
        AssertEqual(single, sharded);
        Assert.Equal(new Deletion(1, Photos, 0) { Cleared = false }, sharded.DeletePerson(moved.Id));
        single.DeletePerson(single.FindPerson(moved.ExternalKey!)!.Id);
        AssertEqual(single, sharded);
    }

    [Fact]
    public async Task Other_server_sorts_and_cuts_its_own_rows()
    {
        using var other = new PostgresServer();
        string near = server.NewDatabase(), far = other.NewDatabase();
        using var gallery = NewGallery(near, new() { Partitions = 2 });
        await gallery.MovePartitionAsync(0, far, Cancel);
        Fill(gallery, 20, 1);
        var search = SearchSql(2);
        var plan = Explain(near, search);
        var remote = Assert.Single(plan, l => l.Contains("Remote SQL", StringComparison.Ordinal));
        Assert.Contains("ORDER BY", remote, StringComparison.Ordinal);
        Assert.Contains("LIMIT 7", remote, StringComparison.Ordinal);
        // One person's samples: the other partition is not looked at.
        var plans = Enumerable.Range(1, 20).Select(id => Explain(near, $"SELECT id FROM edgeface.samples WHERE person_id = {id}")).ToList();
        var far1 = plans.Count(p => p.Any(l => l.Contains("Remote SQL", StringComparison.Ordinal)));
        Assert.InRange(far1, 1, 19);
        Assert.All(plans, p => Assert.DoesNotContain(p, l => l.Contains("Append", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Servers_are_asked_side_by_side()
    {
        using var first = new PostgresServer();
        using var second = new PostgresServer();
        var near = server.NewDatabase();
        using var gallery = NewGallery(near, new() { Partitions = 3 });
        await gallery.MovePartitionAsync(0, first.NewDatabase(), Cancel);
        await gallery.MovePartitionAsync(2, second.NewDatabase(), Cancel);
        Fill(gallery, 20, 1);
        var plan = Explain(near, SearchSql(3));
        Assert.True(plan.Count(l => l.Contains("Async Foreign Scan", StringComparison.Ordinal)) == 2, string.Join('\n', plan));
    }

    [Fact]
    public async Task Move_that_breaks_off_can_be_repeated_and_places_in_use_are_refused()
    {
        using var other = new PostgresServer();
        string near = server.NewDatabase(), far = other.NewDatabase();
        using var gallery = NewGallery(near, new() { Partitions = 2 });
        Fill(gallery, 20, 1);
        // The rows went over, and then this server ended.
        await gallery.MovePartitionAsync(0, far, Cancel);
        using (var second = NewGallery(server.NewDatabase(), new() { Partitions = 2 }))
            Assert.Contains("another gallery",
                (await Assert.ThrowsAsync<GalleryException>(() => second.MovePartitionAsync(0, far, Cancel))).Message, StringComparison.Ordinal);
        Assert.Contains("already",
            (await Assert.ThrowsAsync<GalleryException>(() => gallery.MovePartitionAsync(0, far, Cancel))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => gallery.MovePartitionAsync(2, far, Cancel));
        Assert.Contains("another gallery",
            (await Assert.ThrowsAsync<GalleryException>(() => gallery.MovePartitionAsync(1, near, Cancel))).Message, StringComparison.Ordinal);
        var mark = Value<string>(far, "SELECT obj_description('edgeface.samples_p0'::regclass, 'pg_class')");
        Sql(far, "CREATE TABLE edgeface.samples_p1 (LIKE edgeface.samples_p0 INCLUDING ALL); "
            + $"COMMENT ON TABLE edgeface.samples_p1 IS '{mark}'; INSERT INTO edgeface.samples_p1 SELECT * FROM edgeface.samples_p0");
        await gallery.MovePartitionAsync(1, far, Cancel);
        var check = gallery.Check();
        Assert.Empty(check.Problems);
        Assert.Equal((20L, 20L), (check.Persons, check.Samples));
        // A sample that outlived a crash of this server: its person is not there.
        Sql(far, "INSERT INTO edgeface.samples_p1 SELECT 1000000, 1000000, created, embedding FROM edgeface.samples_p1 LIMIT 1");
        Assert.Contains(gallery.Check().Problems, p => p.Contains("person 1000000, who is not there", StringComparison.Ordinal));
        Assert.Equal(20, gallery.Search([KnownPeople.Photo(1, 1)], 100)[0].Count);
    }

    static string SearchSql(int partitions)
    {
        var probe = $"'[{string.Join(',', Enumerable.Repeat(1, KnownPeople.Dimension))}]'::halfvec";
        return new SampleScan(null!, partitions, 200).Sql("0::float8 + (embedding <#> $1)")
            .Replace("$1", probe, StringComparison.Ordinal).Replace("$2", "7", StringComparison.Ordinal);
    }

    static string[] Explain(string connection, string sql)
    {
        using var source = Npgsql.NpgsqlDataSource.Create(With(connection, b => b.SearchPath = "edgeface, public"));
        using var command = source.CreateCommand("EXPLAIN (VERBOSE, COSTS OFF) " + sql);
        using var rows = command.ExecuteReader();
        var lines = new List<string>();
        while (rows.Read()) lines.Add(rows.GetString(0));
        return [.. lines];
    }

    static void Enrol(IGallery gallery, int person)
        => gallery.Enrol(new($"person {person}") { ExternalKey = $"k{person}" },
            [.. Enumerable.Range(0, Photos).Select(i => new NewSample(KnownPeople.Photo(person, i)))]);

    static void AssertEqual(SqliteGallery single, PostgresGallery sharded)
    {
        var probes = Enumerable.Range(0, 20).Select(i => KnownPeople.Photo(i, 9)).ToList();
        var (one, two) = (single.Search(probes, 10), sharded.Search(probes, 10));
        for (var i = 0; i < probes.Count; i++)
        {
            Assert.Equal(one[i].Select(c => c.Person.ExternalKey), two[i].Select(c => c.Person.ExternalKey));
            foreach (var (a, b) in one[i].Zip(two[i])) Assert.Equal(a.Score, b.Score, 1e-3);
        }
        var check = sharded.Check();
        Assert.Empty(check.Problems);
        Assert.Equal((single.Info.Persons, single.Info.Samples), (check.Persons, check.Samples));
    }
}
