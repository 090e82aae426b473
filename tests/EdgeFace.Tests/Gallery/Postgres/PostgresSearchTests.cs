using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using static EdgeFace.Tests.Gallery.Postgres.PostgresDatabaseTools;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>The server's search gives what comparing every sample gives, and the HNSW index nearly so.</summary>
public sealed class PostgresSearchTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Search_is_exact_where_rounding_would_change_the_order()
    {
        using var gallery = NewGallery(server.NewDatabase(), new() { MostSamplesPerPerson = 200, Partitions = 3 });
        // Many samples of few people, all nearly alike: neighbours in the order differ by less than the server's rounding of the probe.
        var centre = KnownPeople.Photo(1, 1);
        var random = new Random(5);
        for (var p = 0; p < 12; p++)
        {
            NewSample Sample(int i) => new(KnownPeople.At(centre, 0.90 + 0.002 * random.NextDouble(), 1000 * p + i));
            gallery.Enrol(new($"p{p}"), [.. Enumerable.Range(0, p == 0 ? 150 : 20).Select(Sample)]);
        }
        var probes = Enumerable.Range(0, 10).Select(i => KnownPeople.At(centre, 0.99, 77_000 + i)).Prepend(centre).ToList();
        var stored = gallery.Persons().SelectMany(p => gallery.Samples(p.Id))
            .Select(s => (s.PersonId, s.Id, Embedding: gallery.EmbeddingOf(s.Id)!)).ToList();
        foreach (var count in new[] { 1, 2, 7, 12, 50 })
        {
            var found = gallery.Search(probes, count);
            for (var i = 0; i < probes.Count; i++)
            {
                var exact = stored.Select(s => (s.PersonId, s.Id, Score: Cosine(probes[i], s.Embedding))).GroupBy(s => s.PersonId)
                    .Select(g => g.MaxBy(s => s.Score)).OrderByDescending(s => s.Score).Take(count).ToList();
                Assert.Equal(exact.Count, found[i].Count);
                foreach (var (e, c) in exact.Zip(found[i])) Assert.Equal(e.Score, c.Score, 2e-6);
                // Where the double of a float's rounding tells two apart, the order is that one.
                if (exact.Zip(exact.Skip(1)).All(pair => pair.First.Score - pair.Second.Score > 4e-6))
                    Assert.Equal(exact.Select(e => e.PersonId), found[i].Select(c => c.Person.Id));
            }
        }
    }

    [Fact]
    public void Person_with_most_of_the_samples_does_not_hide_others()
    {
        using var gallery = NewGallery(server.NewDatabase(), new() { MostSamplesPerPerson = 1000, Partitions = 2 });
        var probe = KnownPeople.Photo(1, 1);
        var crowd = gallery.Enrol(new("crowd"),
            [.. Enumerable.Range(0, 300).Select(i => new NewSample(KnownPeople.At(probe, 0.9, i)))])[0].Person.Id;
        var others = Enumerable.Range(0, 5)
            .Select(i => gallery.Enrol(new($"p{i}"), [new(KnownPeople.At(probe, 0.5 - 0.05 * i, 900 + i))])[0].Person.Id).ToList();
        Assert.Equal([crowd, .. others], gallery.Search([probe], 6)[0].Select(c => c.Person.Id));
        Assert.Equal([crowd, .. others], gallery.Search([probe], 100)[0].Select(c => c.Person.Id));
        Assert.Equal([crowd, others[0]], gallery.Search([probe], 2)[0].Select(c => c.Person.Id));
    }

    [Fact]
    public void Many_probes_come_back_in_their_order()
    {
        using var gallery = NewGallery(server.NewDatabase());
        Fill(gallery, 70, 1);
        var found = gallery.Search([.. Enumerable.Range(0, 70).Reverse().Select(p => KnownPeople.Photo(p, 5))], 1);
        Assert.Equal(Enumerable.Range(0, 70).Reverse().Select(p => $"k{p}"), found.Select(f => f[0].Person.ExternalKey));
    }

    [Fact]
    public async Task Hnsw_index_finds_nearly_all_with_exact_scores_and_tells_its_recall()
    {
        var database = server.NewDatabase();
        using var exact = NewGallery(database, new() { Partitions = 2 });
        Assert.Contains("no HNSW index",
            Assert.Throws<GalleryException>(() => PostgresGallery.Open(database, null, new() { Hnsw = true })).Message, StringComparison.Ordinal);
        Fill(exact, 300, 3);
        var recall = await exact.CreateHnswIndexAsync(cancellationToken: Cancel);
        Assert.InRange(recall, PostgresGallery.LeastRecall, 1);
        using var approximate = PostgresGallery.Open(database, null, new() { Hnsw = true });
        Assert.True(approximate.UsesHnsw);
        Assert.False(exact.UsesHnsw);
        var probes = Enumerable.Range(0, 50).Select(p => KnownPeople.Photo(p, 9)).ToList();
        var (all, most) = (exact.Search(probes, 5), approximate.Search(probes, 5));
        var hits = all.Zip(most).Sum(pair => pair.First.Select(c => (c.Person.Id, c.SampleId, c.Score))
            .Intersect(pair.Second.Select(c => (c.Person.Id, c.SampleId, c.Score))).Count());
        Assert.InRange(hits, 240, 250);
        Assert.Empty(approximate.Check().Problems);
        // More than there are people: everything is compared.
        Assert.Equal(exact.Search(probes[..2], 400).Select(f => f.Select(c => c.Person.Id)),
            approximate.Search(probes[..2], 400).Select(f => f.Select(c => c.Person.Id)));
        // What is enrolled later is in it, and deleted people are not.
        var late = approximate.Enrol(new("late"), [new(KnownPeople.Photo(5000, 1))])[0].Person.Id;
        Assert.Equal(late, approximate.Search([KnownPeople.Photo(5000, 2)], 1)[0][0].Person.Id);
        approximate.DeletePerson(late);
        Assert.NotEqual(late, approximate.Search([KnownPeople.Photo(5000, 2)], 1)[0][0].Person.Id);
        await exact.DropHnswIndexAsync(Cancel);
        Assert.Throws<GalleryException>(() => PostgresGallery.Open(database, null, new() { Hnsw = true }));
    }

    [Fact]
    public async Task Exact_search_passes_the_index_by_and_the_other_uses_it()
    {
        // So small a table would be read whole at any rate.
        var database = With(server.NewDatabase(), b => b.Options = "-c enable_seqscan=off");
        using (var gallery = NewGallery(database, new() { Partitions = 1 }))
        {
            Fill(gallery, 100, 2);
            await gallery.CreateHnswIndexAsync(cancellationToken: Cancel);
        }
        // Statistics come when a session ends.
        long Scans() => Value<long>(database, "SELECT sum(idx_scan)::bigint FROM pg_stat_all_indexes WHERE indexrelname = 'samples_p0_hnsw'");
        var before = Retry.Until(Scans, n => n > 0); // the measurement of the recall
        List<Embedding> probes = [.. Enumerable.Range(0, 40).Select(p => KnownPeople.Photo(p, 9))];
        using (var exact = PostgresGallery.Open(database, null, new())) exact.Search(probes, 5);
        using (var approximate = PostgresGallery.Open(database, null, new() { Hnsw = true })) approximate.Search(probes[..7], 5);
        Assert.Equal(before + 7, Retry.Until(Scans, n => n >= before + 7));
    }

    static double Cosine(Embedding a, Embedding b)
    {
        double dot = 0, x = 0, y = 0;
        for (var i = 0; i < a.Vector.Length; i++)
        {
            dot += (double)a.Vector[i] * b.Vector[i];
            x += (double)a.Vector[i] * a.Vector[i];
            y += (double)b.Vector[i] * b.Vector[i];
        }
        return dot / Math.Sqrt(x * y);
    }
}
