namespace EdgeFace.Gallery.Postgres;

/// <summary>What a person's sample is compared by when another one comes.</summary>
sealed record PersonSample(long Id, string? SourceSha256, Half[] Coordinates)
{
    public static Task<List<PersonSample>> Of(PostgresSession session, SampleVectors vectors, long personId)
        => session.Rows("SELECT id, source_sha256, embedding FROM samples WHERE person_id = $1 ORDER BY id",
            r => new PersonSample(r.GetInt64(0), r.Hash(1), vectors.ReadHalves(r, 2)), personId);

    /// <summary>The best score against a person's samples, or null for their first.</summary>
    /// <exception cref="GalleryException">The person has that image already, or as many samples as the gallery allows.</exception>
    public static double? RequireNew(
        long personId, IReadOnlyList<PersonSample> stored, float[] coordinates, string? sourceSha256, int mostSamples)
    {
        double? own = null;
        foreach (var other in stored)
        {
            var score = SampleVectors.Score(coordinates, other.Coordinates);
            if (sourceSha256 is not null && sourceSha256 == other.SourceSha256 || score >= GalleryRules.SameImage)
                throw new DuplicateSampleException(personId, other.Id);
            own = Math.Max(own ?? score, score);
        }
        if (stored.Count >= mostSamples)
            throw new GalleryException($"person {personId} has {stored.Count} samples, as many as this gallery allows; delete one first");
        return own;
    }
}
