using EdgeFace.Gallery;

namespace EdgeFace.App.Output;

/// <summary>What is told of enrolments, in words that name the options and commands that help.</summary>
/// <param name="gallery">The gallery as it is written behind --gallery.</param>
sealed class EnrolmentText(string gallery)
{
    /// <summary>What should be looked at, and what to do about it.</summary>
    public string Of(EnrolmentWarning w) => $"{w.File}: " + w.Kind switch
    {
        EnrolmentWarningKind.OtherName => $"the key '{w.Person.ExternalKey}' is of {Name(w.Person)}, but came with the name '{w.GivenName}': "
            + $"enrolled for {w.Person.Name}. If it is another person, {Delete($"--sample {w.SampleId}")} and enrol with another key; "
            + $"if it is a new name, {Command("rename", $"--id {w.Person.Id} --to NAME")}",
        EnrolmentWarningKind.Namesake => $"added {Name(w.Person)} with the key '{w.Person.ExternalKey}', "
            + $"although {Name(w.Other!)} has that name and no key. If they are one person, {Delete($"--id {w.Person.Id}")}, "
            + $"{Command("edit", $"--id {w.Other!.Id} --set-key KEY")}, and enrol again",
        EnrolmentWarningKind.SameImage => $"enrolled for {Name(w.Person)}, "
            + $"but it is the same image as sample {w.OtherSampleId} of {Name(w.Other!)}. "
            + $"One face cannot be two people, and neither will be named for it: {Delete("--sample N")} with {w.SampleId} or {w.OtherSampleId}; "
            + "--strict refuses such images",
        EnrolmentWarningKind.Unlike => $"enrolled for {Name(w.Person)}, but it is unlike that person's other samples: {Unlike(w)}. "
            + $"If it is somebody else, {Delete($"--sample {w.SampleId}")}",
        EnrolmentWarningKind.Unrecognisable => $"enrolled for {Name(w.Person)}, but the face cannot be recognised: {Wording.Reasons(w.Gate!)}. "
            + $"Others may be taken for it: {Delete($"--sample {w.SampleId}")}",
        _ => $"enrolled for {Name(w.Person)}, but it is a group photo: beside the face that was chosen, "
            + FormattableString.Invariant($"{w.Face!.Box.Width:f0} x {w.Face.Box.Height:f0} pixels at ({w.Face.Box.Left:f0}, {w.Face.Box.Top:f0}), ")
            + $"{(w.FacesBeside == 1 ? "another one is" : $"{w.FacesBeside} others are")} at least half as wide. "
            + $"If it is somebody else, {Delete($"--sample {w.SampleId}")}, and enrol a portrait, or choose with --face N",
    };

    /// <summary>Why a picture is no sample.</summary>
    public ErrorJson ErrorOf(EnrolmentOutcome outcome)
    {
        var file = outcome.Item.File;
        var problem = outcome.Problem!.Value;
        return ErrorJson.Of(file, problem.Cause switch
        {
            SeveralPeopleException e => problem with
            {
                Message = $"{file}: {e.People.Count} people are named '{e.Name}' "
                    + $"({string.Join(", ", e.People.Take(5).Select(p => p.Id))}): say which with --id N, "
                    + $"or with --key (of a list: the column key) after {Command("edit", "--id N --set-key KEY")}",
            },
            NoExternalKeyException e => problem with
            {
                Message = $"{problem.Message} with {Command("edit", $"--id {e.Person.Id} --set-key KEY")}",
            },
            _ => Advice.Of(problem),
        });
    }

    static string Unlike(EnrolmentWarning w)
    {
        var low = w.Below is { } limit ? FormattableString.Invariant($", below {limit:f3}, as pictures of two people score") : "";
        var nearer = w.Other is { } other ? FormattableString.Invariant($"; {Name(other)} is nearer: {w.OtherScore:f3}") : "";
        return FormattableString.Invariant($"best score {w.Score:f3}{low}{nearer}");
    }

    string Delete(string which) => Command("delete", which);

    string Command(string command, string options) => $"'edgeface gallery {command} --gallery {gallery} {options}'";

    static string Name(Person person) => $"{person.Name} ({person.Id})";
}
