
namespace EdgeFace.People.Documents;

sealed record EnrolWarningJson(
    string Kind, string File, PersonNameJson Person, long SampleId, PersonNameJson? Other, long? OtherSampleId, double? Score, string Message)
{
    public static EnrolWarningJson Of(EnrolWarning w)
        => new(w.Kind, w.File, PersonNameJson.Of(w.Person), w.SampleId, w.Other is null ? null : PersonNameJson.Of(w.Other),
            w.OtherSampleId, w.Score is { } s ? Math.Round(s, 6) : null, w.Message);
}
