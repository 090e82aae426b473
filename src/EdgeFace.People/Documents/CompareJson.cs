using EdgeFace.Vision;

namespace EdgeFace.People.Documents;

sealed record ComparedJson(string File, int Width, int Height, FaceJson? Face, GateJson Gate)
{
    public static ComparedJson Of(string file, AnalyzedCrop face, FaceGate gate)
        => new(file, face.Picture.Width, face.Picture.Height, face.FaceOf() is { } found ? FaceJson.Of(found) : null, GateJson.Of(face.Gate, gate));
}

sealed record CompareJson(string Schema, string Decision, float Score, double Threshold, double? Fmr, ComparedJson A, ComparedJson B,
    ContractJson Contract, string? MeasuredOn, string? Limits)
{
    public static CompareJson Of(string a, string b, Comparison c, FacePipeline pipeline)
        => new("edgeface.compare.v2", Wording.Of(c.Result), c.Score, c.Decision.Threshold, c.Decision.Fmr,
            ComparedJson.Of(a, c.A, pipeline.Gate), ComparedJson.Of(b, c.B, pipeline.Gate), ContractJson.Of(pipeline.Contract),
            c.Decision.MeasuredOn, pipeline.Card.Limits);
}
