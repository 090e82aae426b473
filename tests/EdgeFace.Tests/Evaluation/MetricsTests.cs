using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

/// <summary>Error rates against closed forms and against counting every couple of pairs.</summary>
public sealed class MetricsTests
{
    static readonly float[] Low = [.. Enumerable.Range(0, 40).Select(i => i / 100f)];
    static readonly float[] High = [.. Enumerable.Range(0, 40).Select(i => 0.5f + i / 100f)];

    [Fact]
    public void Perfect_separation_has_area_1_and_no_error()
    {
        var scores = new ScoreSet(High, Low);
        Assert.Equal(1, Metrics.Auc(scores).Value);
        Assert.Equal(0, Metrics.Eer(scores).Value);
        Assert.Equal(1, Metrics.TarAtFar(scores, 0.75).Value);
        Assert.Equal(0, Metrics.Auc(new(Low, High)).Value);
        Assert.Equal(1, Metrics.Eer(new(Low, High)).Value);
    }

    [Fact]
    public void Equal_scores_tell_nothing_apart()
    {
        var scores = new ScoreSet(new float[7], new float[50]);
        Assert.Equal(0.5, Metrics.Auc(scores).Value);
        Assert.Equal(0.5, Metrics.Eer(scores).Value);
        // The only threshold that does not exceed FMR 0.9 lies above all scores.
        var at = Metrics.AtFmr(scores, [0.9])[0];
        Assert.Equal(0, at.Point!.Value.Fmr.Count);
        Assert.Equal(1, at.Fnmr.Value);
    }

    [Fact]
    public void Area_and_equal_error_rate_of_a_case_by_hand()
    {
        // Couples: .4 beats .1 and .2, ties .4, loses to .6: 2.5; .6 beats three and ties one: 3.5; .8 beats four: 4. Of 12: 10.
        var scores = new ScoreSet([.4f, .6f, .8f], [.1f, .2f, .4f, .6f]);
        Assert.Equal(10 / 12.0, Metrics.Auc(scores).Value!.Value, 15);
        // Points from threshold .4 (FMR 2/4, FNMR 0) over .6 (1/4, 1/3): FMR - FNMR falls from 1/2 to -1/12,
        // is 0 after 6/7 of the way: 1/2 - 6/7 * 1/4 = 2/7.
        Assert.Equal(2 / 7.0, Metrics.Eer(scores).Value!.Value, 15);
        Assert.Equal(new OperatingPoint(0.6f, new(1, 4), new(1, 3), new(1, 4), new(1, 3)), scores.At(0.6f));
    }

