using EdgeFace.People.Documents;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>What of an enrolment should be looked at.</summary>
/// <param name="Kind"><c>other-name</c>, <c>namesake</c>, <c>unlike</c>, <c>same-image</c>, <c>unrecognisable</c> or <c>group-photo</c>.</param>
/// <param name="Other">The other person who plays a part in it, with the sample and score where there are any.</param>
sealed record EnrolWarning(string Kind, string File, Person Person, long SampleId, Person? Other, long? OtherSampleId, double? Score, string Message)
{
    /// <summary>All that an enrolment tells by itself; that it resembles somebody else is told apart.</summary>
    /// <param name="unlikeBelow">The score below which a sample is unlike its own person's others; null does not look.</param>
    public static IEnumerable<EnrolWarning> Of(string file, Enrolment enrolment, double? unlikeBelow)
    {
        var (person, sample) = (enrolment.Person, enrolment.Sample.Id);
        if (enrolment.OtherName is { } name)
            yield return new("other-name", file, person, sample, null, null, null,
                $"{file}: the key '{person.ExternalKey}' is of {Name(person)}, but came with the name '{name}': enrolled for {person.Name}. "
                + $"If it is another person, 'edgeface gallery delete --sample {sample}' and enrol with another key; "
                + $"if it is a new name, 'edgeface gallery rename --id {person.Id} --to NAME'");
        if (enrolment.Resembles is { Score: >= Enrolment.SameImageScore } same)
            yield return new("same-image", file, person, sample, same.Person, same.SampleId, same.Score,
                $"{file}: enrolled for {Name(person)}, but it is the same image as sample {same.SampleId} of {Name(same.Person)}. "
                + "One face cannot be two people, and neither will be named for it: "
                + $"'edgeface gallery delete --sample N' with {sample} or {same.SampleId}; --strict refuses such images");
        else if (enrolment.OwnScore is { } own && (own < unlikeBelow || enrolment.Nearer is not null))
        {
            var nearer = enrolment.Nearer;
            yield return new("unlike", file, person, sample, nearer?.Person, nearer?.SampleId, own, Unlike(file, enrolment, own, unlikeBelow));
        }
    }

    /// <summary>Somebody was added who has the name of somebody without a key: perhaps they are one.</summary>
    public static EnrolWarning Namesake(string file, Enrolment enrolment, Person other)
        => new("namesake", file, enrolment.Person, enrolment.Sample.Id, other, null, null,
            $"{file}: added {Name(enrolment.Person)} with the key '{enrolment.Person.ExternalKey}', "
            + $"although {Name(other)} has that name and no key. "
            + $"If they are one person, 'edgeface gallery delete --id {enrolment.Person.Id}', "
            + $"'edgeface gallery edit --id {other.Id} --set-key KEY', and enrol again");

    /// <summary>What an enrolled face tells.</summary>
    public static IEnumerable<EnrolWarning> Of(string file, Enrolment enrolment, EnrolNotes notes)
    {
        if (notes.Gate is { } gate) yield return Unrecognisable(file, enrolment, gate);
        if (notes.InGroup is { } face) yield return GroupPhoto(file, enrolment, face, notes.Beside);
    }

    /// <summary>A face was chosen among others that may have been meant.</summary>
    static EnrolWarning GroupPhoto(string file, Enrolment enrolment, Face face, int beside)
        => new("group-photo", file, enrolment.Person, enrolment.Sample.Id, null, null, null,
            $"{file}: enrolled for {Name(enrolment.Person)}, but it is a group photo: beside the face that was chosen, "
            + FormattableString.Invariant($"{face.Box.Width:f0} x {face.Box.Height:f0} pixels at ({face.Box.Left:f0}, {face.Box.Top:f0}), ")
            + $"{(beside == 1 ? "another one is" : $"{beside} others are")} at least half as wide. "
            + $"If it is somebody else, 'edgeface gallery delete --sample {enrolment.Sample.Id}', and enrol a portrait, or choose with --face N");

    /// <summary>The face cannot be recognised, and was enrolled all the same.</summary>
    static EnrolWarning Unrecognisable(string file, Enrolment enrolment, GateJudgement gate)
        => new("unrecognisable", file, enrolment.Person, enrolment.Sample.Id, null, null, null,
            $"{file}: enrolled for {Name(enrolment.Person)}, but the face cannot be recognised: {Wording.Reasons(gate)}. "
            + $"Others may be taken for it: 'edgeface gallery delete --sample {enrolment.Sample.Id}'");

    static string Unlike(string file, Enrolment enrolment, double own, double? unlikeBelow)
    {
        var low = own < unlikeBelow ? FormattableString.Invariant($", below {unlikeBelow:f3}, as pictures of two people score") : "";
        var nearer = enrolment.Nearer is { } other ? FormattableString.Invariant($"; {Name(other.Person)} is nearer: {other.Score:f3}") : "";
        return $"{file}: enrolled for {Name(enrolment.Person)}, but it is unlike that person's other samples: "
            + FormattableString.Invariant($"best score {own:f3}{low}{nearer}. ")
            + $"If it is somebody else, 'edgeface gallery delete --sample {enrolment.Sample.Id}'";
    }

    static string Name(Person person) => $"{person.Name} ({person.Id})";
}
