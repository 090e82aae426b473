namespace EdgeFace.People.Documents;

sealed record GalleryCheckJson(string Schema, bool Sound, long Persons, long Samples, string[] Problems);
