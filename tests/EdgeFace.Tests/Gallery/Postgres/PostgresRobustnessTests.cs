using System.Collections.Concurrent;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using static EdgeFace.Tests.Gallery.Postgres.PostgresDatabaseTools;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>Servers die and come back, other processes change the same rows, and tables are damaged.</summary>
public sealed class PostgresRobustnessTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public void Restarted_server_is_not_noticed_and_a_dead_one_is_told()
    {
        using var own = new PostgresServer();
        using var gallery = NewGallery(own.NewDatabase());
        // Several connections lie in the pool.
        Parallel.For(0, 8, i => gallery.Enrol(new($"p{i}") { ExternalKey = $"k{i}" }, [new(KnownPeople.Photo(i, 1))]));
        own.Kill();
        own.Start();
        Parallel.For(0, 8, i => Assert.Equal($"k{i}", gallery.Search([KnownPeople.Photo(i, 2)], 1)[0][0].Person.ExternalKey));
        own.Kill();
        own.Start();
        Parallel.For(0, 8, i => gallery.Enrol(new($"p{i}") { ExternalKey = $"k{i}" }, [new(KnownPeople.Photo(i, 3))]));
        own.Kill();
        Assert.Contains("cannot be reached",
            Assert.Throws<GalleryException>(() => gallery.Search([KnownPeople.Photo(1, 2)], 1)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be reached", Assert.Throws<GalleryException>(() => gallery.AddPerson(new("Ann"))).Message, StringComparison.Ordinal);
        own.Start();
        var check = gallery.Check();
        Assert.Empty(check.Problems);
        Assert.Equal((8L, 16L), (check.Persons, check.Samples));
    }

    [Fact]
    public void Nothing_acknowledged_is_lost_however_often_the_server_is_killed()
    {
        using var own = new PostgresServer();
        var database = own.NewDatabase();
        NewGallery(database).Dispose();
        var acknowledged = new ConcurrentDictionary<string, int>();
        var deleted = new ConcurrentDictionary<string, bool>();
        for (var round = 0; round < 5; round++)
        {
            using var ended = new CancellationTokenSource();
            var thisRound = round;
            var workers = Enumerable.Range(0, 3).Select(w => new Thread(() =>
            {
                using var gallery = PostgresGallery.Open(database, null, new());
                for (var i = 0; !ended.IsCancellationRequested; i++)
                {
                    var key = $"{thisRound}-{w}-{i}";
                    try
                    {
                        var face = 1000 * thisRound + i;
                        gallery.Enrol(new(key) { ExternalKey = key }, [new(KnownPeople.Photo(face, w)), new(KnownPeople.Photo(face, w + 10))]);
                        acknowledged[key] = 2;
                        if (i % 5 != 4) continue;
                        deleted[key] = false; // may be gone
                        gallery.DeletePerson(gallery.FindPerson(key)!.Id);
                        deleted[key] = true;
                    }
                    catch (GalleryException)
                    {
                    }
                }
            })).ToList();
            workers.ForEach(w => w.Start());
            var before = acknowledged.Count;
            Retry.Until(() => acknowledged.Count, n => n > before + 20);
            own.Kill();
            ended.Cancel();
            workers.ForEach(w => w.Join());
            own.Start();
        }
        using var again = PostgresGallery.Open(database, null, new());
        Assert.Empty(again.Check().Problems);
        foreach (var (key, samples) in acknowledged)
        {
            var found = again.FindPerson(key);
            if (deleted.TryGetValue(key, out var certain)) Assert.False(certain && found is not null, $"{key} was deleted and is there");
            else Assert.Equal(samples, found?.Samples);
        }
    }

    [Fact]
    public void Processes_that_enrol_one_person_at_once_keep_the_limit_and_the_counts()
    {
        var database = server.NewDatabase();
        using var first = NewGallery(database, new() { MostSamplesPerPerson = 6 });
        using var second = PostgresGallery.Open(database, null, new());
        var refused = 0;
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            try
            {
                (i % 2 == 0 ? first : second).Enrol(new("Ann") { ExternalKey = "a" }, [new(KnownPeople.Photo(1, i))]);
            }
            catch (GalleryException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.Equal(10, refused);
        Assert.Equal(6, Assert.Single(first.Persons()).Samples);
        Assert.Empty(second.Check().Problems);
    }

    [Fact]
    public void Deleted_rows_are_out_of_the_tables_unless_somebody_still_sees_them()
    {
        var database = server.NewDatabase();
        Sql(database, "CREATE EXTENSION pgstattuple");
        using var gallery = NewGallery(database, new() { Partitions = 2 });
        Fill(gallery, 40, 2);
        Assert.True(gallery.DeletePerson(gallery.FindPerson("k3")!.Id).Cleared);
        Assert.True(gallery.DeleteSample(gallery.Samples(gallery.FindPerson("k4")!.Id)[0].Id).Cleared);
        long Dead() => Value<long>(database, "SELECT sum((pgstattuple(c.oid)).dead_tuple_count)::bigint FROM pg_class c "
            + "WHERE c.relkind = 'r' AND c.relname IN ('samples_p0', 'samples_p1', 'persons')");
        Assert.Equal(0, Dead());

        using var source = Npgsql.NpgsqlDataSource.Create(database);
        using var reader = source.OpenConnection();
        using var seeing = reader.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);
        using (var look = new Npgsql.NpgsqlCommand("SELECT count(*) FROM edgeface.persons", reader)) look.ExecuteScalar();
        var deletion = gallery.DeletePerson(gallery.FindPerson("k5")!.Id);
        Assert.Equal(new Deletion(1, 2, 0) { Cleared = false }, deletion);
        Assert.True(Dead() > 0);
        Assert.Null(gallery.FindPerson("k5"));
    }

    [Theory]
    [InlineData("UPDATE edgeface.counts SET samples = samples + 1 WHERE slot = 3", "the counts")]
    [InlineData("UPDATE edgeface.persons SET samples = 7 WHERE external_key = 'k1'", "should have 7 samples and has 2")]
    [InlineData("UPDATE edgeface.persons SET name = '' WHERE external_key = 'k1'", "name is empty")]
    [InlineData("UPDATE edgeface.samples SET embedding = (embedding::vector * array_fill(0.5, ARRAY[64])::vector)::halfvec(64) WHERE id = 3",
        "sample 3 does not have length 1")]
    [InlineData("ALTER TABLE edgeface.samples_p0 DROP CONSTRAINT samples_p0_person_id_fkey; "
        + "ALTER TABLE edgeface.samples_p1 DROP CONSTRAINT samples_p1_person_id_fkey; "
        + "DELETE FROM edgeface.persons WHERE external_key = 'k1'", "who is not there")]
    public void Check_finds_damage(string damage, string message)
    {
        var database = server.NewDatabase();
        using var gallery = NewGallery(database, new() { Partitions = 2 });
        Fill(gallery, 5, 2);
        Assert.Empty(gallery.Check().Problems);
        Sql(database, $"SET search_path = edgeface, public; {damage}");
        Assert.Contains(gallery.Check().Problems, p => p.Contains(message, StringComparison.Ordinal));
        // A search does not fail on it.
        gallery.Search([KnownPeople.Photo(1, 5)], 5);
    }

    [Fact]
    public void Damaged_description_is_told()
    {
        var database = server.NewDatabase();
        NewGallery(database).Dispose();
        Sql(database, "UPDATE edgeface.gallery SET contract = '{'");
        Assert.Contains("damaged",
            Assert.Throws<GalleryException>(() => PostgresGallery.Open(database, null, new())).Message, StringComparison.Ordinal);
        Sql(database, "DELETE FROM edgeface.gallery");
        Assert.Contains("damaged",
            Assert.Throws<GalleryException>(() => PostgresGallery.Open(database, null, new())).Message, StringComparison.Ordinal);
        Sql(database, "DROP TABLE edgeface.persons CASCADE; DROP TABLE edgeface.gallery; CREATE TABLE edgeface.gallery (id int)");
        Assert.Contains("tables are not as they should be",
            Assert.Throws<GalleryException>(() => PostgresGallery.Open(database, null, new())).Message, StringComparison.Ordinal);
    }
}
