namespace EdgeFace.People.Documents;

sealed record ImportedJson(
    string Schema, string Folder, long Persons, long Samples, long Crops, long Present, string[] Problems, string[] Warnings, bool GalleryCreated);
