using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>A face of a photo, and who it is.</summary>
public sealed record IdentifiedFace
{
    /// <summary>Its crop and embedding, and whether it can be recognised; an <see cref="AnalyzedFace"/> where faces are searched for.</summary>
    public required AnalyzedCrop Analyzed { get; init; }

    /// <summary>Where it is in the photo; null of a crop that was given.</summary>
    public Face? Face => Analyzed.FaceOf();

    /// <summary>What was decided.</summary>
    public required IdentityDecision Decision { get; init; }

    /// <summary>
    /// The candidate who is named, with the best sample and its score; of an unknown face the one most alike. Null of an unrecognisable one, and
    /// where the gallery is empty.
    /// </summary>
    public Candidate? Best { get; init; }

    /// <summary>The person who is named; null where nobody is.</summary>
    public Person? Person => Decision == IdentityDecision.Person ? Best!.Person : null;

    /// <summary>What the search gave; null of a face that was not looked for.</summary>
    public Identification? Identification { get; init; }

    /// <summary>The people most alike, highest score first, whether they reach the threshold or not; none of an unrecognisable face.</summary>
    public IReadOnlyList<Candidate> Candidates { get; init; } = [];

    /// <summary>What the numbers do not say by themselves, in one sentence; null if there is nothing.</summary>
    public string? Note { get; init; }

    /// <param name="analyzed">The face.</param>
    /// <param name="found">What the search gave; null of a face that was not looked for.</param>
    /// <param name="candidates">How many are told of.</param>
    internal static IdentifiedFace Of(AnalyzedCrop analyzed, Identification? found, int candidates)
    {
        var best = found switch
        {
            { Person: { } person } => found.Candidates.First(c => c.Person.Id == person.Id),
            { Candidates: [var first, ..] } => first,
            _ => null,
        };
        return new()
        {
            Analyzed = analyzed, Identification = found, Best = best, Candidates = [.. (found?.Candidates ?? []).Take(candidates)],
            Decision = found is null ? IdentityDecision.Unrecognisable : found.IsUnknown ? IdentityDecision.Unknown : IdentityDecision.Person,
            Note = found is null ? "cannot be recognised: " + Wording.Reasons(analyzed.Gate) : NoteOf(found, best),
        };
    }

    static string? NoteOf(Identification found, Candidate? best)
    {
        static string Name(Candidate c) => $"{c.Person.Name} ({c.Person.Id})";
        if (found is { Rival: { } rival, Person: not null })
            return $"{Name(best!)} is hardly nearer than {Name(rival)}: "
                + FormattableString.Invariant($"margin {found.Margin:f3} is below {Identification.SmallMargin}; ")
                + "look at the photo, and whether both are one person";
        if (found.Rival is { } same)
            return FormattableString.Invariant($"{Name(found.Candidates[0])} and {Name(same)} score the same ({same.Score:f3}): ")
                + "it cannot be told which, and nobody is named; see whether one photo was enrolled for both";
        if (found.TakenByFace is not { } taker) return null;
        var first = found.Candidates[0];
        return FormattableString.Invariant($"looks like {Name(first)} ({first.Score:f3}), for whom face {taker} was taken, which looks more alike");
    }
}
