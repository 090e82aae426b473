namespace EdgeFace.Gallery;

/// <summary>How an identification decides.</summary>
/// <param name="Threshold">The lowest cosine at which a person is named.</param>
/// <param name="Fmr">The false match rate that the threshold stands for, in (0, 1), or null if it is not known.</param>
public readonly record struct IdentifyOptions(double Threshold, double? Fmr = null)
{
    /// <summary>How many candidates are reported for a probe.</summary>
    public int Candidates { get; init; } = 5;
}

/// <summary>Who a probe is, as far as the gallery can tell.</summary>
/// <param name="Person">The person named, or null: unknown.</param>
/// <param name="Candidates">The people most alike, highest score first, whether they reach the threshold or not.</param>
/// <param name="Margin">How far the named person's score is above that of the next other one; null without two candidates or if unknown.</param>
/// <param name="Threshold">The lowest cosine at which a person is named.</param>
/// <param name="Fmr">The false match rate that it stands for, or null.</param>
/// <param name="ExpectedFpir">Share of searches for people who are not enrolled that would name somebody, expected for a gallery of this size:
/// 1 - (1 - FMR)^N; null without <paramref name="Fmr"/>.</param>
public sealed record Identification(Person? Person, IReadOnlyList<Candidate> Candidates, double? Margin,
    double Threshold, double? Fmr, double? ExpectedFpir)
{
    /// <summary>
    /// A margin below this says little: two people of the gallery look alike to the model, or one was enrolled twice. In units of the score.
    /// </summary>
    public const double SmallMargin = 0.05;

    /// <summary>Scores of two people that differ by less are a tie, of which nobody is named: galleries store embeddings no more exactly.</summary>
    public const double Tie = 1e-3;

    /// <summary>Whether nobody is named.</summary>
    public bool IsUnknown => Person is null;

    /// <summary>
    /// Whom the face cannot well be told from: the next other person, of a named one whose margin is below <see cref="SmallMargin"/>; or of an
    /// unknown face the other person of a tie of which one or both reach the threshold. Null if the result is clear.
    /// </summary>
    public Candidate? Rival { get; init; }

    /// <summary>
    /// The face of the photo, from 0, that this face's best candidate was named for, although the score here reaches the threshold; null if
    /// that is not why another or nobody is named.
    /// </summary>
    public int? TakenByFace { get; init; }
}

/// <summary>Identification (1:N) in any gallery.</summary>
public static class GalleryIdentification
{
    /// <summary>Who a probe is.</summary>
    /// <exception cref="ContractMismatchException">The probe was made otherwise than the gallery's samples.</exception>
    public static Identification Identify(this IGallery gallery, Embedding probe, IdentifyOptions options) => gallery.Identify([probe], options)[0];

    /// <summary><see cref="Identify(IGallery, Embedding, IdentifyOptions)"/>, asynchronously.</summary>
    public static async Task<Identification> IdentifyAsync(
        this IGallery gallery, Embedding probe, IdentifyOptions options, CancellationToken cancellationToken = default)
        => (await gallery.IdentifyAsync([probe], options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>
    /// Who the faces of one photo are. A person is named for one face at most: the best score of all faces and people is settled first, then the
    /// best among what remains. Where two people who are still to be named score the same for a face, neither is named for it.
    /// </summary>
    /// <param name="gallery">Where to look.</param>
    /// <param name="faces">The faces of one photo.</param>
    /// <param name="options">How to decide.</param>
    /// <returns>One result for each face, in their order.</returns>
    /// <exception cref="ContractMismatchException">A face was embedded otherwise than the gallery's samples.</exception>
    public static IReadOnlyList<Identification> Identify(this IGallery gallery, IReadOnlyList<Embedding> faces, IdentifyOptions options)
    {
        var count = Needed(gallery, faces, options);
        IReadOnlyList<IReadOnlyList<Candidate>> found;
        using (Telemetry.Search(faces.Count)) found = gallery.Search(faces, count);
        return Decide(found, options, options.Fmr is null ? 0 : gallery.Info.Persons);
    }

    /// <summary><see cref="Identify(IGallery, IReadOnlyList{Embedding}, IdentifyOptions)"/>, asynchronously.</summary>
    public static async Task<IReadOnlyList<Identification>> IdentifyAsync(
        this IGallery gallery, IReadOnlyList<Embedding> faces, IdentifyOptions options, CancellationToken cancellationToken = default)
    {
        var count = Needed(gallery, faces, options);
        IReadOnlyList<IReadOnlyList<Candidate>> found;
        using (Telemetry.Search(faces.Count)) found = await gallery.SearchAsync(faces, count, cancellationToken).ConfigureAwait(false);
        var persons = options.Fmr is null ? 0 : (await gallery.GetInfoAsync(cancellationToken).ConfigureAwait(false)).Persons;
        return Decide(found, options, persons);
    }

    /// <summary>Checks what was asked for.</summary>
    /// <returns>How many candidates: however the faces before it are settled, one of this many is left for each face.</returns>
    static int Needed(IGallery gallery, IReadOnlyList<Embedding> faces, IdentifyOptions options)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Candidates, 1);
        if (!(options.Threshold is >= -1 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(options), options.Threshold, "a threshold is a cosine between -1 and 1");
        if (options.Fmr is { } rate && !(rate is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(options), rate, "a false match rate lies between 0 and 1");
        return Math.Min(GalleryRules.MostCandidates, Math.Max(2, options.Candidates) + faces.Count - 1);
    }

    static List<Identification> Decide(IReadOnlyList<IReadOnlyList<Candidate>> found, IdentifyOptions options, long persons)
    {
        var (named, tied) = (new Candidate?[found.Count], new Candidate?[found.Count]);
        var takenBy = new Dictionary<long, int>();
        var claims = from face in Enumerable.Range(0, found.Count)
                     from candidate in found[face]
                     where candidate.Score >= options.Threshold
                     orderby candidate.Score descending, face, candidate.Person.Id
                     select (face, candidate);
        foreach (var (face, candidate) in claims)
        {
            if (named[face] is not null || tied[face] is not null || takenBy.ContainsKey(candidate.Person.Id)) continue;
            tied[face] = found[face].FirstOrDefault(c => c.Person.Id != candidate.Person.Id && !takenBy.ContainsKey(c.Person.Id)
                && Math.Abs(c.Score - candidate.Score) < Identification.Tie);
            if (tied[face] is not null) continue;
            named[face] = candidate;
            takenBy.Add(candidate.Person.Id, face);
        }
        var fpir = options.Fmr is { } fmr ? SearchRates.Fpir(fmr, persons) : (double?)null;
        return
        [
            .. Enumerable.Range(0, found.Count).Select(face =>
            {
                var next = named[face] is { } who ? found[face].FirstOrDefault(c => c.Person.Id != who.Person.Id) : null;
                var margin = named[face]?.Score - next?.Score;
                return new Identification(
                    named[face]?.Person, [.. found[face].Take(options.Candidates)], margin, options.Threshold, options.Fmr, fpir)
                {
                    Rival = margin < Identification.SmallMargin ? next : tied[face],
                    TakenByFace = TakenBy(found[face], named[face], options.Threshold, takenBy),
                };
            }),
        ];
    }

    static int? TakenBy(IReadOnlyList<Candidate> found, Candidate? named, double threshold, Dictionary<long, int> takenBy)
        => found is [var best, ..] && best.Person.Id != named?.Person.Id && best.Score >= threshold
            && takenBy.TryGetValue(best.Person.Id, out var face) ? face : null;
}
