using EdgeFace.Gallery;
using EdgeFace.Vision;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFace.People;

/// <summary>
/// A gallery, the pipeline that makes its embeddings, and when two faces are one person's: photos in, people out. Safe for any number of threads at
/// once. Calls that are cancelled end within a tenth of a second; of a change it is then as <see cref="IGallery"/> says.
/// </summary>
public sealed class PeopleGallery : IDisposable, IAsyncDisposable
{
    readonly bool _owns;
    readonly ILogger _log;
    readonly TimeProvider? _time;

    /// <summary>Joins a gallery and a pipeline, which stay the caller's.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="pipeline">Makes embeddings of its contract.</param>
    /// <param name="decision">When two faces are one person's; by the card at an FMR of 1e-4 unless given.</param>
    /// <exception cref="GalleryContractException">The gallery is bound to another contract than the pipeline's.</exception>
    /// <exception cref="EdgeFaceException">No decision is given, and there is no threshold: <see cref="Decision.For"/>.</exception>
    public PeopleGallery(IGallery gallery, FacePipeline pipeline, Decision? decision = null)
        : this(gallery, pipeline, decision, NullLogger<PeopleGallery>.Instance) { }

    /// <summary>As the other, for programs that keep a log.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="pipeline">Makes embeddings of its contract.</param>
    /// <param name="decision">When two faces are one person's; by the card at an FMR of 1e-4 unless given.</param>
    /// <param name="logger">Is told what is done, never to whom.</param>
    /// <param name="time">When samples are enrolled; the gallery's clock unless given.</param>
    /// <exception cref="GalleryContractException">The gallery is bound to another contract than the pipeline's.</exception>
    /// <exception cref="EdgeFaceException">No decision is given, and there is no threshold: <see cref="Decision.For"/>.</exception>
    public PeopleGallery(IGallery gallery, FacePipeline pipeline, Decision? decision, ILogger<PeopleGallery> logger, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(pipeline);
        if (gallery.Contract != pipeline.Contract) throw new GalleryContractException("the gallery", gallery.Contract, pipeline.Contract);
        (Gallery, Pipeline, Decision) = (gallery, pipeline, decision ?? Decision.For(pipeline));
        (_log, _time) = (logger, time);
    }

    PeopleGallery(OpenedGallery gallery, FacePipeline pipeline, Decision decision) : this(gallery.Gallery, pipeline, decision) => _owns = true;

    /// <summary>Who is known.</summary>
    public IGallery Gallery { get; }

    /// <summary>From photos to embeddings.</summary>
    public FacePipeline Pipeline { get; }

    /// <summary>When two faces are one person's.</summary>
    public Decision Decision { get; }

    /// <summary>Opens a gallery in a file, or creates it, and the models; all are freed with it.</summary>
    /// <exception cref="EdgeFaceException">A model, the threshold or the gallery cannot be had.</exception>
    public static Task<PeopleGallery> OpenAsync(string path, CancellationToken cancellationToken = default)
        => OpenAsync(new GalleryAddress(path), cancellationToken: cancellationToken);

