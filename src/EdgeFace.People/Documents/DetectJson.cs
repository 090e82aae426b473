namespace EdgeFace.People.Documents;

sealed record DetectedJson(string File, int Width, int Height, FaceJson[] Faces);

sealed record DetectJson(string Schema, DetectedJson[] Images, ErrorJson[] Errors, ErrorJson[] Ignored);
