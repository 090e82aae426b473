namespace EdgeFace.Evaluation;

/// <summary>Error rates within one group of people.</summary>
/// <param name="Group">Name of the group.</param>
/// <param name="Fmr">False matches among impostor pairs within the group.</param>
/// <param name="Fnmr">False non-matches among genuine pairs within the group.</param>
public sealed record SubgroupRow(string Group, Proportion Fmr, Proportion Fnmr);

/// <summary>How much a rate differs between groups.</summary>
/// <param name="MaxOverMin">The highest rate divided by the lowest.</param>
/// <param name="MaxOverGeometricMean">The highest rate divided by the geometric mean of all.</param>
/// <param name="LeftOut">Groups that do not count, because they show fewer errors than the rule of thirty asks for.</param>
public sealed record DifferentialRatios(Estimate MaxOverMin, Estimate MaxOverGeometricMean, IReadOnlyList<string> LeftOut);

/// <summary>
/// Error rates of groups of people at one threshold for all of them, and how much they differ, after ISO/IEC 19795-10:2024 and the measures
/// of NIST's demographic reports (NISTIR 8280; NISTIR 8429): highest over lowest rate, highest rate over geometric mean. The lowest rate of
/// several is the likeliest to be low by chance, and a rate of 0 makes any ratio infinite; therefore only groups with at least thirty
/// errors enter the ratios (<see cref="Intervals.RuleOfThirty"/>), and those left out are named.
/// </summary>
public sealed class SubgroupTable
{
    internal SubgroupTable(double threshold, IEnumerable<SubgroupRow> rows)
    {
        Threshold = threshold;
        Rows = [.. rows.OrderBy(r => r.Group, StringComparer.Ordinal)];
        Fmr = Ratios(r => r.Fmr);
        Fnmr = Ratios(r => r.Fnmr);
    }

    /// <summary>The threshold of all groups.</summary>
    public double Threshold { get; }

    /// <summary>One row for each group, by name.</summary>
    public IReadOnlyList<SubgroupRow> Rows { get; }

    /// <summary>Ratios of the false match rates.</summary>
    public DifferentialRatios Fmr { get; }

    /// <summary>Ratios of the false non-match rates.</summary>
    public DifferentialRatios Fnmr { get; }

    /// <summary>From a list of pairs. Pairs whose images are of different groups count for no group.</summary>
    /// <param name="same">True for a genuine pair.</param>
    /// <param name="groupA">Group of the first image.</param>
    /// <param name="groupB">Group of the second image.</param>
    /// <exception cref="EvaluationDataException">A score is not a finite number, or the lists differ in length.</exception>
    public static SubgroupTable FromPairs(ReadOnlySpan<float> scores, ReadOnlySpan<bool> same,
        IReadOnlyList<string> groupA, IReadOnlyList<string> groupB, double threshold)
    {
        ArgumentNullException.ThrowIfNull(groupA);
        ArgumentNullException.ThrowIfNull(groupB);
        EvaluationDataException.RequireThreshold(threshold);
        EvaluationDataException.RequireFinite(scores, "score");
        EvaluationDataException.RequireEqualLengths(scores.Length, same.Length, "labels");
        EvaluationDataException.RequireEqualLengths(scores.Length, groupA.Count, "groups of first images");
        EvaluationDataException.RequireEqualLengths(scores.Length, groupB.Count, "groups of second images");
        var rows = groupA.Concat(groupB).Distinct().ToDictionary(g => g, g => new SubgroupRow(g, default, default), StringComparer.Ordinal);
        for (var i = 0; i < scores.Length; i++)
        {
            if (groupA[i] != groupB[i]) continue;
            var row = rows[groupA[i]];
            var match = scores[i] >= threshold;
            rows[row.Group] = same[i]
                ? row with { Fnmr = new(row.Fnmr.Count + (match ? 0 : 1), row.Fnmr.Total + 1) }
                : row with { Fmr = new(row.Fmr.Count + (match ? 1 : 0), row.Fmr.Total + 1) };
        }
        return new(threshold, rows.Values);
    }

    DifferentialRatios Ratios(Func<SubgroupRow, Proportion> rate)
    {
        var counted = Rows.Where(r => rate(r).Count >= Intervals.LeastErrors).Select(r => rate(r).Value).ToArray();
        string[] leftOut = [.. Rows.Where(r => rate(r).Count < Intervals.LeastErrors).Select(r => r.Group)];
        if (counted.Length < 2)
        {
            var none = Estimate.NotSupported($"{counted.Length} of {Rows.Count} groups show {Intervals.LeastErrors} errors or more (rule of 30), "
                + "and a ratio needs two");
            return new(none, none, leftOut);
        }
        var geometricMean = Math.Exp(counted.Average(Math.Log));
        return new(new(counted.Max() / counted.Min()), new(counted.Max() / geometricMean), leftOut);
    }
}
