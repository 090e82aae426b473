
namespace EdgeFace.People.Documents;

sealed record ResemblanceJson(string File, PersonNameJson Person, long SampleId, CandidateJson Resembles)
{
    public static ResemblanceJson Of(Resemblance r)
        => new(r.File, PersonNameJson.Of(r.Enrolment.Person), r.Enrolment.Sample.Id, CandidateJson.Of(r.Enrolment.Resembles!));
}
