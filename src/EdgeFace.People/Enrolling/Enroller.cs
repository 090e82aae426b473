using System.Diagnostics;
using System.Security.Cryptography;
using EdgeFace.People.Documents;
using EdgeFace.Files;
using EdgeFace.Gallery;
using EdgeFace.Vision;
using EdgeFace.Weights;

namespace EdgeFace.People;

/// <summary>How pictures are enrolled.</summary>
/// <param name="Face">Which face where a picture shows several.</param>
/// <param name="KeepCrops">Whether crops are stored.</param>
/// <param name="ResemblanceThreshold">The score at which a sample looks like another person; null looks for the same image only.</param>
/// <param name="UnlikeBelow">The score below which a sample is unlike its own person's others; null does not look.</param>
/// <param name="Strict">Whether an image that another person has, and a key that comes with another name, are refused.</param>
/// <param name="Gate">What is done with faces that cannot be recognised.</param>
sealed record EnrollerOptions(
    FaceChoice Face, bool KeepCrops, double? ResemblanceThreshold, double? UnlikeBelow, bool Strict, GateUse Gate = GateUse.Refuse)
{
    public EnrolOptions How => new() { ResemblanceThreshold = ResemblanceThreshold ?? Enrolment.SameImageScore, Strict = Strict };
}

/// <summary>A sample that looks like another person.</summary>
sealed record Resemblance(string File, Enrolment Enrolment);

/// <summary>What came of enrolling.</summary>
/// <param name="Unanswered">Pictures in which there is no face, none that is meant, or none that can be recognised.</param>
sealed record EnrollerResult(IReadOnlyList<Enrolment> Enrolled, int AlreadyThere, int PeopleAdded,
    IReadOnlyList<Resemblance> Resemblances, IReadOnlyList<EnrolWarning> Warnings, IReadOnlyList<ErrorJson> Errors,
    IReadOnlyList<ErrorJson> Unanswered, double ImagesPerSecond)
{
    /// <summary>How many pictures were dealt with.</summary>
    public int Taken => Enrolled.Count + AlreadyThere + Errors.Count + Unanswered.Count;

    /// <summary>Whether it was told to stop before all were.</summary>
    public required bool Stopped { get; init; }
}

/// <summary>
/// Enrols many pictures: they are read, detected and embedded on all cores, a bounded number ahead, and written in their order, those together
/// that are ready together. Pictures that a person has already are passed over, so what was cut off can be begun again. A picture that cannot
/// be enrolled does not stop the others.
/// </summary>
sealed class Enroller(EnrolTarget target, FacePipeline pipeline, EnrollerOptions options)
{
    readonly List<Enrolment> _enrolled = [];
    readonly List<Resemblance> _resemblances = [];
    readonly List<EnrolWarning> _warnings = [];
    readonly List<ErrorJson> _errors = [], _unanswered = [];
    int _alreadyThere, _peopleAdded;

    /// <param name="done">Is told of each picture.</param>
    /// <param name="stop">Ends it after the pictures in hand.</param>
    public EnrollerResult Run(IReadOnlyList<EnrolmentItem> items, Action done, CancellationToken stop = default)
    {
        var clock = Stopwatch.StartNew();
        // As many crops as the network takes together.
        var together = pipeline.Detects ? 1 : 8;
        // What a person has is asked for here, so that no worker waits for a gallery that is being written.
        var groups = items.Chunk(together).TakeWhile(_ => !stop.IsCancellationRequested)
            .Select(group => group.Select(item => (item, SourcesOf(item))).ToArray());
        foreach (var ready in Ahead.Of(groups, Prepare))
        {
            List<Prepared> prepared = [.. ready.SelectMany(group => group)];
            foreach (var outcome in Write(prepared)) Count(outcome);
            for (var i = 0; i < prepared.Count; i++) done();
        }
        var taken = _enrolled.Count + _alreadyThere + _errors.Count + _unanswered.Count;
        var rate = taken / Math.Max(clock.Elapsed.TotalSeconds, 1e-9);
        return new(_enrolled, _alreadyThere, _peopleAdded, _resemblances, _warnings, _errors, _unanswered, rate)
        {
            Stopped = taken < items.Count,
        };
    }

