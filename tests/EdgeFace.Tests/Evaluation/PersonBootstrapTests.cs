using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

public sealed class PersonBootstrapTests
{
    [Fact]
    public void Every_replicate_draws_as_many_people_as_there_are()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        var counts = new double[20];
        var interval = new PersonBootstrap(2000).Interval(20, w =>
        {
            seen.Add(string.Join(' ', w));
            lock (counts)
                for (var i = 0; i < 20; i++) counts[i] += w[i];
            return w.Sum();
        });
        Assert.Equal(new Interval(20, 20), interval);
        Assert.Equal(2000, seen.Count);
        Assert.True(seen.Distinct().Count() > 1990, "replicates repeat one another");
        // Each person is drawn once a replicate on average; the standard deviation over 2000 replicates is 0.022.
        Assert.All(counts, c => Assert.InRange(c / 2000, 0.9, 1.1));
    }

    [Fact]
    public void Interval_of_a_mean_is_that_of_the_normal_law()
    {
        // The mean of n values drawn with replacement has the standard error sd / sqrt(n), here of 400 values of 0 and 1 in equal number: 0.025.
        var values = Enumerable.Range(0, 400).Select(i => i % 2).ToArray();
        var interval = new PersonBootstrap(4000).Interval(400, w => w.Select((k, i) => k * values[i]).Sum() / 400.0)!.Value;
        Assert.Equal(0.5 - 1.96 * 0.025, interval.Low, 0.004);
        Assert.Equal(0.5 + 1.96 * 0.025, interval.High, 0.004);
        var narrow = new PersonBootstrap(4000, confidence: 0.5).Interval(400, w => w.Select((k, i) => k * values[i]).Sum() / 400.0)!.Value;
        Assert.Equal(0.5 + 0.6745 * 0.025, narrow.High, 0.004);
    }

    [Fact]
    public void Same_seed_same_interval()
    {
        static double Statistic(int[] w) => w[0] + 0.1 * w[1] + 0.01 * w[2];
        var first = new PersonBootstrap(500, 7).Interval(30, Statistic);
        Assert.Equal(first, new PersonBootstrap(500, 7).Interval(30, Statistic));
        Assert.NotEqual(first, new PersonBootstrap(500, 8).Interval(30, Statistic));
    }

    [Fact]
    public void Few_people_or_an_undefined_statistic_give_no_interval()
    {
        Assert.Null(new PersonBootstrap().Interval(PersonBootstrap.LeastPeople - 1, _ => 1));
        Assert.NotNull(new PersonBootstrap().Interval(PersonBootstrap.LeastPeople, _ => 1));
        Assert.Null(new PersonBootstrap().Interval(20, w => w[0] == 0 ? double.NaN : 1));
        Assert.Null(new PersonBootstrap().Interval(20, _ => double.NegativeInfinity));
    }

    [Fact]
    public void Pairs_of_few_people_have_wider_intervals_than_as_many_independent_pairs()
    {
        // Twenty people of fifty genuine pairs each; of four people every pair fails: 20 % of 1000 pairs, but of 20 people.
        int[] person = [.. Enumerable.Range(0, 1000).Select(i => i / 50)];
        float[] genuine = [.. person.Select(p => p < 4 ? 0f : 1f)];
        // Impostor pairs of all people with one another, scores spread evenly.
        var others = Enumerable.Range(0, 20).SelectMany(a => Enumerable.Range(a + 1, 19 - a).Select(b => (A: a, B: b))).ToArray();
        var impostor = others.Select((_, i) => 0.2f + i / 1000f);
        var scores = ScoreSet.FromPairs([.. genuine, .. impostor], [.. person, .. others.Select(o => o.A)], [.. person, .. others.Select(o => o.B)]);
        Assert.Equal(20, scores.People);
        var fnmr = Metrics.AtFmr(scores, [0.25], new(1000))[0].Fnmr;
        Assert.Equal(0.2, fnmr.Value);
        var independent = Intervals.ClopperPearson(200, 1000);
        // Binomial over twenty people: standard deviation 0.089, against 0.013 over pairs.
        Assert.InRange(fnmr.Interval!.Value.Low, 0, independent.Low - 0.08);
        Assert.InRange(fnmr.Interval!.Value.High, independent.High + 0.08, 0.5);
        Assert.True(Metrics.Auc(scores, new(200)).Interval!.Value.Low < 0.75);
    }

    [Fact]
    public void Replicates_weigh_pairs_by_their_people()
    {
        var random = new Random(3);
        int[] a = [.. Enumerable.Range(0, 500).Select(_ => random.Next(12))],
            b = [.. Enumerable.Range(0, 500).Select(i => random.Next(2) == 0 ? a[i] : random.Next(12))];
        float[] values = [.. Enumerable.Range(0, 500).Select(i => random.Next(20) / 20f + (a[i] == b[i] ? 0.3f : 0))];
        var bootstrap = new PersonBootstrap(300, 11);
        // The people appear in the order of their first pair; the reference repeats each pair as often as its people were drawn.
        int[] order = [.. a.Zip(b, (x, y) => (int[])[x, y]).SelectMany(x => x).Distinct()];
        var expected = bootstrap.Interval(order.Length, w =>
        {
            List<float> genuine = [], impostor = [];
            for (var i = 0; i < 500; i++)
            {
                var (wa, wb) = (w[Array.IndexOf(order, a[i])], w[Array.IndexOf(order, b[i])]);
                if (a[i] == b[i]) genuine.AddRange(Enumerable.Repeat(values[i], wa));
                else impostor.AddRange(Enumerable.Repeat(values[i], wa * wb));
            }
            var allowed = (int)Math.Floor(0.4 * impostor.Count + 1e-9);
            var cut = impostor.OrderDescending().ElementAt(allowed);
            return genuine.Count(g => g <= cut) / (double)genuine.Count;
        });
        var scores = ScoreSet.FromPairs(values, a, b);
        Assert.Equal(expected, Metrics.AtFmr(scores, [0.4], bootstrap)[0].Fnmr.Interval);
        Assert.NotEqual(expected!.Value.Low, expected.Value.High);
    }

    [Fact]
    public void No_failure_in_many_pairs_of_few_people_is_bounded_by_people()
    {
        int[] person = [.. Enumerable.Range(0, 1000).Select(i => i / 50)];
        var others = Enumerable.Range(0, 20).SelectMany(a => Enumerable.Range(a + 1, 19 - a).Select(b => (A: a, B: b))).ToArray();
        var scores = ScoreSet.FromPairs(
            [.. person.Select(_ => 1f), .. others.Select((_, i) => i / 1000f)],
            [.. person, .. others.Select(o => o.A)],
            [.. person, .. others.Select(o => o.B)]);
        Assert.Equal(new Interval(0, 0.15), Metrics.AtFmr(scores, [0.25], new(200))[0].Fnmr.Interval);
        var eer = Metrics.Eer(scores, new(200));
        Assert.Equal((0.0, new Interval(0, 0.15)), (eer.Value, eer.Interval));
        Assert.Null(Metrics.Eer(scores).Interval);
    }

    [Fact]
    public void Many_false_matches_of_few_people_support_no_threshold()
    {
        // A hundred impostor pairs at the top, all of the same two people: one wrong label.
        float[] values = [.. Enumerable.Repeat(0.95f, 100), .. Enumerable.Range(0, 9900).Select(i => i / 20000f)];
        int[] a = [.. Enumerable.Repeat(0, 100), .. Enumerable.Range(0, 9900).Select(i => i % 99)],
            b = [.. Enumerable.Repeat(1, 100), .. Enumerable.Range(0, 9900).Select(i => 100 + i % 97)];
        var at = Metrics.AtFmr(ScoreSet.FromPairs(values, a, b), [0.01, 0.05]);
        Assert.Equal(1, at[0].PersonPairs);
        Assert.Contains("1 pairs of people", at[0].Threshold.Unsupported, StringComparison.Ordinal);
        Assert.True(at[1].Threshold.IsSupported);
    }
}
