
namespace EdgeFace.People.Documents;

sealed record EnrolWarningJson(
    string Kind, string File, PersonNameJson Person, long SampleId, PersonNameJson? Other, long? OtherSampleId, double? Score, string Message)
{
    /// <param name="w">The warning.</param>
    /// <param name="message">It, in the words of the program that tells it.</param>
    public static EnrolWarningJson Of(EnrolmentWarning w, string message)
        => new(NameOf(w.Kind), w.File, PersonNameJson.Of(w.Person), w.SampleId, w.Other is null ? null : PersonNameJson.Of(w.Other),
            w.OtherSampleId, w.Score is { } s ? Math.Round(s, 6) : null, message);

    static string NameOf(EnrolmentWarningKind kind) => kind switch
    {
        EnrolmentWarningKind.OtherName => "other-name",
        EnrolmentWarningKind.Namesake => "namesake",
        EnrolmentWarningKind.Unlike => "unlike",
        EnrolmentWarningKind.SameImage => "same-image",
        EnrolmentWarningKind.Unrecognisable => "unrecognisable",
        _ => "group-photo",
    };
}