    [Fact]
    public void A_score_equal_to_the_threshold_matches()
    {
        var scores = new ScoreSet([.5f], [.5f]);
        Assert.Equal((1, 0), (scores.At(.5).Fmr.Count, scores.At(.5).Fnmr.Count));
        var above = (double)MathF.BitIncrement(.5f);
        Assert.Equal((0, 1), (scores.At(above).Fmr.Count, scores.At(above).Fnmr.Count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Figures_agree_with_counting(int seed)
    {
        var random = new Random(seed);
        // Few distinct scores, so that ties abound within and between the two sides.
        float[] genuine = [.. Enumerable.Range(0, 211).Select(_ => random.Next(8, 40) / 40f)],
            impostor = [.. Enumerable.Range(0, 307).Select(_ => random.Next(0, 30) / 40f)];
        var scores = new ScoreSet(genuine, impostor);
        double area = 0;
        foreach (var g in genuine)
            foreach (var i in impostor) area += g > i ? 1 : g == i ? 0.5 : 0;
        Assert.Equal(area / (genuine.Length * impostor.Length), Metrics.Auc(scores).Value!.Value, 12);

        float[] candidates = [.. genuine.Concat(impostor).Distinct().Select(MathF.BitIncrement)];
        foreach (var target in (double[])[0.1, 0.11, 0.2, 0.5, 0.999])
        {
            var at = Metrics.AtFmr(scores, [target])[0];
            var best = candidates.Where(t => impostor.Count(s => s >= t) <= target * impostor.Length).Min(t => genuine.Count(s => s < t));
            Assert.Equal((double)best / genuine.Length, at.Fnmr.Value);
            var threshold = at.Threshold.Value!.Value;
            Assert.True(impostor.Count(s => s >= threshold) <= target * impostor.Length);
            Assert.True(impostor.Count(s => s >= MathF.BitDecrement((float)threshold)) > target * impostor.Length,
                "a lower threshold would have done");
        }

        var curve = Metrics.Curve(scores);
        Assert.Equal(genuine.Concat(impostor).Distinct().Count() + 1, curve.Count);
        Assert.All(curve, p =>
        {
            Assert.Equal(impostor.Count(s => s >= p.Threshold), p.Fmr.Count);
            Assert.Equal(genuine.Count(s => s < p.Threshold), p.Fnmr.Count);
        });
        Assert.Equal((1, 0), (curve[0].Fmr.Value, curve[0].Fnmr.Value));
        Assert.Equal((0, 1), (curve[^1].Fmr.Value, curve[^1].Fnmr.Value));
    }

    [Fact]
    public void A_target_is_never_exceeded_and_never_missed_by_rounding()
    {
        // 0.07 * 1000 is more than 70 in floating point, 0.29 * 1000 less than 290: 70 and 290 false matches are allowed.
        float[] impostor = [.. Enumerable.Range(0, 1000).Select(i => i / 1000f)];
        var points = Metrics.AtFmr(new([.5f], impostor), [0.07, 0.29, 0.03]);
        Assert.Equal([70, 290, 30], points.Select(p => p.Point!.Value.Fmr.Count));
    }

    [Fact]
    public void Figures_that_few_pairs_cannot_support_are_none()
    {
        float[] impostor = [.. Enumerable.Range(0, 2999).Select(i => i / 3000f)];
        var one = Metrics.AtFmr(new([.5f], impostor), [1e-2])[0];
        Assert.Null(one.Threshold.Value);
        Assert.Null(one.Fnmr.Value);
        Assert.Contains("29.99", one.Fnmr.Unsupported, StringComparison.Ordinal);
        Assert.NotNull(Metrics.AtFmr(new([.5f], [.. impostor, 1f]), [1e-2])[0].Fnmr.Value);
        // The counts on these data are told all the same.
        Assert.Equal(29, one.Point!.Value.Fmr.Count);
    }

    [Fact]
    public void One_side_alone_supports_no_figure()
    {
        ScoreSet genuineOnly = new([.5f], []), impostorOnly = new([], Low);
        foreach (var (scores, side) in ((ScoreSet, string)[])[(genuineOnly, "impostor"), (impostorOnly, "genuine"), (new([], []), "genuine")])
        {
            Assert.Contains(side, Metrics.Auc(scores).Unsupported, StringComparison.Ordinal);
            Assert.Contains(side, Metrics.Eer(scores).Unsupported, StringComparison.Ordinal);
            Assert.Contains(side, Assert.Throws<EvaluationDataException>(() => Metrics.Curve(scores)).Message, StringComparison.Ordinal);
        }
        Assert.False(Metrics.AtFmr(genuineOnly, [0.1])[0].Threshold.IsSupported);
        Assert.Null(Metrics.AtFmr(genuineOnly, [0.1])[0].Point);
        var threshold = Metrics.AtFmr(impostorOnly, [0.9])[0];
        Assert.True(threshold.Threshold.IsSupported);
        Assert.Contains("genuine", threshold.Fnmr.Unsupported, StringComparison.Ordinal);
        Assert.True(double.IsNaN(impostorOnly.At(0).Fnmr.Value));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Scores_that_are_no_number_are_named(float bad)
    {
        Assert.Equal(2, Assert.Throws<EvaluationDataException>(() => new ScoreSet([0, 0, bad], [0])).Index);
        Assert.Equal(1, Assert.Throws<EvaluationDataException>(() => new ScoreSet([0], [0, bad])).Index);
        Assert.Equal(3, Assert.Throws<EvaluationDataException>(() => ScoreSet.FromPairs([0, 0, 0, bad], new bool[4])).Index);
        Assert.Equal(0, Assert.Throws<EvaluationDataException>(() => ScoreSet.FromPairs([bad], [1], [1])).Index);
        Assert.Throws<EvaluationDataException>(() => ScoreSet.FromPairs([0, 0], [true]));
        Assert.Throws<EvaluationDataException>(() => new ScoreSet([0], [0]).At(double.NaN));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1e-3)]
    [InlineData(double.NaN)]
    public void A_target_that_is_no_rate_is_refused(double target)
        => Assert.Throws<EvaluationDataException>(() => Metrics.AtFmr(new(High, Low), [target]));

    [Fact]
    public void Pairs_that_could_not_be_compared_count_as_rejected()
    {
        var scores = ScoreSet.FromPairs([.2f, .6f, .7f, .8f, .1f, .9f], [true, true, true, true, false, false]).WithFailures(1, 3);
        var at = scores.At(0.5);
        Assert.Equal(new(1, 4), at.Fnmr);
        Assert.Equal(new(1, 2), at.Fmr);
        Assert.Equal(new(2, 5), at.Frr);
        Assert.Equal(new(1, 5), at.Far);
        // ISO/IEC 19795-1: FRR = FTA + FNMR (1 - FTA), with one failure in five attempts.
        Assert.Equal(GeneralisedRates.Gfrr(0, 0.2, 0.25), at.Frr.Value, 15);
        Assert.Equal(GeneralisedRates.Gfar(0, 0.6, 0.5), at.Far.Value, 15);
        Assert.Equal(0.1 + 0.9 * 0.4, GeneralisedRates.Gfrr(0.1, 0.2, 0.25), 15);
    }

    [Fact]
    public void Search_in_a_gallery_multiplies_false_matches()
    {
        Assert.Equal(1 - 0.99 * 0.99 * 0.99, SearchRates.Fpir(0.01, 3), 15);
        Assert.Equal(0.6 + 0.4 * 0.6, SearchRates.Fpir(0.6, 2), 15);
        Assert.Equal(0, SearchRates.Fpir(0.1, 0));
        Assert.Equal(1, SearchRates.Fpir(1, 5));
        // N p - N (N - 1) / 2 p^2 + ..., where 1 - (1 - p)^N in floating point has lost half of its digits.
        Assert.Equal(1e-8 - 45e-18, SearchRates.Fpir(1e-9, 10), 1e-18);
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchRates.Fpir(1.1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchRates.Fpir(double.NaN, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchRates.Fpir(0.1, -1));
        Assert.Equal(1 - Math.Exp(-1), SearchRates.Fpir(1e-6, 1_000_000), 1e-6);
    }

    [Fact]
    public void A_long_curve_is_thinned_but_keeps_its_ends_and_its_shape()
    {
        var random = new Random(5);
        float[] genuine = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextSingle() + 0.4f)],
            impostor = [.. Enumerable.Range(0, 30_000).Select(_ => random.NextSingle())];
        var scores = new ScoreSet(genuine, impostor);
        IReadOnlyList<OperatingPoint> all = Metrics.Curve(scores, int.MaxValue), thin = Metrics.Curve(scores, 300);
        Assert.InRange(thin.Count, 100, 300);
        Assert.Equal(all[0], thin[0]);
        Assert.Equal(all[^1], thin[^1]);
        Assert.All(thin, p => Assert.Equal(scores.At(p.Threshold), p));
        Assert.Equal(thin.Count, thin.Distinct().Count());
        // The sparse low tail is what DET curves are drawn for: the first false matches are all there, or nearly.
        Assert.True(thin.Count(p => p.Fmr.Count is > 0 and < 30) > 10);
    }
}
