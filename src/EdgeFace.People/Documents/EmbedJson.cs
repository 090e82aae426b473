namespace EdgeFace.People.Documents;

sealed record EmbeddedJson(string File, FaceJson? Face, float[] Embedding);

sealed record EmbedJson(string Schema, ContractJson Contract, bool Normalised, EmbeddedJson[] Embeddings, ErrorJson[] Errors,
    ErrorJson[] Unanswered, ErrorJson[] Ignored);
