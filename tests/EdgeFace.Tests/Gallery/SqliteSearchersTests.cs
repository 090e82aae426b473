using System.Collections.Concurrent;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Gallery;

/// <summary>Searches of one gallery side by side, and beside those who change it.</summary>
public sealed class SqliteSearchersTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    SqliteGallery Create(GalleryKey? key = null)
        => SqliteGallery.Create(_folder["people.db"], KnownPeople.Contract, KnownPeople.Space, new() { Key = key });

    static NewSample Photo(int person, int photo) => new(KnownPeople.Photo(person, photo));

    /// <summary>What is enrolled at some moment, and what an exact search of it finds.</summary>
    sealed record State(IReadOnlyDictionary<long, (long Person, Embedding Stored)> Samples)
    {
        public (long Person, long Sample)[] Search(Embedding probe, int count)
            => [.. Samples.Select(s => (s.Value.Person, Sample: s.Key, Score: s.Value.Stored.Score(probe)))
                .GroupBy(s => s.Person).Select(own => own.MaxBy(s => s.Score)).OrderByDescending(s => s.Score).Take(count)
                .Select(s => (s.Person, s.Sample))];
    }

    /// <summary>Changes a gallery at random; every state that a search may see is kept, with a number.</summary>
    sealed class Changes(SqliteGallery gallery, int seed)
    {
        readonly Random _random = new(seed);
        readonly Dictionary<long, (long Person, Embedding Stored)> _samples = [];
        int _people;

        public ConcurrentDictionary<int, State> States { get; } = new() { [0] = new(new Dictionary<long, (long, Embedding)>()) };

        /// <summary>Number of the last change that has returned.</summary>
        public volatile int Done;

        public IEnumerable<State> Between(int from, int to)
            => Enumerable.Range(from, to - from + 1).Select(n => States.GetValueOrDefault(n)).OfType<State>();

        public void Run(int count)
        {
            for (var change = 1; change <= count; change++)
            {
                var draw = _samples.Count < 40 ? 0 : _random.Next(10);
                if (draw < 5) Enrol(change, 1 + _random.Next(2));
                else if (draw < 7) Together(change);
                else Delete(change, draw == 9);
                Done = change;
            }
        }

        void Enrol(int change, int photos) => Announced(change, next =>
        {
            var person = ++_people;
            foreach (var e in gallery.Enrol(new($"person {person}"), [.. Enumerable.Range(1, photos).Select(photo => Photo(person, photo))]))
                next.Add(e.Sample.Id, (e.Person.Id, gallery.EmbeddingOf(e.Sample.Id)!));
        });

        void Together(int change) => Announced(change, next => gallery.Together(() =>
        {
            for (var i = 0; i < 3; i++)
            {
                var person = ++_people;
                foreach (var e in gallery.Enrol(new($"person {person}"), [Photo(person, 1)]))
                    next.Add(e.Sample.Id, (e.Person.Id, gallery.EmbeddingOf(e.Sample.Id)!));
            }
        }));

        void Delete(int change, bool onlySample) => Announced(change, next =>
        {
            var (sample, (person, _)) = next.ElementAt(_random.Next(next.Count));
            var deletion = onlySample ? gallery.DeleteSample(sample) : gallery.DeletePerson(person);
            foreach (var (gone, _) in next.Where(s => onlySample ? s.Key == sample : s.Value.Person == person).ToList()) next.Remove(gone);
            Assert.True(deletion.Cleared, "searches must not keep what was deleted");
        });

        void Announced(int change, Action<Dictionary<long, (long Person, Embedding Stored)>> make)
        {
            make(_samples);
            States[change] = new(new Dictionary<long, (long, Embedding)>(_samples));
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Each_search_sees_one_state_while_people_come_and_go(bool encrypted, bool elsewhere)
    {
        var key = encrypted ? GalleryKey.Generate() : null;
        using var gallery = Create(key);
        using var other = elsewhere ? SqliteGallery.Open(gallery.Path, null, new() { Key = key }) : null;
        var changes = new Changes(other ?? gallery, 7);
        var seen = new ConcurrentBag<(int From, int To, Embedding Probe, (long, long)[] Found)>();
        using var stop = new CancellationTokenSource();
        var searchers = Enumerable.Range(0, 4).Select(s => Task.Run(() =>
        {
            var random = new Random(s);
            while (!stop.IsCancellationRequested)
            {
                var probe = KnownPeople.Photo(random.Next(150), 9);
                var from = changes.Done;
                (long, long)[] found = [.. gallery.Search([probe], 5)[0].Select(c => (c.Person.Id, c.SampleId))];
                // A change in progress may be seen already.
                seen.Add((from, changes.Done + 1, probe, found));
            }
        }, TestContext.Current.CancellationToken)).ToArray();
        changes.Run(150);
        await stop.CancelAsync();
        await Task.WhenAll(searchers).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.NotEmpty(seen);
        foreach (var (from, to, probe, found) in seen)
            Assert.True(changes.Between(from, to).Any(state => state.Search(probe, 5).SequenceEqual(found)),
                $"a search between changes {from} and {to} found [{string.Join(", ", found)}], which no state of then holds");
        var last = changes.States[150];
        Assert.Equal(last.Search(KnownPeople.Photo(3, 9), 20),
            gallery.Search([KnownPeople.Photo(3, 9)], 20)[0].Select(c => (c.Person.Id, c.SampleId)));
        Assert.Empty(gallery.Check().Problems);
    }

    [Fact]
    public async Task Whoever_reads_waits_for_no_writer_and_sees_nothing_that_is_not_committed()
    {
        using var gallery = Create();
        gallery.Enrol(new("Ann") { ExternalKey = "a" }, [Photo(1, 1) with { Crop = KnownPeople.Crop(1) }]);
        using ManualResetEventSlim enrolled = new(), finish = new();
        var writer = Task.Run(() => Assert.Throws<InvalidOperationException>(() => gallery.Together(() =>
        {
            gallery.Enrol(new("Bob"), [Photo(2, 1)]);
            // The one who makes the changes sees them.
            Assert.Equal("Bob", gallery.Search([KnownPeople.Photo(2, 2)], 1)[0][0].Person.Name);
            Assert.Equal("Bob", gallery.Enrol(new("Eve"), [Photo(2, 3)], new() { ResemblanceThreshold = 0.5 })[0].Resembles!.Person.Name);
            Assert.Equal(3, gallery.Info.Persons);
            enrolled.Set();
            Assert.True(finish.Wait(Patience));
            throw new InvalidOperationException("undone");
        })), TestContext.Current.CancellationToken);
        Assert.True(enrolled.Wait(Patience, TestContext.Current.CancellationToken));
        var reading = Task.Run(() =>
        {
            Assert.Equal("Ann", Assert.Single(gallery.Search([KnownPeople.Photo(2, 2)], 5)[0]).Person.Name);
            Assert.Equal("Ann", Assert.Single(gallery.Persons()).Name);
            Assert.Equal((1, 1, 1), (gallery.Info.Persons, gallery.Info.Samples, gallery.Info.Crops));
            Assert.Empty(gallery.PersonsNamed("Bob"));
            Assert.NotNull(gallery.FindPerson("a"));
            Assert.NotNull(gallery.FindPerson(1));
            Assert.NotNull(gallery.Crop(Assert.Single(gallery.Samples(1)).Id));
            Assert.NotNull(gallery.EmbeddingOf(1));
            Assert.False(gallery.ContainsSource(KnownPeople.Hash(1)));
            Assert.NotEmpty(gallery.Audit());
        }, TestContext.Current.CancellationToken);
        await reading.WaitAsync(Patience, TestContext.Current.CancellationToken);
        finish.Set();
        await writer.WaitAsync(Patience, TestContext.Current.CancellationToken);
        // Its numbers are given anew, to others.
        gallery.Enrol(new("Cid"), [Photo(3, 1)]);
        Assert.Equal("Cid", gallery.Search([KnownPeople.Photo(3, 2)], 5)[0][0].Person.Name);
        Assert.Equal(["Ann", "Cid"], gallery.Search([KnownPeople.Photo(2, 2)], 5)[0].Select(c => c.Person.Name).Order());
        Assert.Empty(gallery.Check().Problems);
    }

    [Fact]
    public void Index_that_lacks_what_a_snapshot_holds_is_told_to_that_reader_alone()
    {
        SqliteGalleryOptions options = new() { BusyTimeout = TimeSpan.FromMilliseconds(50) };
        using var gallery = SqliteGallery.Create(_folder["people.db"], KnownPeople.Contract, KnownPeople.Space, options);
        for (var p = 1; p <= 3; p++) gallery.Enrol(new($"person {p}"), [Photo(p, 1)]);
        using SqliteRows early = Rows(gallery.Path), late = Rows(gallery.Path);
        var index = new SqliteIndex(KnownPeople.Dimension);
        early.Database.Snapshot(() =>
        {
            // A snapshot begins with what is read first.
            Assert.Equal(3, early.State().Samples);
            gallery.Enrol(new("person 4"), [Photo(4, 1)]);
            Assert.False(gallery.DeletePerson(2).Cleared);
            var removals = late.Database.Snapshot(() => index.Follow(late));
            Assert.Equal(index.Removals, removals);
            Assert.Equal(-1, index.Follow(early));
            Assert.Equal(3, early.State().Samples);
            return 0;
        });
        Assert.Equal(index.Removals, early.Database.Snapshot(() => index.Follow(early)));
        Assert.Equal(3, index.Rows.Count);
    }

    static SqliteRows Rows(string path)
    {
        var database = new SqliteDatabase(path, TimeSpan.FromSeconds(1), SqliteReach.Read);
        var description = SqliteDescription.Read(database, SqliteSchema.Version);
        var cipher = new FieldCipher(null, description.Id, description.Version);
        return new(database, description, cipher, description.OpenProjection(database, cipher));
    }

    [Fact]
    public void More_callers_than_connections_are_all_served_and_none_after_closing()
    {
        using var gallery = Create();
        for (var p = 0; p < 30; p++) gallery.Enrol(new($"person {p}"), [Photo(p, 1)]);
        var failures = new ConcurrentBag<Exception>();
        var threads = Enumerable.Range(0, 24).Select(t => new Thread(() =>
        {
            try
            {
                for (var i = 0; i < 20; i++)
                    Assert.Equal($"person {(t + i) % 30}", gallery.Search([KnownPeople.Photo((t + i) % 30, 2)], 3)[0][0].Person.Name);
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.Empty(failures);
        gallery.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gallery.Search([KnownPeople.Photo(1, 1)], 1));
        Assert.Equal(["people.db"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }
}
