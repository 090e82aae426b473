namespace EdgeFace.People.Documents;

sealed record ComparedJson(string File, int Width, int Height, FaceJson? Face, GateJson Gate);

sealed record CompareJson(string Schema, string Decision, float Score, double Threshold, double? Fmr, ComparedJson A, ComparedJson B,
    ContractJson Contract, string? MeasuredOn, string? Limits);
