using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

/// <summary>Subgroups, quality and label checks.</summary>
public sealed class TableTests
{
    /// <summary>100 impostor and 100 genuine pairs of a group, of which so many fail at threshold 0.5.</summary>
    static IEnumerable<(float Score, bool Same, string A, string B)> Group(string name, int falseMatches, int falseNonMatches)
        => Enumerable.Range(0, 100).Select(i => (i < falseMatches ? 0.5f : 0.4f, false, name, name))
            .Concat(Enumerable.Range(0, 100).Select(i => (i < falseNonMatches ? 0.4f : 0.5f, true, name, name)));

    static SubgroupTable Table(params IEnumerable<(float Score, bool Same, string A, string B)>[] groups)
    {
        var pairs = groups.SelectMany(g => g).ToArray();
        return SubgroupTable.FromPairs([.. pairs.Select(p => p.Score)], [.. pairs.Select(p => p.Same)],
            [.. pairs.Select(p => p.A)], [.. pairs.Select(p => p.B)], 0.5);
    }

    [Fact]
    public void Ratios_by_hand()
    {
        var table = Table(Group("c", 80, 10), Group("a", 40, 30), Group("b", 32, 90), [(0.9f, false, "a", "b"), (0.1f, false, "a", "c")]);
        Assert.Equal([("a", 40, 30), ("b", 32, 90), ("c", 80, 10)], table.Rows.Select(r => (r.Group, (int)r.Fmr.Count, (int)r.Fnmr.Count)));
        Assert.All(table.Rows, r => Assert.Equal((100, 100), (r.Fmr.Total, r.Fnmr.Total)));
        Assert.Equal(2.5, table.Fmr.MaxOverMin.Value!.Value, 12);
        Assert.Equal(0.8 / Math.Cbrt(0.8 * 0.4 * 0.32), table.Fmr.MaxOverGeometricMean.Value!.Value, 12);
        Assert.Empty(table.Fmr.LeftOut);
        // Ten errors are too few for a ratio.
        Assert.Equal(["c"], table.Fnmr.LeftOut);
        Assert.Equal(3, table.Fnmr.MaxOverMin.Value!.Value, 12);
        Assert.Equal(0.9 / Math.Sqrt(0.9 * 0.3), table.Fnmr.MaxOverGeometricMean.Value!.Value, 12);
    }

    [Fact]
    public void A_ratio_needs_two_groups_with_thirty_errors()
    {
        var table = Table(Group("a", 30, 0), Group("b", 29, 0));
        Assert.Contains("1 of 2 groups", table.Fmr.MaxOverMin.Unsupported, StringComparison.Ordinal);
        Assert.False(table.Fnmr.MaxOverGeometricMean.IsSupported);
        Assert.Equal(["a", "b"], table.Fnmr.LeftOut);
        Assert.Throws<EvaluationDataException>(() => SubgroupTable.FromPairs([0, 0], [true, true], ["a"], ["a", "b"], 0.5));
    }

    [Fact]
    public void Discarding_by_hand()
    {
        // Pairs in order of their lower quality: 1 fails, 2 fails and passes, 3 passes, 5 passes. Five pairs.
        var curve = ErrorVersusDiscard.Curve([0.1f, 0.9f, 0.2f, 0.8f, 0.5f], [1, 7, 2, 3, 5], [9, 2, 8, 3, 6], 0.5);
        Assert.Equal([new(1, 0, new(2, 5)), new(2, 0.2, new(1, 4)), new(3, 0.6, new(0, 2)), new(5, 0.8, new(0, 1))], curve.Points);
        Assert.Equal([1, 1, 2, 2, 3, 5, 5], ((double[])[0, 0.19, 0.2, 0.59, 0.6, 0.8, 1]).Select(share => curve.At(share).Quality));
        Assert.Throws<ArgumentOutOfRangeException>(() => curve.At(-0.1));
        Assert.Equal(0.4, curve.MeanFnmr(0.2), 12);
        Assert.Equal((0.2 * 0.4 + 0.3 * 0.25) / 0.5, curve.MeanFnmr(0.5), 12);
        Assert.Equal(0.2 * 0.4 + 0.4 * 0.25, curve.MeanFnmr(1), 12);
    }

    [Fact]
    public void A_quality_that_says_nothing_discards_nothing()
    {
        var curve = ErrorVersusDiscard.Curve([0.1f, 0.9f], [4, 4], [4, 4], 0.5);
        Assert.Equal(new DiscardPoint(4, 0, new(1, 2)), Assert.Single(curve.Points));
        Assert.Equal(0.5, curve.MeanFnmr(), 12);
        Assert.Throws<EvaluationDataException>(() => ErrorVersusDiscard.Curve([], [], [], 0.5));
        Assert.Equal(1, Assert.Throws<EvaluationDataException>(() => ErrorVersusDiscard.Curve([0, 0], [0, float.NaN], [0, 0], 0.5)).Index);
    }

    [Fact]
    public void Strangers_who_look_like_one_person_are_listed()
        => Assert.Equal([new(2, 3, 0.99f), new(0, 1, 0.95f), new(4, 5, 0.95f)],
            LabelNoise.Suspicious([new(4, 5, 0.95f), new(6, 7, 0.89f), new(0, 1, 0.95f), new(2, 3, 0.99f)]));

    [Fact]
    public void Labels_that_contradict_each_other_are_listed()
    {
        // 1 = 2 = 3 = 4 and 5 = 6; 4 and 1 differ by label although a chain joins them; 3 and 5 may well differ; 7 differs from itself.
        int[] a = [1, 4, 3, 2, 5, 3, 7], b = [2, 1, 4, 3, 6, 5, 7];
        bool[] same = [true, false, true, true, true, false, false];
        Assert.Equal([1, 6], LabelNoise.Contradictions(a, b, same));
        // The same pair listed twice, turned round, with both labels.
        Assert.Equal([0], LabelNoise.Contradictions([1, 2], [2, 1], [false, true]));
        // A long chain.
        var chain = Enumerable.Range(0, 10_000).ToArray();
        Assert.Equal([10_000], LabelNoise.Contradictions([.. chain, 0], [.. chain.Select(i => i + 1), 10_000], [.. chain.Select(_ => true), false]));
    }
}
