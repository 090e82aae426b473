using EdgeFace.Gallery;

namespace EdgeFace.People.Documents;

sealed record SampleJson(long Id, DateTimeOffset Created, string? Source, string? SourceSha256, QualityJson Quality, bool HasCrop)
{
    public static SampleJson Of(Sample s) => new(s.Id, s.Created, s.Source, s.SourceSha256, QualityJson.Of(s.Quality), s.HasCrop);
}

sealed record PersonShowJson(string Schema, PersonJson Person, SampleJson[] Samples);
