namespace EdgeFace.People.Documents;

sealed record ExportedJson(string Schema, string Folder, long Persons, long Samples, long Crops);
