namespace EdgeFace.People.Documents;

sealed record IdentifiedJson(FaceJson? Face, QualityJson Quality, GateJson Gate, string Decision, PersonNameJson? Person, double? Score,
    long? SampleId, double? Margin, CandidateJson[] Candidates, CandidateJson? Rival, int? TakenByFace, string? Note);

sealed record IdentifyJson(string Schema, string File, int Width, int Height, double Threshold, double? Fmr, double? ExpectedFpir,
    long GalleryPersons, IdentifiedJson[] Faces, ContractJson Contract);
