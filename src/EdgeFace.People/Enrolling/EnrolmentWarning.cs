using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>What of an enrolment should be looked at.</summary>
public sealed record EnrolmentWarning
{
    /// <summary>Why.</summary>
    public required EnrolmentWarningKind Kind { get; init; }

    /// <summary>The picture's path.</summary>
    public required string File { get; init; }

    /// <summary>Whose the sample is.</summary>
    public required Person Person { get; init; }

    /// <summary>The sample.</summary>
    public required long SampleId { get; init; }

    /// <summary>The other person who plays a part in it: the namesake, who has the same image, or who is nearer; else null.</summary>
    public Person? Other { get; init; }

    /// <summary>That person's sample which is nearest; null where none plays a part.</summary>
    public long? OtherSampleId { get; init; }

    /// <summary>
    /// A cosine: of <see cref="EnrolmentWarningKind.SameImage"/> that of the two samples, of <see cref="EnrolmentWarningKind.Unlike"/> the best
    /// against the person's own other samples; else null.
    /// </summary>
    public double? Score { get; init; }

    /// <summary>The cosine of the sample and <see cref="OtherSampleId"/>; null where none plays a part.</summary>
    public double? OtherScore { get; init; }

    /// <summary>Of <see cref="EnrolmentWarningKind.Unlike"/>: the cosine that <see cref="Score"/> is below; null where it is not.</summary>
    public double? Below { get; init; }

    /// <summary>Of <see cref="EnrolmentWarningKind.OtherName"/>: the name that came; else null.</summary>
    public string? GivenName { get; init; }

    /// <summary>Of <see cref="EnrolmentWarningKind.Unrecognisable"/>: why; else null.</summary>
    public GateJudgement? Gate { get; init; }

    /// <summary>Of <see cref="EnrolmentWarningKind.GroupPhoto"/>: the face that was chosen; else null.</summary>
    public Face? Face { get; init; }

    /// <summary>How many other faces of the picture are at least half as wide as <see cref="Face"/>.</summary>
    public int FacesBeside { get; init; }

    /// <summary>All that is to be told of an enrolment.</summary>
    /// <param name="item">The picture.</param>
    /// <param name="enrolment">What came of it.</param>
    /// <param name="face">The face; null where it is not at hand any more.</param>
    /// <param name="namesake">Of somebody who was added by a key: who has the name and no key.</param>
    /// <param name="unlikeBelow">The score below which a sample is unlike its own person's others; null does not look.</param>
    internal static IReadOnlyList<EnrolmentWarning> Of(
        EnrolmentItem item, Enrolment enrolment, AnalyzedCrop? face, Person? namesake, double? unlikeBelow)
    {
        List<EnrolmentWarning> all = [];
        if (enrolment.OtherName is { } name) all.Add(New(EnrolmentWarningKind.OtherName) with { GivenName = name });
        if (enrolment.Resembles is { Score: >= Enrolment.SameImageScore } same)
            all.Add(New(EnrolmentWarningKind.SameImage, same) with { Score = same.Score });
        else if (enrolment.OwnScore is { } own && (own < unlikeBelow || enrolment.Nearer is not null))
            all.Add(New(EnrolmentWarningKind.Unlike, enrolment.Nearer) with { Score = own, Below = own < unlikeBelow ? unlikeBelow : null });
        if (face is { Gate.IsRecognisable: false }) all.Add(New(EnrolmentWarningKind.Unrecognisable) with { Gate = face.Gate });
        // Who names the face of this very picture has seen the others.
        if (face is AnalyzedFace { Beside: > 0 } chosen && !item.NamesFace)
            all.Add(New(EnrolmentWarningKind.GroupPhoto) with { Face = chosen.Face, FacesBeside = chosen.Beside });
        if (namesake is not null) all.Add(New(EnrolmentWarningKind.Namesake) with { Other = namesake });
        return all;

        EnrolmentWarning New(EnrolmentWarningKind kind, Candidate? other = null) => new()
        {
            Kind = kind, File = item.File, Person = enrolment.Person, SampleId = enrolment.Sample.Id,
            Other = other?.Person, OtherSampleId = other?.SampleId, OtherScore = other?.Score,
        };
    }
}
