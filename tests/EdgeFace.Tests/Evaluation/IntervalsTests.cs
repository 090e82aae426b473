using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

public sealed class IntervalsTests
{
    [Theory]
    [InlineData(5, 10)]
    [InlineData(1, 100)]
    [InlineData(99, 100)]
    [InlineData(30, 3000)]
    [InlineData(700, 1000)]
    public void Clopper_Pearson_ends_have_the_tail_probability(int count, int total)
    {
        var interval = Intervals.ClopperPearson(count, total);
        Assert.Equal(0.025, Tail(interval.Low, total, count, total), 9);
        Assert.Equal(0.025, Tail(interval.High, total, 0, count), 9);
    }

    [Fact]
    public void Clopper_Pearson_without_errors_has_a_closed_form()
    {
        Assert.Equal(new(0, 1 - Math.Pow(0.025, 1 / 10.0)), Intervals.ClopperPearson(0, 10), Near);
        Assert.Equal(new(Math.Pow(0.05, 1 / 20.0), 1), Intervals.ClopperPearson(20, 20, 0.9), Near);
        // R: binom.test(5, 10)
        Assert.Equal(new(0.1870860, 0.8129140), Intervals.ClopperPearson(5, 10),
            (a, b) => Math.Abs(a.Low - b.Low) < 1e-7 && Math.Abs(a.High - b.High) < 1e-7);

        static bool Near(Interval a, Interval b) => Math.Abs(a.Low - b.Low) < 1e-12 && Math.Abs(a.High - b.High) < 1e-12;
    }

    [Fact]
    public void Clopper_Pearson_of_millions_is_the_poisson_interval()
    {
        // Garwood's exact interval of 29 Poisson events: 19.42 to 41.65; of pairs beyond number the binomial is Poisson.
        var interval = Intervals.ClopperPearson(29, 29_640_712);
        Assert.Equal(19.42, interval.Low * 29_640_712, 2);
        Assert.Equal(41.65, interval.High * 29_640_712, 2);
    }

    [Fact]
    public void Rule_of_three_bounds_what_was_never_seen()
    {
        Assert.Equal(0.001, Intervals.RuleOfThree(3000));
        Assert.Equal(1, Intervals.RuleOfThree(2));
        // At that rate, no error in n trials has a probability of 5 %.
        Assert.Equal(0.05, Math.Pow(1 - Intervals.RuleOfThree(3000), 3000), 3);
        Assert.Equal(new Interval(0, 0.001), new Proportion(0, 3000).Interval());
        Assert.Equal(new Interval(0.999, 1), new Proportion(3000, 3000).Interval());
        Assert.Null(new Proportion(0, 0).Interval());
        Assert.False(new Proportion(0, 0).ToEstimate("pairs").IsSupported);
    }

    [Fact]
    public void Rule_of_thirty_counts_expected_errors()
    {
        Assert.True(Intervals.RuleOfThirty(1e-6, 30_000_000));
        Assert.True(Intervals.RuleOfThirty(0.01, 3000));
        Assert.False(Intervals.RuleOfThirty(1e-6, 29_640_712));
    }

    [Fact]
    public void Figures_are_printed_with_interval_or_reason()
    {
        Assert.Equal("0.25 [0.125, 0.5]", new Estimate(0.25, new(0.125, 0.5)).ToString());
        Assert.Equal("0.25", new Estimate(0.25).ToString());
        Assert.Equal("unsupported: too few", Estimate.NotSupported("too few").ToString());
    }

    // P(from <= X <= to) of the binomial distribution, term by term from logarithms of factorials.
    static double Tail(double p, int n, int from, int to)
    {
        var logs = new double[n + 1];
        for (var i = 1; i <= n; i++) logs[i] = logs[i - 1] + Math.Log(i);
        double sum = 0;
        for (var k = from; k <= to; k++) sum += Math.Exp(logs[n] - logs[k] - logs[n - k] + k * Math.Log(p) + (n - k) * Math.Log(1 - p));
        return sum;
    }
}
