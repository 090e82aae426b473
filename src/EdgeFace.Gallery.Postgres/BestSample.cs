namespace EdgeFace.Gallery.Postgres;

/// <summary>Of a person's samples, the one that scores highest.</summary>
readonly record struct BestSample(long PersonId, long SampleId, double Score);
