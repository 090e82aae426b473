using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeFace.App.Output;
using EdgeFace.Gallery;
using EdgeFace.Gallery.Postgres;
using EdgeFace.Vision;

namespace EdgeFace.App.Galleries;

/// <summary>What a worker did.</summary>
sealed record QueueWorkResult(
    int Done, int Enrolled, bool Stopped, double ImagesPerSecond, IReadOnlyList<Resemblance> Resemblances, IReadOnlyList<EnrolWarning> Warnings);

/// <summary>Enrolment by several processes through the job table of a gallery in PostgreSQL.</summary>
sealed class EnrolQueue(PostgresGallery gallery)
{
    // A worker that ended without a word loses its job after this; one that works renews it.
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    readonly IEnrolJobs _jobs = gallery.Jobs();

    public EnrolCounts Counts => _jobs.Counts;

    public int RetryFailed() => _jobs.RetryDead();

    /// <summary>Queues pictures. Workers find people by external key, so who has none gets the name as one.</summary>
    public (int Queued, int AlreadyQueued, IReadOnlyList<ErrorJson> Errors) Add(IReadOnlyList<EnrolmentItem> items)
    {
        List<NewEnrolJob> jobs = [];
        List<ErrorJson> errors = [];
        Dictionary<string, (string? Key, string? Error)> keys = [];
        foreach (var item in items)
        {
            try
            {
                var person = item.Person.Accepted();
                if (person.ExternalKey is null)
                {
                    if (!keys.TryGetValue(person.Name, out var found)) keys.Add(person.Name, found = KeyOf(person.Name));
                    person = person with { ExternalKey = found.Key ?? throw new GalleryException(found.Error!) };
                }
                jobs.Add(new(person, Path.GetFullPath(item.File)));
            }
            catch (GalleryException e)
            {
                errors.Add(new(item.File, $"{item.File}: {e.Message}", Wording.Kind(e.Kind)));
            }
        }
        var queued = _jobs.Add(jobs);
        return (queued, jobs.Count - queued, errors);
    }

    (string? Key, string? Error) KeyOf(string name) => gallery.PersonsNamed(name) switch
    {
        [] when gallery.FindPerson(name) is { } other => (null, $"'{name}' is the external key of {other.Name} ({other.Id}): give a key of its own"),
        [] => (name, null),
        [{ ExternalKey: { } key }] => (key, null),
        [var one] => (null, $"'{name}' ({one.Id}) has no external key, by which workers could find the person: "
            + $"give one with 'edgeface gallery edit --id {one.Id} --set-key KEY'"),
        var several => (null, $"{several.Count} people are named '{name}' ({string.Join(", ", several.Take(5).Select(p => p.Id))}): "
            + "say which with --key (of a list: the column key); 'edgeface gallery edit --id N --set-key KEY' gives a key"),
    };

    /// <summary>
    /// Works jobs off on all cores until there is none to take, or the process is asked to stop: then each thread ends with the job it has.
    /// </summary>
    public QueueWorkResult Work(Enroller enroller, EnrollerOptions options, Action step)
    {
        using var stop = new StopSignals();
        var clock = Stopwatch.StartNew();
        var (done, enrolled) = (0, 0);
        var (resemblances, warnings) = (new ConcurrentQueue<Resemblance>(), new ConcurrentQueue<EnrolWarning>());
        var notes = new ConcurrentDictionary<long, EnrolNotes>();
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(thread => Task.Factory.StartNew(() =>
        {
            var completed = _jobs.Work(
                $"{Environment.MachineName}:{Environment.ProcessId}:{thread}", Lease, Samples, options.How, Enrolled, stop.Token);
            Interlocked.Add(ref done, completed);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Task.WaitAll(workers);
        return new(done, enrolled, stop.Token.IsCancellationRequested, done / Math.Max(clock.Elapsed.TotalSeconds, 1e-9),
            [.. resemblances], [.. warnings]);

        IReadOnlyList<NewSample> Samples(EnrolJob job)
        {
            try
            {
                if (enroller.Sample(new(job.Source, job.Person)) is not { } judged) return [];
                if (judged.NotesFor(options.Gate) is var told && told != default) notes[job.Id] = told;
                return [judged.Sample];
            }
            catch (Exception e) when (Problem.OfItem(e) is { Kind: ErrorKind.Input or ErrorKind.NoAnswer } problem && e is not GalleryException)
            {
                // Not the disk or the server, nor a file that may appear yet, but the picture: another attempt would end alike.
                throw new GalleryException(problem.Message, e);
            }
            finally
            {
                step();
            }
        }

        void Enrolled(EnrolJob job, Enrolment enrolment)
        {
            Interlocked.Increment(ref enrolled);
            if (enrolment.Resembles is not null) resemblances.Enqueue(new(job.Source, enrolment));
            foreach (var warning in EnrolWarning.Of(job.Source, enrolment, options.UnlikeBelow)) warnings.Enqueue(warning);
            notes.TryRemove(job.Id, out var told);
            foreach (var warning in EnrolWarning.Of(job.Source, enrolment, told)) warnings.Enqueue(warning);
        }
    }

    /// <summary>Every job that was given up.</summary>
    public IReadOnlyList<EnrolFailure> Failures()
    {
        List<EnrolFailure> all = [];
        while (_jobs.Failures(all.Count == 0 ? 0 : all[^1].Id) is { Count: > 0 } page) all.AddRange(page);
        return all;
    }
}
