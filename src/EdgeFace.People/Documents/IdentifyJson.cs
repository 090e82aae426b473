using EdgeFace.Vision;

namespace EdgeFace.People.Documents;

sealed record IdentifiedJson(FaceJson? Face, QualityJson Quality, GateJson Gate, string Decision, PersonNameJson? Person, double? Score,
    long? SampleId, double? Margin, CandidateJson[] Candidates, CandidateJson? Rival, int? TakenByFace, string? Note)
{
    public static IdentifiedJson Of(IdentifiedFace it, FaceGate gate)
    {
        var (found, named) = (it.Identification, it.Person is null ? null : it.Best);
        return new(it.Face is null ? null : FaceJson.Of(it.Face), QualityJson.Of(SampleFacts.QualityOf(it.Analyzed)),
            GateJson.Of(it.Analyzed.Gate, gate), Wording.Of(it.Decision), named is null ? null : PersonNameJson.Of(named.Person),
            named is null ? null : Math.Round(named.Score, 6), named?.SampleId, found?.Margin is { } margin ? Math.Round(margin, 6) : null,
            [.. it.Candidates.Select(CandidateJson.Of)], found?.Rival is { } rival ? CandidateJson.Of(rival) : null, found?.TakenByFace, it.Note);
    }
}

sealed record IdentifyJson(string Schema, string File, int Width, int Height, double Threshold, double? Fmr, double? ExpectedFpir,
    long GalleryPersons, IdentifiedJson[] Faces, ContractJson Contract)
{
    public static IdentifyJson Of(string file, PhotoIdentification found, FacePipeline pipeline)
        => new("edgeface.identify.v2", file, found.Size.Width, found.Size.Height, found.Decision.Threshold, found.Decision.Fmr, found.ExpectedFpir,
            found.Persons, [.. found.Faces.Select(f => IdentifiedJson.Of(f, pipeline.Gate))], ContractJson.Of(pipeline.Contract));
}
