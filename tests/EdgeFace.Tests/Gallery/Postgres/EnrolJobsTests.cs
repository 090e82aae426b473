using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Tests.Support;
using static EdgeFace.Tests.Gallery.Postgres.PostgresDatabaseTools;

namespace EdgeFace.Tests.Gallery.Postgres;

/// <summary>Many workers enrol at once, each job once.</summary>
public sealed class EnrolJobsTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    static readonly TimeSpan Long = TimeSpan.FromMinutes(10), Moment = TimeSpan.FromMilliseconds(1);

    static NewEnrolJob Job(int person, int photo)
        => new(new($"person {person}") { ExternalKey = $"k{person}", Metadata = $"{{\"n\":{person}}}" }, $"{person}/{photo}.jpg");

    static IReadOnlyList<NewSample> Embed(EnrolJob job)
    {
        var parts = job.Source.Split('/', '.');
        return [new(KnownPeople.Photo(int.Parse(parts[0], null), int.Parse(parts[1], null))) { Source = job.Source }];
    }

    [Fact]
    public void Workers_do_every_job_once()
    {
        var database = server.NewDatabase();
        using var gallery = NewGallery(database);
        List<NewEnrolJob> jobs = [.. from person in Enumerable.Range(0, 30) from photo in Enumerable.Range(0, 3) select Job(person, photo)];
        Assert.Equal(90, gallery.Jobs().Add(jobs));
        Assert.Equal(0, gallery.Jobs().Add(jobs));
        Assert.Equal(new EnrolCounts(90, 0, 0, 0), gallery.Jobs().Counts);
        var taken = new ConcurrentBag<long>();
        var done = 0;
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, w =>
        {
            using var own = PostgresGallery.Open(database, KnownPeople.Contract, new());
            Interlocked.Add(ref done, own.Jobs().Work($"worker {w}", Long, job =>
            {
                taken.Add(job.Id);
                return Embed(job);
            }, cancel: TestContext.Current.CancellationToken));
        });
        Assert.Equal(90, done);
        Assert.Equal(90, taken.Distinct().Count());
        Assert.Equal(90, taken.Count);
        Assert.Equal(new EnrolCounts(0, 0, 90, 0), gallery.Jobs().Counts);
        var check = gallery.Check();
        Assert.Empty(check.Problems);
        Assert.Equal((30L, 90L), (check.Persons, check.Samples));
        Assert.Equal("{\"n\":7}", gallery.FindPerson("k7")!.Metadata);
        Assert.Equal(90, gallery.Jobs().RemoveDone());
        Assert.Equal(90, gallery.Jobs().Add(jobs));
        // A sample that is there already counts as done.
        Assert.Equal(90, gallery.Jobs().Work("again", Long, Embed, cancel: TestContext.Current.CancellationToken));
        Assert.Equal(90, gallery.Info.Samples);
    }

    [Fact]
    public void Job_of_a_silent_worker_is_taken_over_and_the_silent_one_cannot_complete_it()
    {
        using var gallery = NewGallery(server.NewDatabase());
        var jobs = gallery.Jobs();
        jobs.Add([Job(1, 1)]);
        var first = jobs.Take("first", Moment)!;
        Assert.Equal((1, "first", "1/1.jpg", "k1"), (first.Attempt, first.Worker, first.Source, first.Person.ExternalKey));
        var second = Retry.Until(() => jobs.Take("second", Long), j => j is not null)!;
        Assert.Equal((first.Id, 2), (second.Id, second.Attempt));
        Assert.Null(jobs.Take("third", Long));
        Assert.Throws<LeaseLostException>(() => jobs.Complete(first, Embed(first)));
        Assert.Throws<LeaseLostException>(() => jobs.Renew(first, Long));
        Assert.Throws<LeaseLostException>(() => jobs.Fail(first, "late", again: true));
        Assert.Equal(0, gallery.Info.Samples);
        jobs.Renew(second, Long);
        Assert.Equal(1, jobs.Complete(second, Embed(second))[0].Person.Samples);
        Assert.Throws<LeaseLostException>(() => jobs.Complete(second, [new(KnownPeople.Photo(1, 2))]));
        Assert.Equal(1, gallery.Info.Samples);
    }

    [Fact]
    public void Failed_jobs_are_tried_again_then_given_up_with_their_error()
    {
        using var gallery = NewGallery(server.NewDatabase());
        var jobs = gallery.Jobs(mostAttempts: 2);
        jobs.Add([Job(1, 1), Job(2, 1), Job(3, 1), Job(4, 1)]);
        var tried = new ConcurrentDictionary<string, int>();
        var done = jobs.Work("w", Long, job => (tried.AddOrUpdate(job.Source, 1, (_, n) => n + 1), job.Person.ExternalKey) switch
        {
            (_, "k1") => throw new GalleryException("there is no face"),
            (_, "k2") => throw new IOException("the disk hiccups"),
            (1, "k3") => throw new IOException("once"),
            _ => Embed(job),
        }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(2, done);
        Assert.Equal([1, 2, 2, 1], Enumerable.Range(1, 4).Select(p => tried[$"{p}/1.jpg"]));
        Assert.Equal(new EnrolCounts(0, 0, 2, 2), jobs.Counts);
        Assert.Equal([("1/1.jpg", 1, "there is no face"), ("2/1.jpg", 2, "the disk hiccups")],
            jobs.Failures().Select(f => (f.Source, f.Attempts, f.Error)));
        Assert.Equal(2, jobs.RetryDead());
        // A worker that dies every time gives up the job too.
        for (var i = 0; i < 2; i++) Assert.NotNull(Retry.Until(() => jobs.Take("dies", Moment), j => j is not null));
        for (var i = 0; i < 2; i++) Assert.NotNull(Retry.Until(() => jobs.Take("dies", Moment), j => j is not null));
        Retry.Until(() => (jobs.Take("dies", Moment), jobs.Counts.Dead).Dead, n => n == 2);
        Assert.All(jobs.Failures(), f => Assert.Contains("ended or hung", f.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void Jobs_of_killed_processes_are_done_by_others()
    {
        var program = AppContext.BaseDirectory.Replace("EdgeFace.Tests", "EdgeFace.GalleryProbe", StringComparison.Ordinal)
            + "EdgeFace.GalleryProbe";
        var database = server.NewDatabase();
        using var gallery = NewGallery(database);
        gallery.Jobs().Add([.. Enumerable.Range(0, 40).Select(p => Job(p, 1))]);
        for (var i = 0; i < 3; i++)
        {
            using var child = Process.Start(new ProcessStartInfo(program, ["work", database, "50"]) { RedirectStandardOutput = true })!;
            for (var named = 0; named < 5; named++) Assert.NotNull(child.StandardOutput.ReadLine());
            child.Kill(); // SIGKILL, while it embeds or enrols
            child.WaitForExit();
        }
        Assert.InRange(gallery.Jobs().Counts.Taken, 1, 3);
        using var last = Process.Start(new ProcessStartInfo(program, ["work", database, "0"]) { RedirectStandardOutput = true })!;
        last.StandardOutput.ReadToEnd();
        last.WaitForExit();
        // What the killed ones held is free when their leases have expired.
        Retry.Until(() =>
        {
            gallery.Jobs(100).Work("last", Long, job => [new(KnownPeople.Photo((int)job.Id, 1)) { Source = job.Source }],
                cancel: TestContext.Current.CancellationToken);
            return gallery.Jobs().Counts;
        }, c => c.Done == 40);
        var check = gallery.Check();
        Assert.Empty(check.Problems);
        Assert.Equal((40L, 40L), (check.Persons, check.Samples));
    }

    [Fact]
    public void Lease_is_renewed_while_the_work_lasts()
    {
        using var gallery = NewGallery(server.NewDatabase());
        var jobs = gallery.Jobs();
        jobs.Add([Job(1, 1)]);
        var stolen = 0;
        var done = jobs.Work("slow", TimeSpan.FromSeconds(2), job =>
        {
            for (var i = 0; i < 30; i++)
            {
                Thread.Sleep(100);
                if (jobs.Take("thief", Long) is not null) stolen++;
            }
            return Embed(job);
        }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal((1, 0), (done, stolen));
    }

    [Fact]
    public void Deleted_person_takes_the_jobs_along()
    {
        using var gallery = NewGallery(server.NewDatabase());
        var jobs = gallery.Jobs();
        jobs.Add([Job(1, 1), Job(1, 2), Job(2, 1)]);
        var first = jobs.Take("w", Long)!;
        var person = jobs.Complete(first, Embed(first))[0].Person.Id;
        var second = jobs.Take("w", Long)!;
        gallery.DeletePerson(person);
        Assert.Throws<LeaseLostException>(() => jobs.Complete(second, Embed(second)));
        Assert.Null(gallery.FindPerson("k1"));
        Assert.Equal(new EnrolCounts(1, 0, 0, 0), jobs.Counts);
    }

    [Fact]
    public void Malformed_jobs_are_refused_and_none_is_added()
    {
        using var gallery = NewGallery(server.NewDatabase());
        var jobs = gallery.Jobs();
        foreach (var bad in new[]
        {
            Job(1, 1) with { Source = "" },
            Job(1, 1) with { Source = new string('x', 4097) },
            Job(1, 1) with { Source = "a\0b" },
            Job(1, 1) with { Person = new("no key") },
            Job(1, 1) with { Person = new("") { ExternalKey = "k" } },
        })
            Assert.Throws<GalleryException>(() => jobs.Add([Job(5, 5), bad]));
        Assert.Equal(new EnrolCounts(0, 0, 0, 0), jobs.Counts);
        Assert.Equal(1, jobs.Add([Job(1, 1) with { Source = new string('ü', 4096) }]));
    }
}
