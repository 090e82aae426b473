namespace EdgeFace.People.Documents;

sealed record GroupedFaceJson(string File, FaceJson? Face);

/// <param name="Index">Its place in the order of detection.</param>
sealed record LeftOutFaceJson(string File, int Index, FaceJson? Face, GateJson Gate);

sealed record FaceGroupJson(int Group, GroupedFaceJson[] Faces);

sealed record ClusterJson(string Schema, double Threshold, double? Fmr, int Faces, FaceGroupJson[] Groups,
    LeftOutFaceJson[] Unrecognisable, ErrorJson[] Errors, ErrorJson[] Unanswered, ErrorJson[] Ignored, ContractJson Contract);
