namespace EdgeFace.People.Documents;

sealed record UnrecognisableSampleJson(long SampleId, long PersonId, string? Source, double Score, string[] Reasons)
{
    public static UnrecognisableSampleJson Of(ReembeddedSample s)
        => new(s.Sample.Id, s.Sample.PersonId, s.Sample.Source, Math.Round(s.Gate!.Score, 6), [.. s.Gate.Reasons]);
}
