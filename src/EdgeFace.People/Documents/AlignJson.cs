namespace EdgeFace.People.Documents;

sealed record AlignedJson(string File, FaceJson Face, string Crop);

sealed record AlignJson(string Schema, AlignedJson[] Crops, ErrorJson[] Errors, ErrorJson[] Unanswered, ErrorJson[] Ignored);
