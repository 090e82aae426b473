namespace EdgeFace.App.Output;

sealed record ModelsEntryJson(string Name, string Kind, string State, string Licence, string? Path, string? Url);

sealed record ModelsJson(string Schema, ModelsEntryJson[] Models);
