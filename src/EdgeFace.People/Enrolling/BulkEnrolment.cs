using System.Diagnostics;
using EdgeFace.Gallery;

namespace EdgeFace.People;

/// <summary>
/// Enrols many pictures: they are read, searched and embedded on all cores, a bounded number ahead, and written in their order, those together
/// that are ready together. Pictures that a person has already, by the hash of their bytes, are passed over, so what was cut off can be begun
/// again. A picture that cannot be enrolled does not stop the others. Safe for any number of threads at once.
/// </summary>
public sealed class BulkEnrolment
{
    readonly EnrolTarget _target;
    readonly SampleMaker _maker;
    readonly Decision _decision;
    readonly BulkEnrolmentOptions _options;

    /// <summary>Enrols into a gallery, at its decision; both stay the caller's.</summary>
    /// <param name="people">The gallery, with the models.</param>
    /// <param name="options">What is enrolled of the pictures; the default refuses pictures with several faces.</param>
    public BulkEnrolment(PeopleGallery people, BulkEnrolmentOptions? options = null)
        : this(TargetOf(people), people.Pipeline, people.Decision, options ?? new())
    {
    }

    internal BulkEnrolment(EnrolTarget target, FacePipeline pipeline, Decision decision, BulkEnrolmentOptions options)
        => (_target, _maker, _decision, _options) = (target, new SampleMaker(pipeline, decision, options), decision, options);

    static EnrolTarget TargetOf(PeopleGallery people)
    {
        ArgumentNullException.ThrowIfNull(people);
        return new(people.Gallery, () => throw new InvalidOperationException("the gallery is there"));
    }

    /// <summary>Enrols pictures, on threads of the pool.</summary>
    /// <param name="items">The pictures; drawn as they are worked on, so there may be more than fit into memory.</param>
    /// <param name="progress">
    /// Told of each picture in their order, once what came of it is stored. It is called on a thread of the pool and keeps the writing waiting.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends it: pictures that were not begun are left out, those in hand are given up, and what is being stored is stored. The result then says what
    /// was done and <see cref="BulkEnrolmentResult.Stopped"/>; nothing is thrown, and each picture is enrolled or not.
    /// </param>
    /// <exception cref="EdgeFaceException">Nothing can be enrolled at all: the gallery cannot be created, say.</exception>
    public Task<BulkEnrolmentResult> RunAsync(
        IEnumerable<EnrolmentItem> items, IProgress<EnrolmentOutcome>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        // A thread of its own: it waits for the disk while those of the pool embed.
        return Task.Factory.StartNew(() => Run(items, progress, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    BulkEnrolmentResult Run(IEnumerable<EnrolmentItem> items, IProgress<EnrolmentOutcome>? progress, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        List<EnrolmentOutcome> enrolled = [], noAnswer = [], failed = [];
        var (alreadyThere, peopleAdded, stopped) = (0, 0, true);
        try
        {
            foreach (var ready in Ahead.Of(Groups(), group => _maker.Make(group, stop), stop))
                foreach (var outcome in Write([.. ready.SelectMany(made => made)]))
                {
                    Count(outcome);
                    progress?.Report(outcome);
                }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            stopped = true;
        }
        return new()
        {
            Enrolled = enrolled, AlreadyThere = alreadyThere, PeopleAdded = peopleAdded, NoAnswer = noAnswer, Failed = failed, Stopped = stopped,
            Elapsed = clock.Elapsed,
        };

        // What a person has is asked for here, so that no worker waits for a gallery that is being written.
        IEnumerable<(EnrolmentItem, Func<string, bool>)[]> Groups()
        {
            foreach (var group in items.Chunk(_maker.Together))
            {
                if (stop.IsCancellationRequested) yield break;
                yield return [.. group.Select(item => (item, (Func<string, bool>)SourcesOf(item).Contains))];
            }
            stopped = false;
        }

        void Count(EnrolmentOutcome outcome)
        {
            switch (outcome.Kind)
            {
                case EnrolmentOutcomeKind.Enrolled:
                    enrolled.Add(outcome);
                    if (outcome.AddedPerson) peopleAdded++;
                    break;
                case EnrolmentOutcomeKind.AlreadyThere:
                    alreadyThere++;
                    break;
                case EnrolmentOutcomeKind.NoAnswer:
                    noAnswer.Add(outcome);
                    break;
                default:
                    failed.Add(outcome);
                    break;
            }
        }
    }

    HashSet<string> SourcesOf(EnrolmentItem item)
    {
        try
        {
            // Whose key comes with another name is refused when it is written, also where the picture is there already.
            return _target.Gallery is { } gallery && PersonOf(gallery, item) is { Samples: > 0 } known
                && !(_options.Strict && item.Person.ExternalKey is not null && known.Name != item.Person.Accepted().Name)
                ? [.. gallery.Samples(known.Id).Select(s => s.SourceSha256).OfType<string>()] : [];
        }
        catch (Exception e) when (IsRefusal(e))
        {
            // The same is found out when the picture is to be written, and said there.
            return [];
        }
    }

    List<EnrolmentOutcome> Write(IReadOnlyList<MadeSample> ready)
    {
        List<EnrolmentOutcome> outcomes = [];
        if (ready.All(m => m.Sample is null)) return [.. ready.Select(NotWritten)];
        var gallery = _target.Required();
        try
        {
            gallery.Together(() => outcomes.AddRange(ready.Select(m => m.Sample is { } sample ? Write(gallery, m, sample) : NotWritten(m))));
            return outcomes;
        }
        catch (GalleryException e)
        {
            // None of them is certain: the error of one is said of all, and the next run finds out.
            return [.. ready.Select(m => NotWritten(m with { Problem = m.Problem ?? ProblemOf(m.Item, e) }))];
        }
    }

    EnrolmentOutcome Write(IGallery gallery, MadeSample made, NewSample sample)
    {
        var item = made.Item;
        try
        {
            var known = PersonOf(gallery, item);
            var byKey = item.PersonId is null && item.Person.ExternalKey is not null;
            var enrolment = known is null || byKey
                ? gallery.Enrol(item.Person, [sample], _options.How(_decision))[0] : gallery.Enrol(known.Id, sample, _options.How(_decision));
            var namesake = known is null && byKey ? gallery.PersonsNamed(item.Person.Name).FirstOrDefault(p => p.ExternalKey is null) : null;
            return new()
            {
                Item = item, Enrolment = enrolment, AddedPerson = known is null,
                Warnings = EnrolmentWarning.Of(item, enrolment, made.Face, namesake, _decision.UnlikeBelow),
            };
        }
        catch (DuplicateSampleException)
        {
            return new() { Item = item };
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return new() { Item = item, Problem = ProblemOf(item, (EdgeFaceException)e) };
        }
    }

    static bool IsRefusal(Exception e) => e is GalleryException or SeveralPeopleException;

    static EnrolmentOutcome NotWritten(MadeSample made) => new() { Item = made.Item, Problem = made.Problem };

    static Problem ProblemOf(EnrolmentItem item, EdgeFaceException e) => new($"{item.File}: {e.Message}", e.Kind, e);

    static Person? PersonOf(IGallery gallery, EnrolmentItem item)
        => item.PersonId is { } id ? gallery.FindPerson(id) ?? throw new GalleryException($"there is no person {id} any more")
            : gallery.Known(item.Person);
}
