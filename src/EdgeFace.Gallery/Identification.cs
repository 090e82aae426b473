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
/// <param name="ExpectedFpir">Share of searches for people who are not enrolled that would name somebody, expected for a gallery of this size: 1 - (1 - FMR)^N; null without <paramref name="Fmr"/>.</param>
public sealed record Identification(Person? Person, IReadOnlyList<Candidate> Candidates, double? Margin, double Threshold, double? Fmr, double? ExpectedFpir)
{
    /// <summary>Whether nobody is named.</summary>
    public bool IsUnknown => Person is null;
}

/// <summary>Identification (1:N) in any gallery.</summary>
public static class GalleryIdentification
{
    /// <summary>Who a probe is.</summary>
    /// <exception cref="ContractMismatchException">The probe was made otherwise than the gallery's samples.</exception>
    public static Identification Identify(this IGallery gallery, Embedding probe, IdentifyOptions options) => gallery.Identify([probe], options)[0];

    /// <summary>
    /// Who the faces of one photo are. A person is named for one face at most: the best score of all faces and people is settled first, then the best
    /// among what remains.
    /// </summary>
    /// <param name="gallery">Where to look.</param>
    /// <param name="faces">The faces of one photo.</param>
    /// <param name="options">How to decide.</param>
    /// <returns>One result for each face, in their order.</returns>
    /// <exception cref="ContractMismatchException">A face was embedded otherwise than the gallery's samples.</exception>
    public static IReadOnlyList<Identification> Identify(this IGallery gallery, IReadOnlyList<Embedding> faces, IdentifyOptions options)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Candidates, 1);
        if (!(options.Threshold is >= -1 and <= 1)) throw new ArgumentOutOfRangeException(nameof(options), options.Threshold, "a threshold is a cosine between -1 and 1");
        if (options.Fmr is { } rate && !(rate is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(options), rate, "a false match rate lies between 0 and 1");
        // However the faces before it are settled, one of this many is left for each face.
        var found = gallery.Search(faces, Math.Min(1000, Math.Max(2, options.Candidates) + faces.Count - 1));
        var named = new Candidate?[faces.Count];
        var taken = new HashSet<long>();
        var claims = from face in Enumerable.Range(0, faces.Count)
                     from candidate in found[face]
                     where candidate.Score >= options.Threshold
                     orderby candidate.Score descending, face, candidate.Person.Id
                     select (face, candidate);
        foreach (var (face, candidate) in claims)
            if (named[face] is null && taken.Add(candidate.Person.Id)) named[face] = candidate;
        var fpir = options.Fmr is { } fmr ? SearchRates.Fpir(fmr, gallery.Info.Persons) : (double?)null;
        return [.. Enumerable.Range(0, faces.Count).Select(face => new Identification(named[face]?.Person, [.. found[face].Take(options.Candidates)], Margin(named[face], found[face]), options.Threshold, options.Fmr, fpir))];
    }

    static double? Margin(Candidate? named, IReadOnlyList<Candidate> candidates)
        => named is not null && candidates.FirstOrDefault(c => c.Person.Id != named.Person.Id) is { } other ? named.Score - other.Score : null;
}
