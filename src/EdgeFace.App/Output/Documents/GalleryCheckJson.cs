namespace EdgeFace.App.Output;

sealed record GalleryCheckJson(string Schema, bool Sound, long Persons, long Samples, string[] Problems);
