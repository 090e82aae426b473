namespace EdgeFace.Gallery.Search;

/// <summary>A person found: their sample that is most like the probe.</summary>
/// <param name="SampleId">The sample; of equal ones the lowest number.</param>
/// <param name="PersonId">Whose it is.</param>
/// <param name="Score">Cosine of the probe and the stored coordinates, in [-1, 1].</param>
readonly record struct SearchHit(long SampleId, long PersonId, double Score)
{
    /// <summary>Highest score first; of equal scores the lower person number, then the lower sample number.</summary>
    public static Comparison<SearchHit> BestFirst { get; } = (a, b) =>
        a.Score != b.Score ? b.Score.CompareTo(a.Score)
        : a.PersonId != b.PersonId ? a.PersonId.CompareTo(b.PersonId)
        : a.SampleId.CompareTo(b.SampleId);
}

/// <summary>Reads stored samples. Called without any lock of the index held.</summary>
/// <param name="sampleIds">Which.</param>
/// <param name="personIds">Gets the person of each; 0 for a sample that is no longer stored.</param>
/// <param name="coordinates">Gets their coordinates as they are stored, rank values each, one sample after the other.</param>
delegate void ReadSamples(ReadOnlySpan<long> sampleIds, Span<long> personIds, Span<Half> coordinates);
