namespace EdgeFace.People.Documents;

sealed record ReembedJson(string Schema, bool Replaced, ContractJson From, ContractJson To, long Samples, long FromCrops, long FromSources,
    long Dropped, ErrorJson[] Errors);
