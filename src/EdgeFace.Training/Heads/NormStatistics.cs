namespace EdgeFace.Training.Heads;

/// <summary>Running mean and deviation of the lengths of raw embeddings, by which AdaFace chooses margins. They begin where its paper's code
/// does.</summary>
sealed record NormStatistics(double Mean = 20, double Deviation = 100)
{
    const double Newest = 0.01, Shortest = 1e-3, Longest = 100;

    /// <summary>A length as it counts.</summary>
    public static double Bounded(double norm) => Math.Clamp(norm, Shortest, Longest);

    /// <summary>After a batch of two lengths or more.</summary>
    public NormStatistics With(IReadOnlyList<float> norms)
    {
        double[] bounded = [.. norms.Select(n => Bounded(n))];
        var mean = bounded.Average();
        var deviation = Math.Sqrt(bounded.Sum(n => (n - mean) * (n - mean)) / (bounded.Length - 1));
        return new(Newest * mean + (1 - Newest) * Mean, Newest * deviation + (1 - Newest) * Deviation);
    }
}
