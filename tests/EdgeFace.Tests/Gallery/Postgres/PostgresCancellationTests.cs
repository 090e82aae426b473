using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using Npgsql;
using static EdgeFace.Tests.Gallery.Postgres.PostgresDatabaseTools;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>Calls that are cancelled end, and leave the gallery as before or as after.</summary>
public sealed class PostgresCancellationTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    const string Tables = "edgeface.gallery, edgeface.persons, edgeface.samples, edgeface.counts, edgeface.audit, edgeface.jobs";

    static readonly TimeSpan Long = TimeSpan.FromMinutes(10), Patience = TimeSpan.FromMinutes(1);

    static readonly Dictionary<string, Func<PostgresGallery, CancellationToken, Task>> OwnCalls = new()
    {
        ["jobs: counts"] = (g, c) => g.Jobs().GetCountsAsync(c),
        ["jobs: add"] = (g, c) => g.Jobs().AddAsync([Job("k", 2)], c),
        ["jobs: take"] = (g, c) => g.Jobs().TakeAsync("w", Long, c),
        ["jobs: retry"] = (g, c) => g.Jobs().RetryDeadAsync(c),
        ["jobs: remove"] = (g, c) => g.Jobs().RemoveDoneAsync(c),
        ["jobs: failures"] = (g, c) => g.Jobs().FailuresAsync(cancellationToken: c),
        ["jobs: work"] = (g, c) => g.Jobs().WorkAsync("w", Long, (_, _) => throw new IOException(), cancellationToken: c),
        ["index: create"] = (g, c) => g.CreateHnswIndexAsync(cancellationToken: c),
        ["index: measure"] = (g, c) => g.MeasureRecallAsync(cancellationToken: c),
        ["identify"] = (g, c) => g.IdentifyAsync(KnownPeople.Photo(1, 3), new(0.3), c),
    };

    public static TheoryData<string> Calls => [.. GalleryCalls.All.Keys, .. OwnCalls.Keys];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static NewEnrolJob Job(string key, int photo) => new(new($"person {key}") { ExternalKey = key }, $"{key}/{photo}.jpg");

    [Theory, MemberData(nameof(Calls))]
    public async Task Call_ends_although_what_it_waits_for_never_comes(string call)
    {
        var database = server.NewDatabase();
        await using var gallery = NewGallery(database, new() { Partitions = 2 });
        gallery.Enrol(new("Ann") { ExternalKey = "k" }, [new(KnownPeople.Photo(1, 1))]);
        gallery.Jobs().Add([Job("k", 1)]);
        var before = GalleryCalls.Content(gallery);
        await using var source = NpgsqlDataSource.Create(database);
        await using (var other = await source.OpenConnectionAsync(Cancel))
        await using (var transaction = await other.BeginTransactionAsync(Cancel))
        {
            await using (var hold = new NpgsqlCommand($"LOCK TABLE {Tables} IN ACCESS EXCLUSIVE MODE", other))
                await hold.ExecuteNonQueryAsync(Cancel);
            using var cancel = new CancellationTokenSource();
            var started = GalleryCalls.All.TryGetValue(call, out var common) ? common(gallery, cancel.Token) : OwnCalls[call](gallery, cancel.Token);
            await Task.Delay(20, Cancel);
            Assert.False(started.IsCompleted, call);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => started.WaitAsync(Patience, Cancel));
        }
        Assert.Equal(before, GalleryCalls.Content(gallery));
        Assert.Equal(new EnrolCounts(1, 0, 0, 0), gallery.Jobs().Counts);
        Assert.Empty(gallery.Check().Problems);
    }

    [Fact]
    public async Task Opening_ends_although_the_server_does_not_answer()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        using var cancel = new CancellationTokenSource();
        var opening = PostgresGallery.OpenAsync($"Host=127.0.0.1;Port={port};Database=a;Username=a;Timeout=600", null, new(), cancel.Token);
        using var taken = await silent.AcceptSocketAsync(Cancel);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(Patience, Cancel));
    }

    [Fact]
    public async Task Work_that_is_cancelled_at_any_moment_loses_no_job_and_does_none_twice()
    {
        await using var gallery = NewGallery(server.NewDatabase(), new() { Partitions = 2 });
        var jobs = gallery.Jobs(mostAttempts: 1);
        const int Count = 40;
        await jobs.AddAsync([.. Enumerable.Range(0, Count).Select(p => Job($"{p}", 1))], Cancel);
        var random = new Random(3);
        for (var round = 0; round < 30; round++)
        {
            using var cancel = new CancellationTokenSource();
            var work = jobs.WorkAsync("w", TimeSpan.FromSeconds(1), Embed, cancellationToken: cancel.Token);
            await Task.WhenAny(work, Task.Delay(random.Next(30), Cancel));
            await cancel.CancelAsync();
            try
            {
                await work.WaitAsync(Patience, Cancel);
            }
            catch (OperationCanceledException)
            {
            }
        }
        // A job whose taking was cancelled while it was committed is free when its lease has expired; with one attempt it would be dead.
        gallery.Jobs().RetryDead();
        Retry.Until(() =>
        {
            gallery.Jobs(100).Work("last", Long, job => Embed(job, Cancel).GetAwaiter().GetResult(),
                cancel: Cancel);
            return jobs.Counts;
        }, c => c == new EnrolCounts(0, 0, Count, 0));
        Assert.Empty(gallery.Check().Problems);
        Assert.Equal((Count, Count), (gallery.Info.Persons, gallery.Info.Samples));
        Assert.All(gallery.Persons(), p => Assert.Equal(1, p.Samples));

        static async Task<IReadOnlyList<NewSample>> Embed(EnrolJob job, CancellationToken cancellationToken)
        {
            await Task.Delay(3, cancellationToken);
            return [new(KnownPeople.Photo(int.Parse(job.Person.ExternalKey!, null), 1)) { Source = job.Source }];
        }
    }

    [Fact]
    public async Task Deletion_that_is_cancelled_while_traces_are_cleared_says_so()
    {
        var database = server.NewDatabase();
        await using var gallery = NewGallery(database);
        var person = gallery.Enrol(new("Ann"), [new(KnownPeople.Photo(1, 1))])[0].Person.Id;
        await using var source = NpgsqlDataSource.Create(database);
        await using var reader = await source.OpenConnectionAsync(Cancel);
        await using var seeing = await reader.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead, Cancel);
        await using (var look = new NpgsqlCommand("SELECT count(*) FROM edgeface.persons", reader))
            await look.ExecuteScalarAsync(Cancel);
        using var cancel = new CancellationTokenSource();
        var deleting = gallery.DeletePersonAsync(person, cancel.Token);
        Retry.Until(() => gallery.FindPerson(person), p => p is null);
        await cancel.CancelAsync();
        Assert.Equal(new Deletion(1, 1, 0) { Cleared = false }, await deleting);
    }
}
