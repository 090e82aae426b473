namespace EdgeFace.People.Documents;

/// <summary>Of a photo and a person; not of a model's file, whose document is <c>edgeface.verify.v1</c>.</summary>
sealed record VerificationJson(string Schema, string Decision, double Score, double Threshold, double? Fmr, ComparedJson Photo,
    PersonNameJson Person, long SampleId, ContractJson Contract, string? MeasuredOn, string? Limits)
{
    public static VerificationJson Of(string file, Verification v, FacePipeline pipeline)
        => new("edgeface.verification.v1", Wording.Of(v.Result), Math.Round(v.Score, 6), v.Decision.Threshold, v.Decision.Fmr,
            ComparedJson.Of(file, v.Analyzed, pipeline.Gate), PersonNameJson.Of(v.Person), v.SampleId, ContractJson.Of(pipeline.Contract),
            v.Decision.MeasuredOn, pipeline.Card.Limits);
}
