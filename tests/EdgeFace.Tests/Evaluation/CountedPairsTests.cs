using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

/// <summary>More pairs than are kept one by one: what is counted and sampled, against the same pairs kept whole.</summary>
public sealed class CountedPairsTests
{
    const int Dimension = 24;
    const double Bin = 1.0 / 32768;

    static readonly double[] Rates = [0.3, 0.1, 0.03, 0.01, 0.003, 0.0005];

    /// <summary>Many images of few people, so that both kinds of pairs are many.</summary>
    static (float[] Embeddings, int[] People) Faces(int images, int people, int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[][] centres = [.. Enumerable.Range(0, people).Select(_ => Enumerable.Range(0, Dimension).Select(_ => Normal()).ToArray())];
        int[] owner = [.. Enumerable.Range(0, images).Select(_ => random.Next(people))];
        return ([.. owner.SelectMany(o =>
        {
            double[] v = [.. centres[o].Select(c => c + 0.9 * Normal())];
            var length = Math.Sqrt(v.Sum(x => x * x));
            return v.Select(x => (float)(x / length));
        })], owner);
    }

    static AllPairs Score((float[] Embeddings, int[] People) of, int kept)
        => AllPairs.Score(of.Embeddings, Dimension, of.People, null,
            new() { MostKept = kept, TailShare = 0.35 }, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(1, 20, 4000)]
    [InlineData(2, 40, 1000)]
    [InlineData(3, 12, 300)]
    [InlineData(4, 200, 300)]
    public void Every_figure_is_that_of_all_pairs_or_one_bin_from_it(int seed, int people, int kept)
    {
        var faces = Faces(600, people, seed);
        AllPairs whole = Score(faces, int.MaxValue / 4), counted = Score(faces, kept);
        Assert.True(whole.IsComplete);
        Assert.False(counted.IsComplete);
        Assert.Equal((whole.GenuineCount, whole.ImpostorCount, whole.ImpostorMean),
            (counted.GenuineCount, counted.ImpostorCount, counted.ImpostorMean));
        Assert.Equal(whole.Closest.Take(kept), counted.Closest);
        Assert.Equal(whole.Genuine.Take(kept), counted.Genuine);
        Assert.Equal(whole.Eer(), counted.Eer());
        Assert.Equal(whole.Curve(int.MaxValue), counted.Curve(int.MaxValue));
        Assert.Equal(whole.Genuines.Rebin(128), counted.Genuines.Rebin(128));
        foreach (var (exact, found) in whole.AtFmr(Rates).Zip(counted.AtFmr(Rates)))
        {
            var (a, b) = (exact.Point!.Value, found.Point!.Value);
            // Whatever threshold it is, the errors there are counted exactly, and the rate aimed at is not exceeded.
            Assert.Equal(whole.At(b.Threshold), b);
            Assert.True(b.Fmr.Value <= exact.Fmr);
            Assert.InRange(b.Threshold - a.Threshold, 0, Bin);
            if (a.Fmr.Count < kept && a.Fnmr.Count < kept) Assert.Equal(a, b);
            // Samples see pairs of few images first.
            Assert.InRange(found.PersonPairs!.Value, Math.Min(30, exact.PersonPairs!.Value), exact.PersonPairs.Value);
        }
    }

    // Of many people only the impostor pairs are sampled, of few the genuine ones too.
    [Theory, InlineData(150, 100_000), InlineData(15, 30_000)]
    public void Intervals_from_samples_are_those_of_all_pairs_within_a_fifth_of_their_width(int people, int kept)
    {
        var faces = Faces(1200, people, 7);
        AllPairs whole = Score(faces, int.MaxValue / 4), counted = Score(faces, kept);
        Assert.Equal((people > 100, false), (counted.Genuine.Count == counted.GenuineCount, counted.Closest.Count == counted.ImpostorCount));
        var bootstrap = new PersonBootstrap(300);
        foreach (var (exact, found) in whole.AtFmr(Rates, bootstrap).Zip(counted.AtFmr(Rates, bootstrap)))
            foreach (var (a, b) in ((Interval?, Interval?)[])[
                (exact.Threshold.Interval, found.Threshold.Interval),
                (exact.Fnmr.Interval, found.Fnmr.Interval)])
            {
                var most = 0.2 * (a!.Value.High - a.Value.Low);
                Assert.InRange(b!.Value.Low, a.Value.Low - most, a.Value.Low + most);
                Assert.InRange(b.Value.High, a.Value.High - most, a.Value.High + most);
            }
    }

    [Fact]
    public void Groups_and_samples_of_genuine_pairs_speak_for_all()
    {
        var faces = Faces(1000, 20, 8);
        AllPairs whole = Score(faces, int.MaxValue / 4), counted = Score(faces, 4000);
        string[] groups = [.. faces.People.Select(p => p % 2 == 0 ? "a" : "b")];
        var threshold = counted.AtFmr([0.005])[0].Point!.Value.Threshold;
        foreach (var (exact, found) in whole.Subgroups(groups, threshold).Rows.Zip(counted.Subgroups(groups, threshold).Rows))
        {
            Assert.Equal((exact.Group, exact.Fmr, exact.Fnmr.Total), (found.Group, found.Fmr, found.Fnmr.Total));
            Assert.Equal(exact.Fnmr.Value, found.Fnmr.Value, 0.1 * exact.Fnmr.Value);
        }
        Assert.InRange(counted.GenuineSample.Count, 1500, 4000);
        foreach (var share in (double[])[0.1, 0.5, 0.9])
        {
            var at = whole.Genuine[(int)(share * whole.GenuineCount)].Score;
            Assert.Equal(share, counted.GenuineSample.Count(p => p.Score < at) / (double)counted.GenuineSample.Count, 0.05);
        }
        Assert.Contains("MostKept", Assert.Throws<EvaluationDataException>(() => counted.Subgroups(groups, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_does_not_grow_with_the_pairs()
    {
        // A hundred times the pairs: the levels grow by as many as the logarithm does.
        Assert.Equal([1, 2, 2, 3, 10], ((long[])[1000, 1001, 1500, 1501, 300_000]).Select(pairs => PairKeeper.LevelsFor(pairs, 1000)));
        var random = new Random(1);
        var keeper = new PairKeeper(1000, 10);
        for (var i = 0; i < 300_000; i++) keeper.Add(new(i / 600, i % 600, random.NextSingle()));
        var kept = keeper.ToSorted();
        Assert.InRange(kept.Pairs.Length, 4000, 10 * 1000);
        // Each stands for 2^level: together for all of them.
        var stand = Enumerable.Range(0, kept.Ends.Length).Sum(level => (kept.Ends[level] - (level == 0 ? 0 : kept.Ends[level - 1])) << level);
        Assert.InRange(stand, 280_000, 320_000);
        Assert.Equal(kept.Pairs.OrderByDescending(p => p.Score), kept.Pairs);
        Assert.Equal(kept.Pairs.Length, kept.Pairs.Distinct().Count());
    }
}
