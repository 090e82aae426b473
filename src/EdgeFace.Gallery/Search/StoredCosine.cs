namespace EdgeFace.Gallery.Search;

/// <summary>
/// The score as all searches define it: the cosine in double precision, added in the order of the values, so that equal rows have equal scores.
/// </summary>
static class StoredCosine
{
    public static double Of(ReadOnlySpan<float> probe, ReadOnlySpan<float> row)
    {
        double dot = 0, p = 0, r = 0;
        for (var i = 0; i < probe.Length; i++)
        {
            dot += (double)probe[i] * row[i];
            p += (double)probe[i] * probe[i];
            r += (double)row[i] * row[i];
        }
        return Math.Clamp(dot / Math.Sqrt(p * r), -1, 1);
    }
}
