
namespace EdgeFace.People.Documents;

sealed record ResemblanceJson(string File, PersonNameJson Person, long SampleId, CandidateJson Resembles)
{
    /// <param name="enrolled">A sample that resembles another person.</param>
    public static ResemblanceJson Of(EnrolmentOutcome enrolled)
        => new(enrolled.Item.File, PersonNameJson.Of(enrolled.Enrolment!.Person), enrolled.Enrolment.Sample.Id,
            CandidateJson.Of(enrolled.Enrolment.Resembles!));
}
