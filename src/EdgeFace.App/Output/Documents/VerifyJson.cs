namespace EdgeFace.App.Output;

sealed record VerifiedJson(string Name, bool Valid, string? WeightsSha256, string? Problem, string? Kind);

sealed record VerifyJson(string Schema, VerifiedJson[] Models);