    /// <summary>A sample, or null for a picture that the person has already; or why there is none.</summary>
    sealed record Prepared(EnrolmentItem Item, NewSample? Sample, Problem? Problem, EnrolNotes Notes = default);

    /// <summary>A sample, what the gate says of its face, and which face of its picture it is.</summary>
    public readonly record struct Judged(NewSample Sample, GateJudgement Gate, FoundCrop Crop)
    {
        /// <summary>What is to be told of it once it is enrolled.</summary>
        public EnrolNotes NotesFor(GateUse use)
        {
            var beside = Crop.Analyzed?.Beside ?? 0;
            return new(use == GateUse.Warn && !Gate.IsRecognisable ? Gate : null, beside > 0 ? Crop.Analyzed!.Face : null, beside);
        }

        /// <summary>Why it is not enrolled; null where it is.</summary>
        public UnrecognisableFaceException? Refusal(string file, GateUse use)
            => use == GateUse.Refuse && !Gate.IsRecognisable ? new(file, Gate) : null;
    }

    /// <summary>What came of a picture: neither an enrolment nor a problem for one that the person has already.</summary>
    readonly record struct Outcome(string File, Enrolment? Enrolment, bool IsNew, Problem? Problem)
    {
        /// <summary>Of somebody new: who has the name and no key.</summary>
        public Person? Namesake { get; init; }

        /// <summary>What is to be told of the face.</summary>
        public EnrolNotes Notes { get; init; }
    }

    /// <summary>A face of a picture, before it is embedded.</summary>
    sealed record Found(EnrolmentItem Item, string Sha256, FoundCrop Crop);

    List<Prepared> Prepare((EnrolmentItem Item, HashSet<string> Known)[] group)
    {
        var looked = group.Select(g => (g.Item, Result: Look(g.Item, g.Known))).ToList();
        var samples = new Queue<Judged>(SamplesOf([.. looked.Select(l => l.Result.Found).OfType<Found>()]));
        return [.. looked.Select(l => l.Result.Found is null ? new(l.Item, null, l.Result.Problem) : Admit(l.Item, samples.Dequeue()))];
    }

    Prepared Admit(EnrolmentItem item, Judged judged)
        => judged.Refusal(item.File, options.Gate) is { } refusal ? new(item, null, Problem.OfItem(refusal))
            : new(item, judged.Sample, null, judged.NotesFor(options.Gate));

    (Found? Found, Problem? Problem) Look(EnrolmentItem item, HashSet<string> known)
    {
        try
        {
            return (Find(item, known.Contains), null);
        }
        catch (Exception e) when (Problem.OfItem(e) is { } problem)
        {
            return (null, problem);
        }
    }

    HashSet<string> SourcesOf(EnrolmentItem item)
    {
        try
        {
            // Whose key comes with another name is refused when it is written, also where the picture is there already.
            return target.Gallery is { } gallery && PersonOf(gallery, item) is { Samples: > 0 } known
                && !(options.Strict && item.Person.ExternalKey is not null && known.Name != item.Person.Accepted().Name)
                ? [.. gallery.Samples(known.Id).Select(s => s.SourceSha256).OfType<string>()] : [];
        }
        catch (GalleryException)
        {
            // The same is found out when the picture is to be written, and said there.
            return [];
        }
    }

    /// <summary>The sample of a picture, or null if its person has the picture already.</summary>
    public Judged? Sample(EnrolmentItem item)
    {
        if (FileStatus.Of(item.File).Kind == FileKind.Special) throw new InputException($"{item.File}: a pipe, socket or device is no picture");
        var gallery = target.Required();
        bool IsThere(string sha256) => gallery.ContainsSource(sha256) && PersonOf(gallery, item) is { } known
            && gallery.Samples(known.Id).Any(s => s.SourceSha256 == sha256);
        if (Find(item, IsThere) is not { } found) return null;
        var judged = SamplesOf([found])[0];
        return judged.Refusal(item.File, options.Gate) is { } refusal ? throw refusal : judged;
    }

    Found? Find(EnrolmentItem item, Func<string, bool> isThere)
    {
        var bytes = ImageCodec.ReadFile(item.File);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (isThere(sha256)) return null;
        using var picture = ImageCodec.Lease(bytes, default, item.File);
        return new(item, sha256, pipeline.Crop(picture.Image, options.Face, item.File));
    }

