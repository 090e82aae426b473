namespace EdgeFace.Evaluation;

/// <summary>Counts of scores in [-1, 1] in bins of 1/32768, so fine that a curve drawn from it is exact at every bin's edge.</summary>
public sealed class ScoreHistogram
{
    /// <summary>Bins to a whole unit of score: a power of two, so that a score times it is exact and no score falls into the wrong bin.</summary>
    internal const int PerUnit = 32768;

    internal const int Bins = 2 * PerUnit + 1;

    readonly long[] _counts;

    internal ScoreHistogram(long[] counts) => _counts = counts;

    /// <summary>How many scores were counted.</summary>
    public long Total => _counts.Sum();

    /// <summary>The counts in wider bins of equal width from -1 to 1, the last of which takes the score 1 too.</summary>
    /// <param name="bins">A divisor of 65536, such as 128.</param>
    public long[] Rebin(int bins)
    {
        if (bins < 1 || 2 * PerUnit % bins != 0) throw new ArgumentOutOfRangeException(nameof(bins), bins, "the number of bins divides 65536");
        var result = new long[bins];
        for (var b = 0; b < Bins; b++) result[Math.Min(b / (2 * PerUnit / bins), bins - 1)] += _counts[b];
        return result;
    }

    internal static int Bin(float score) => (int)MathF.Floor(score * PerUnit) + PerUnit;

    internal static double Edge(int bin) => (double)(bin - PerUnit) / PerUnit;

    internal long this[int bin] => _counts[bin];

    /// <summary>How many scores are less than an edge.</summary>
    internal long Below(double edge)
    {
        var bin = (int)Math.Clamp(edge * PerUnit + PerUnit, 0, Bins);
        long below = 0;
        foreach (var count in _counts.AsSpan(0, bin)) below += count;
        return below;
    }

    /// <summary>The lowest edge that no more than so many scores reach.</summary>
    internal double LowestEdge(long most)
    {
        var bin = Bins;
        for (long reaching = 0; bin > 0 && (reaching += _counts[bin - 1]) <= most;) bin--;
        return Edge(bin);
    }
}