    /// <summary>Opens a gallery, or creates it, and the models; all are freed with it.</summary>
    /// <param name="address">Where the gallery lies.</param>
    /// <param name="pipeline">Which models; the embedded ones unless given.</param>
    /// <param name="decision">When two faces are one person's; by the card at an FMR of 1e-4 unless given.</param>
    /// <param name="cancellationToken">Ends the call; nothing stays open.</param>
    /// <exception cref="GalleryContractException">The gallery was made with other models.</exception>
    /// <exception cref="EdgeFaceException">A model, the threshold or the gallery cannot be had.</exception>
    public static async Task<PeopleGallery> OpenAsync(GalleryAddress address, PipelineOptions? pipeline = null, DecisionOptions? decision = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var opened = await FacePipeline.OpenAsync(pipeline, cancellationToken).ConfigureAwait(false);
        try
        {
            var decides = Decision.For(opened, decision);
            var gallery = await address.OpenOrCreateAsync(opened, cancellationToken: cancellationToken).ConfigureAwait(false);
            return new(gallery, opened, decides);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Enrols a face of a photo for a person.</summary>
    /// <param name="person">
    /// Found by the external key, or without one by the name, and added where nobody is found. Who is found keeps name and metadata.
    /// </param>
    /// <param name="photo">The photo.</param>
    /// <param name="options">Which face, and what is stored.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="UnrecognisableFaceException">The face cannot be recognised: others would be taken for it.</exception>
    /// <exception cref="DuplicateSampleException">The person has the image already.</exception>
    /// <exception cref="SeveralPeopleException">Several have the name.</exception>
    /// <exception cref="GalleryException">The gallery refuses the sample.</exception>
    /// <exception cref="EdgeFaceException">As for <see cref="FacePipeline.SingleAsync"/>.</exception>
    public async Task<Enrolment> EnrolAsync(
        NewPerson person, Photo photo, EnrolPhotoOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(person);
        options ??= new();
        var accepted = person.Accepted();
        var sample = await SampleAsync(photo, options, cancellationToken).ConfigureAwait(false);
        if (accepted.ExternalKey is null && await NamedAsync(accepted.Name, cancellationToken).ConfigureAwait(false) is { } known)
            return Told(await Gallery.EnrolAsync(known.Id, sample, How(options), cancellationToken).ConfigureAwait(false));
        accepted = accepted with { Created = accepted.Created ?? sample.Created };
        return Told((await Gallery.EnrolAsync(accepted, [sample], How(options), cancellationToken).ConfigureAwait(false))[0]);
    }

    /// <summary>Enrols a face of a photo for a person of the gallery.</summary>
    /// <param name="personId">Who.</param>
    /// <param name="photo">The photo.</param>
    /// <param name="options">Which face, and what is stored.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="UnrecognisableFaceException">The face cannot be recognised: others would be taken for it.</exception>
    /// <exception cref="DuplicateSampleException">The person has the image already.</exception>
    /// <exception cref="GalleryException">There is no such person, or the gallery refuses the sample.</exception>
    /// <exception cref="EdgeFaceException">As for <see cref="FacePipeline.SingleAsync"/>.</exception>
    public async Task<Enrolment> EnrolAsync(
        long personId, Photo photo, EnrolPhotoOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var sample = await SampleAsync(photo, options, cancellationToken).ConfigureAwait(false);
        return Told(await Gallery.EnrolAsync(personId, sample, How(options), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Says who the faces of a photo are (1:N).</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="candidates">How many candidates are told of for each face, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EdgeFaceException">As for <see cref="FacePipeline.AnalyzeAsync"/>.</exception>
    public async Task<PhotoIdentification> IdentifyAsync(Photo photo, int candidates = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(candidates, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(candidates, 100);
        var seen = await Pipeline.AnalyzeAsync(photo, cancellationToken).ConfigureAwait(false);
        return await IdentifyAsync(seen, candidates, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says who the faces are that <see cref="FacePipeline.AnalyzeAsync"/> found in a photo.</summary>
    /// <param name="photo">What was found.</param>
    /// <param name="candidates">How many candidates are told of for each face, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<PhotoIdentification> IdentifyAsync(EmbeddedPhoto photo, int candidates = 5, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(photo);
        var faces = photo.Faces;
        int[] taken = [.. Enumerable.Range(0, faces.Count).Where(i => !Decision.Refuses(faces[i].Gate))];
        var found = new Identification?[faces.Count];
        if (taken.Length > 0)
        {
            // A face may lose its best candidates to the other faces; who is named is among so many all the same.
            var how = Decision.Identifying(Math.Min(GalleryRules.MostCandidates, candidates + faces.Count));
            var all = await Gallery.IdentifyAsync([.. taken.Select(i => faces[i].Embedding)], how, cancellationToken).ConfigureAwait(false);
            // Faces that are left out take nobody's place, but keep their number.
            foreach (var (i, who) in taken.Zip(all)) found[i] = who with { TakenByFace = who.TakenByFace is { } by ? taken[by] : null };
        }
        var persons = (await Gallery.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Persons;
        IdentifiedFace[] identified = [.. faces.Zip(found, (face, who) => IdentifiedFace.Of(face, who, candidates))];
        _log.Identified(faces.Count, identified.Count(f => f.Person is not null), faces.Count - taken.Length, persons);
        return new()
        {
            Size = photo.Size, Decision = Decision, Persons = persons,
            ExpectedFpir = Decision.Fmr is { } rate ? SearchRates.Fpir(rate, persons) : null,
            Faces = identified,
        };
    }

    /// <summary>Says whether the face of a photo is that of one person of the gallery (1:1).</summary>
    /// <param name="personId">Who it should be.</param>
    /// <param name="photo">The photo.</param>
    /// <param name="choice">Which face where the photo shows several; by default several are refused.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="GalleryException">There is no such person, or the person has no samples.</exception>
    /// <exception cref="EdgeFaceException">As for <see cref="FacePipeline.SingleAsync"/>.</exception>
    public async Task<Verification> VerifyAsync(
        long personId, Photo photo, FaceChoice choice = default, CancellationToken cancellationToken = default)
    {
        var person = await Gallery.FindPersonAsync(personId, cancellationToken).ConfigureAwait(false)
            ?? throw new GalleryException($"there is no person {personId}");
        var samples = await Gallery.SamplesAsync(personId, cancellationToken).ConfigureAwait(false);
        var face = await Pipeline.SingleAsync(photo, choice, cancellationToken).ConfigureAwait(false);
        (long Id, double Score)? best = null;
        foreach (var sample in samples)
        {
            // One that was deleted meanwhile has none.
            if (await Gallery.EmbeddingOfAsync(sample.Id, cancellationToken).ConfigureAwait(false) is not { } stored) continue;
            var score = stored.Score(face.Embedding);
            if (best is not { } before || score > before.Score) best = (sample.Id, score);
        }
        if (best is not { } nearest) throw new GalleryException($"{person.Name} ({person.Id}) has no samples to compare with");
        var result = Decision.Refuses(face.Gate) ? MatchDecision.CannotTell
            : nearest.Score >= Decision.Threshold ? MatchDecision.Same : MatchDecision.Different;
        _log.Verified(person.Id, result);
        return new()
        {
            Person = person, Analyzed = face, SampleId = nearest.Id, Score = nearest.Score, Decision = Decision,
            Result = result,
        };
    }

    /// <summary>Frees what <see cref="OpenAsync(string, CancellationToken)"/> opened; of what was joined, nothing.</summary>
    public void Dispose()
    {
        if (!_owns) return;
        Gallery.Dispose();
        Pipeline.Dispose();
    }

    /// <summary>As <see cref="Dispose"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_owns) return;
        await Gallery.DisposeAsync().ConfigureAwait(false);
        Pipeline.Dispose();
    }

    Enrolment Told(Enrolment enrolment)
    {
        _log.Enrolled(enrolment.Sample.Id, enrolment.Person.Id);
        if (enrolment.Resembles is { } other) _log.Resembles(enrolment.Sample.Id, enrolment.Person.Id, other.Person.Id);
        return enrolment;
    }

    EnrolOptions How(EnrolPhotoOptions options) => new() { ResemblanceThreshold = Decision.Threshold, Strict = options.Strict };

    async Task<NewSample> SampleAsync(Photo photo, EnrolPhotoOptions options, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(photo);
        return await photo.WorkAsync((image, encoded) =>
        {
            var face = Pipeline.One(image, options.Face, photo.Name, stop);
            if (Decision.Refuses(face.Gate))
            {
                _log.Unrecognisable();
                throw new UnrecognisableFaceException(photo.Name, face.Gate);
            }
            return new NewSample(face.Embedding)
            {
                Created = _time?.GetUtcNow(), Source = photo.Path, SourceSha256 = photo.HashOf(encoded), Quality = SampleFacts.QualityOf(face),
                Crop = options.KeepCrop ? SampleFacts.PngOf(face.Crop) : null,
            };
        }, stop).ConfigureAwait(false);
    }

    async Task<Person?> NamedAsync(string name, CancellationToken stop)
        => await Gallery.PersonsNamedAsync(name, stop).ConfigureAwait(false) switch
        {
            [] => null,
            [var one] => one,
            var several => throw new SeveralPeopleException(name, several),
        };
}