    List<Judged> SamplesOf(IReadOnlyList<Found> found) =>
    [
        .. found.Zip(pipeline.Embed([.. found.Select(f => f.Crop)]), (f, embedding) => new Judged(new NewSample(embedding)
        {
            Source = Path.GetFullPath(f.Item.File),
            SourceSha256 = f.Sha256,
            Quality = SampleFacts.Of(f.Crop.Analyzed?.Quality, f.Crop.Crop.Span),
            Crop = options.KeepCrops
                ? SampleFacts.PngOf(f.Crop.Crop) : null,
        }, pipeline.Judge(f.Crop, embedding), f.Crop)),
    ];

    List<Outcome> Write(IReadOnlyList<Prepared> ready)
    {
        List<Outcome> outcomes = [];
        if (ready.All(p => p.Sample is null)) return [.. ready.Select(p => new Outcome(p.Item.File, null, false, p.Problem))];
        var gallery = target.Required();
        try
        {
            gallery.Together(() => outcomes.AddRange(ready.Select(p => Write(gallery, p))));
            return outcomes;
        }
        catch (GalleryException e)
        {
            // None of them is certain: the error of one is said of all, and the next run finds out.
            return [.. ready.Select(p => new Outcome(p.Item.File, null, false, p.Problem ?? ProblemOf(p.Item, e)))];
        }
    }

    Outcome Write(IGallery gallery, Prepared prepared)
    {
        var (item, sample, problem, notes) = prepared;
        if (sample is null) return new(item.File, null, false, problem);
        try
        {
            var known = PersonOf(gallery, item);
            var byKey = item.Id is null && item.Person.ExternalKey is not null;
            var enrolment = known is null || byKey
                ? gallery.Enrol(item.Person, [sample], options.How)[0] : gallery.Enrol(known.Id, sample, options.How);
            var namesake = known is null && byKey ? gallery.PersonsNamed(item.Person.Name).FirstOrDefault(p => p.ExternalKey is null) : null;
            return new(item.File, enrolment, known is null, null) { Namesake = namesake, Notes = notes };
        }
        catch (DuplicateSampleException)
        {
            return new(item.File, null, false, null);
        }
        catch (GalleryException e)
        {
            return new(item.File, null, false, ProblemOf(item, e));
        }
    }

    void Count(Outcome outcome)
    {
        if (outcome.Problem is { } problem) (problem.IsFault ? _errors : _unanswered).Add(ErrorJson.Of(outcome.File, problem));
        else if (outcome.Enrolment is null) _alreadyThere++;
        else
        {
            _enrolled.Add(outcome.Enrolment);
            if (outcome.IsNew) _peopleAdded++;
            if (outcome.Enrolment.Resembles is not null) _resemblances.Add(new(outcome.File, outcome.Enrolment));
            _warnings.AddRange(EnrolWarning.Of(outcome.File, outcome.Enrolment, options.UnlikeBelow));
            _warnings.AddRange(EnrolWarning.Of(outcome.File, outcome.Enrolment, outcome.Notes));
            if (outcome.Namesake is { } namesake) _warnings.Add(EnrolWarning.Namesake(outcome.File, outcome.Enrolment, namesake));
        }
    }

    static Problem ProblemOf(EnrolmentItem item, GalleryException e) => new($"{item.File}: {e.Message}", e.Kind, e);

    static Person? PersonOf(IGallery gallery, EnrolmentItem item)
        => item.Id is { } id
            ? gallery.FindPerson(id) ?? throw new GalleryException($"there is no person {id} any more")
            : Find(gallery, item.Person);

    static Person? Find(IGallery gallery, NewPerson person)
    {
        if (person.ExternalKey is { } key) return gallery.FindPerson(key);
        return gallery.PersonsNamed(person.Name) switch
        {
            [] => null,
            [var one] => one,
            var several => throw new GalleryException($"{several.Count} people are named '{person.Name}' "
                + $"({string.Join(", ", several.Take(5).Select(p => p.Id))}): "
                + "say which with --id N, or with --key (of a list: the column key) after 'edgeface gallery edit --id N --set-key KEY'"),
        };
    }
}
