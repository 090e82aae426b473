namespace EdgeFace.App.Output;

sealed record ConvertJson(string Schema, string From, string To, string Storage, long Bytes, string? WeightsSha256);
