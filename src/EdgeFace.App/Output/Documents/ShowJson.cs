namespace EdgeFace.App.Output;

sealed record ShowJson(string Schema, ModelJson Model);
