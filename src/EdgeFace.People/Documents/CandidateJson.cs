using EdgeFace.Gallery;

namespace EdgeFace.People.Documents;

sealed record CandidateJson(PersonNameJson Person, long SampleId, double Score)
{
    public static CandidateJson Of(Candidate c) => new(PersonNameJson.Of(c.Person), c.SampleId, Math.Round(c.Score, 6));
}
