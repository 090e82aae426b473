using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>
/// Enrolment of pictures by several processes: one adds them to the gallery's queue, any number of workers enrol them. Workers find people by
/// external key. Each picture is enrolled once; one whose worker ended without a word is taken over after a minute, and one that cannot be
/// enrolled is given up (<see cref="IEnrolJobs.Failures"/>). Safe for any number of threads at once.
/// </summary>
public sealed class QueuedEnrolment
{
    // A worker that ended without a word loses its job after this; one that works renews it.
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    readonly IGallery _gallery;
    readonly Decision _decision;
    readonly BulkEnrolmentOptions _options;
    readonly SampleMaker _maker;

    /// <summary>Works in a gallery, at its decision; all stay the caller's.</summary>
    /// <param name="people">The gallery, with the models.</param>
    /// <param name="jobs">The gallery's queue.</param>
    /// <param name="options">What is enrolled of the pictures; the default refuses pictures with several faces.</param>
    public QueuedEnrolment(PeopleGallery people, IEnrolJobs jobs, BulkEnrolmentOptions? options = null)
        : this((people ?? throw new ArgumentNullException(nameof(people))).Gallery, people.Pipeline, people.Decision, jobs, options ?? new())
        => ArgumentNullException.ThrowIfNull(jobs);

    internal QueuedEnrolment(IGallery gallery, FacePipeline pipeline, Decision decision, IEnrolJobs jobs, BulkEnrolmentOptions options)
    {
        (_gallery, _decision, _options, Jobs) = (gallery, decision, options, jobs);
        _maker = new(pipeline, decision, options);
    }

    /// <summary>The queue itself.</summary>
    public IEnrolJobs Jobs { get; }

    /// <summary>Adds pictures, by full paths that must mean the same to all workers. Who has no external key gets the name as one.</summary>
    /// <param name="items">The pictures, without numbers of people or choices of faces: those are refused.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="GalleryException">The queue cannot be reached; nothing was added.</exception>
    public async Task<QueueAddition> AddAsync(IReadOnlyList<EnrolmentItem> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        List<NewEnrolJob> jobs = [];
        List<EnrolmentOutcome> refused = [];
        Dictionary<string, string> keys = [];
        foreach (var item in items)
        {
            try
            {
                if (item.NamesFace || item.PersonId is not null)
                    throw new InputException("a queue takes no number of a person and no choice of a face: enrol it without the queue");
                var person = item.Person.Accepted();
                if (person.ExternalKey is null)
                {
                    if (!keys.TryGetValue(person.Name, out var key))
                        keys.Add(person.Name, key = await KeyOfAsync(person.Name, cancellationToken).ConfigureAwait(false));
                    person = person with { ExternalKey = key };
                }
                jobs.Add(new(person, Path.GetFullPath(item.File)));
            }
            catch (EdgeFaceException e) when (e.Kind is ErrorKind.Request or ErrorKind.Input)
            {
                refused.Add(new() { Item = item, Problem = new($"{item.File}: {e.Message}", e.Kind, e) });
            }
        }
        var added = await Jobs.AddAsync(jobs, cancellationToken).ConfigureAwait(false);
        return new() { Added = added, AlreadyThere = jobs.Count - added, Refused = refused };
    }

    async Task<string> KeyOfAsync(string name, CancellationToken stop)
        => await _gallery.PersonsNamedAsync(name, stop).ConfigureAwait(false) switch
        {
            [] => await _gallery.FindPersonAsync(name, stop).ConfigureAwait(false) is { } other
                ? throw new InputException($"'{name}' is the external key of {other.Name} ({other.Id}): give a key of its own") : name,
            [{ ExternalKey: { } key }] => key,
            [var one] => throw new NoExternalKeyException(one),
            var several => throw new SeveralPeopleException(name, several),
        };

    /// <summary>Enrols what is in the queue, on all cores, until nothing can be taken.</summary>
    /// <param name="progress">Told of each picture that was dealt with, whatever came of it, by its path; on threads of the pool.</param>
    /// <param name="cancellationToken">
    /// Ends it after the pictures in hand; the result says what was done, and nothing is thrown.
    /// </param>
    /// <exception cref="GalleryException">The queue cannot be reached; what was in hand is taken over later.</exception>
    public async Task<QueueWorkResult> WorkAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var clock = Stopwatch.StartNew();
        var enrolled = new ConcurrentQueue<EnrolmentOutcome>();
        var done = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(Worker)).ConfigureAwait(false);
        return new()
        {
            Done = done.Sum(), Enrolled = [.. enrolled], Stopped = cancellationToken.IsCancellationRequested, Elapsed = clock.Elapsed,
        };

        // The store and the network keep a thread busy; the pool would be slow to give one for each core.
        Task<int> Worker(int thread) => Task.Factory.StartNew(() => Work(thread, progress, enrolled, cancellationToken),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    int Work(int thread, IProgress<string>? progress, ConcurrentQueue<EnrolmentOutcome> enrolled, CancellationToken stop)
    {
        // One job is in hand at a time.
        AnalyzedCrop? face = null;
        return Jobs.Work($"{Environment.MachineName}:{Environment.ProcessId}:{thread}", Lease, Samples, _options.How(_decision), Enrolled, stop);

        IReadOnlyList<NewSample> Samples(EnrolJob job)
        {
            var made = _maker.Make([(new(job.Source, job.Person), hash => IsThere(job, hash))], CancellationToken.None)[0];
            progress?.Report(job.Source);
            face = made.Face;
            var problem = made.Problem;
            // Not the disk or the server, nor a file that may appear yet, but the picture: another attempt would end alike.
            if (problem is { Kind: ErrorKind.Input or ErrorKind.NoAnswer } final) throw new GalleryException(final.Message, final.Cause);
            if (problem is { } passing) throw passing.Cause;
            return made.Sample is { } sample ? [sample] : [];
        }

        void Enrolled(EnrolJob job, Enrolment enrolment)
        {
            var item = new EnrolmentItem(job.Source, job.Person);
            enrolled.Enqueue(new()
            {
                Item = item, Enrolment = enrolment, Warnings = EnrolmentWarning.Of(item, enrolment, face, null, _decision.UnlikeBelow),
            });
        }
    }

    bool IsThere(EnrolJob job, string sha256)
        => _gallery.ContainsSource(sha256) && _gallery.Known(job.Person) is { } known
            && _gallery.Samples(known.Id).Any(s => s.SourceSha256 == sha256);
}
