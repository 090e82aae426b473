namespace EdgeFace.App.Output;

sealed record ModelJson(string Name, string Where, string? Network, long Parameters, long? MultiplyAdds, string Storage,
    string WeightsSha256, ModelCard Card);
