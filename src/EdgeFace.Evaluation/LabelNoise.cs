namespace EdgeFace.Evaluation;

/// <summary>
/// Finds labels that are likely wrong. At false match rates of 1e-5 and below a handful of wrong labels sets the threshold: they need eyes, not
/// statistics, so these functions only list them.
/// </summary>
public static class LabelNoise
{
    /// <summary>A score that two people, short of twins, hardly ever reach.</summary>
    public const double SuspiciousScore = 0.9;

    /// <summary>
    /// Impostor pairs that score as images of one person do: likely one person under two names, or one picture twice. Highest score first.
    /// </summary>
    public static IReadOnlyList<ScoredPair> Suspicious(IEnumerable<ScoredPair> impostorPairs, double least = SuspiciousScore)
    {
        ArgumentNullException.ThrowIfNull(impostorPairs);
        return [.. impostorPairs.Where(p => p.Score >= least).Order(Comparer<ScoredPair>.Create(ScoredPair.HighestFirst))];
    }

    /// <summary>
    /// Indices of pairs labelled as different people although other pairs, alone or in a chain (a is b, b is c), make their images the same
    /// person; also a pair of an image with itself.
    /// </summary>
    /// <param name="imageA">Index of each pair's first image.</param>
    /// <param name="imageB">Index of each pair's second image.</param>
    /// <param name="same">True for a genuine pair.</param>
    /// <exception cref="EvaluationDataException">The lists differ in length.</exception>
    public static IReadOnlyList<int> Contradictions(ReadOnlySpan<int> imageA, ReadOnlySpan<int> imageB, ReadOnlySpan<bool> same)
    {
        EvaluationDataException.RequireEqualLengths(imageA.Length, imageB.Length, "second images");
        EvaluationDataException.RequireEqualLengths(imageA.Length, same.Length, "labels");
        var parents = new Dictionary<int, int>();
        for (var i = 0; i < same.Length; i++)
            if (same[i]) parents[Root(imageA[i])] = Root(imageB[i]);
        List<int> found = [];
        for (var i = 0; i < same.Length; i++)
            if (!same[i] && Root(imageA[i]) == Root(imageB[i])) found.Add(i);
        return found;

        int Root(int image)
        {
            while (parents.TryGetValue(image, out var parent) && parent != image)
            {
                // Halving the path keeps chains short.
                if (parents.TryGetValue(parent, out var above)) parents[image] = above;
                image = parent;
            }
            return image;
        }
    }
}
