namespace EdgeFace.App.Output;

sealed record PullJson(string Schema, string Name, string Path, long Bytes, string Sha256, bool AlreadyThere);
