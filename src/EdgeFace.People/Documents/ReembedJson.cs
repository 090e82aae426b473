namespace EdgeFace.People.Documents;

/// <param name="Unrecognisable">Samples with a new embedding whose face the new recogniser cannot recognise.</param>
sealed record ReembedJson(string Schema, bool Replaced, ContractJson From, ContractJson To, long Samples, long FromCrops, long FromSources,
    long Dropped, ErrorJson[] Errors, UnrecognisableSampleJson[] Unrecognisable)
{
    public static ReembedJson Of(ReembedResult r) => new("edgeface.reembed.v1", r.Replaced, ContractJson.Of(r.Former), ContractJson.Of(r.Contract),
        r.Samples, r.FromCrops, r.FromPictures, r.Replaced ? r.Failed.Count : 0,
        [.. r.Failed.Select(f => ErrorJson.Of(f.Sample.Source ?? $"sample {f.Sample.Id}", f.Problem!.Value))],
        [.. r.Unrecognisable.Select(UnrecognisableSampleJson.Of)]);
}
