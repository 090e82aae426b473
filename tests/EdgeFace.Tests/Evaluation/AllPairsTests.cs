using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

/// <summary>All pairs of a set of images against two plain loops.</summary>
public sealed class AllPairsTests
{
    /// <summary>Unit vectors around a direction of each person; the numbers of people are no row of numbers.</summary>
    static (float[] Embeddings, int[] People) Faces(int images, int dimension, int people, int seed, double spread = 0.8)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var centres = new double[people, dimension];
        for (var p = 0; p < people; p++)
            for (var k = 0; k < dimension; k++) centres[p, k] = Normal();
        var embeddings = new float[images * dimension];
        int[] owner = [.. Enumerable.Range(0, images).Select(_ => random.Next(people))];
        for (var i = 0; i < images; i++)
        {
            double[] v = [.. Enumerable.Range(0, dimension).Select(k => centres[owner[i], k] + spread * Normal())];
            var length = Math.Sqrt(v.Sum(x => x * x));
            for (var k = 0; k < dimension; k++) embeddings[i * dimension + k] = (float)(v[k] / length);
        }
        return (embeddings, [.. owner.Select(o => 1000 - 7 * o)]);
    }

    static AllPairs Score(ReadOnlyMemory<float> embeddings, int dimension, int[] people, AllPairsOptions? options = null)
        => AllPairs.Score(embeddings, dimension, people, null, options, TestContext.Current.CancellationToken);

    static double Dot(float[] e, int dimension, int a, int b)
    {
        double sum = 0;
        for (var k = 0; k < dimension; k++) sum += (double)e[a * dimension + k] * e[b * dimension + k];
        return sum;
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 3)]
    [InlineData(63, 16)]
    [InlineData(64, 37)]
    [InlineData(65, 512)]
    [InlineData(131, 30)]
    [InlineData(200, 5)]
    public void Every_pair_is_scored_once(int images, int dimension)
    {
        var (embeddings, people) = Faces(images, dimension, 9, images);
        var all = Score(embeddings, dimension, people);
        Assert.True(all.IsComplete);
        var seen = new HashSet<(int, int)>();
        foreach (var (pairs, same) in ((IReadOnlyList<ScoredPair>, bool)[])[(all.Genuine, true), (all.Closest, false)])
            foreach (var pair in pairs)
            {
                Assert.True(pair.A < pair.B && seen.Add((pair.A, pair.B)));
                Assert.Equal(same, people[pair.A] == people[pair.B]);
                Assert.Equal(Dot(embeddings, dimension, pair.A, pair.B), pair.Score, 1e-6);
            }
        Assert.Equal(images * (images - 1) / 2, seen.Count);
        Assert.Equal(all.Genuine.Select(p => p.Score).Order(), all.Genuine.Select(p => p.Score));
        Assert.Equal(all.Closest.Select(p => p.Score).OrderDescending(), all.Closest.Select(p => p.Score));
        Assert.Equal((images, people.Distinct().Count(), (long)all.Closest.Count), (all.Images, all.People, all.ImpostorCount));
        if (all.ImpostorCount == 0)
        {
            Assert.True(double.IsNaN(all.ImpostorMean));
            return;
        }
        double[] impostors = [.. all.Closest.Select(p => (double)p.Score)];
        Assert.Equal(impostors.Average(), all.ImpostorMean, 1e-9);
        Assert.Equal(Math.Sqrt(impostors.Average(s => s * s) - impostors.Average() * impostors.Average()), all.ImpostorStandardDeviation, 1e-6);
        Assert.Equal(impostors.Length, all.Impostors.Total);
        var bins = all.Impostors.Rebin(128);
        for (var b = 0; b < 128; b++) Assert.Equal(impostors.Count(s => s >= -1 + b / 64.0 && (s < -1 + (b + 1) / 64.0 || b == 127)), bins[b]);
    }

    [Fact]
    public void A_tail_gives_the_thresholds_of_all_pairs()
    {
        var (embeddings, people) = Faces(700, 24, 90, 5);
        AllPairs whole = Score(embeddings, 24, people), tail = Score(embeddings, 24, people, new() { MostKept = 5000 });
        Assert.False(tail.IsComplete);
        Assert.Equal(5000, tail.Closest.Count);
        Assert.Equal(whole.Closest.Take(tail.Closest.Count), tail.Closest);
        Assert.Equal(whole.Genuine, tail.Genuine);
        double[] targets = [0.0199, 0.01, 0.001, 0.0005];
        Assert.Equal(whole.AtFmr(targets), tail.AtFmr(targets));
        // And they are those of the scores in a plain list.
        var list = new ScoreSet([.. whole.Genuine.Select(p => p.Score)], [.. whole.Closest.Select(p => p.Score)]);
        foreach (var (expected, found) in Metrics.AtFmr(list, targets).Zip(tail.AtFmr(targets)))
        {
            Assert.Equal(expected.Point, found.Point);
            Assert.Equal(expected.Threshold.Value, found.Threshold.Value);
            Assert.Equal(list.At(found.Point!.Value.Threshold), tail.At(found.Point!.Value.Threshold));
        }
        Assert.Contains("1/32768", Assert.Throws<EvaluationDataException>(() => tail.At(0.1)).Message, StringComparison.Ordinal);
        Assert.All((double[])[-2, -1, 0, 0.125, 1, 2], edge => Assert.Equal(list.At(edge), tail.At(edge)));
        Assert.Equal(list.At(0.1), whole.At(0.1));
        Assert.All(tail.Curve(int.MaxValue), p => Assert.Equal(list.At(p.Threshold), p));
        Assert.Equal(Metrics.Eer(list).Value!.Value, tail.Eer().Value!.Value, 1e-4);
    }

    [Fact]
    public void Threads_change_nothing()
    {
        var (embeddings, people) = Faces(500, 40, 60, 6);
        var options = new AllPairsOptions { TailShare = 0.3, MostKept = 200 };
        var one = Score(embeddings, 40, people, options with { Threads = 1 });
        foreach (var threads in (int[])[2, 3, 8])
        {
            var many = Score(embeddings, 40, people, options with { Threads = threads });
            Assert.Equal(one.Closest, many.Closest);
            Assert.Equal(one.Genuine, many.Genuine);
            Assert.Equal(one.Impostors.Rebin(65536), many.Impostors.Rebin(65536));
            Assert.Equal((one.ImpostorMean, one.ImpostorStandardDeviation), (many.ImpostorMean, many.ImpostorStandardDeviation));
            Assert.Equal(one.AtFmr([0.1, 0.001], new(200)), many.AtFmr([0.1, 0.001], new(200)));
        }
    }

    [Fact]
    public void Intervals_are_those_of_the_same_pairs_in_a_list()
    {
        var (embeddings, people) = Faces(300, 24, 40, 7);
        var all = Score(embeddings, 24, people);
        var first = people.Distinct().ToList();
        var bootstrap = new PersonBootstrap(200, 3);
        var expected = bootstrap.Interval(first.Count, w =>
        {
            long total = 0, sum = 0;
            long Weight(ScoredPair p) => (long)w[first.IndexOf(people[p.A])] * w[first.IndexOf(people[p.B])];
            foreach (var p in all.Closest) total += Weight(p);
            foreach (var p in all.Closest)
                if ((sum += Weight(p)) > Math.Floor(0.005 * total + 1e-9)) return MathF.BitIncrement(p.Score);
            return double.NaN;
        });
        var found = all.AtFmr([0.005], bootstrap)[0];
        Assert.Equal(expected, found.Threshold.Interval);
        Assert.InRange(found.Threshold.Value!.Value, expected!.Value.Low, expected.Value.High);
        Assert.True(found.Fnmr.Interval!.Value.Low < found.Fnmr.Interval.Value.High);
        var falseMatches = all.Closest.Take((int)found.Point!.Value.Fmr.Count);
        var personPairs = falseMatches.Select(p => (Math.Min(people[p.A], people[p.B]), Math.Max(people[p.A], people[p.B]))).Distinct();
        Assert.Equal(personPairs.LongCount(), found.PersonPairs);
    }

    [Fact]
    public void Equal_scores_at_the_end_of_the_tail_are_not_split()
    {
        // All images alike: every impostor pair scores the same, and 20 are kept. FMR 0.1 must shut out all of them.
        float[] embeddings = [.. Enumerable.Range(0, 40).SelectMany(_ => (float[])[0.6f, 0.8f])];
        var all = Score(embeddings, 2, [.. Enumerable.Range(0, 40)], new() { MostKept = 20 });
        Assert.Equal(20, all.Closest.Count);
        var at = all.AtFmr([0.1])[0];
        Assert.Equal(0, at.Point!.Value.Fmr.Count);
        Assert.True(at.Point.Value.Threshold > all.Closest[0].Score);
        Assert.Throws<EvaluationDataException>(() => all.At(all.Closest[0].Score - 1e-5));
        Assert.Equal(780, all.At(0.5).Fmr.Count);
    }

    [Fact]
    public void Bad_embeddings_are_named()
    {
        var (embeddings, people) = Faces(10, 8, 3, 8);
        float[] With(int at, float value)
        {
            float[] copy = [.. embeddings];
            copy[at] = value;
            return copy;
        }
        Assert.Equal(4, Assert.Throws<EvaluationDataException>(() => Score(With(37, float.NaN), 8, people)).Index);
        Assert.Equal(9, Assert.Throws<EvaluationDataException>(() => Score(With(79, float.NegativeInfinity), 8, people)).Index);
        Assert.Equal(0, Assert.Throws<EvaluationDataException>(() => Score(With(0, 3), 8, people)).Index);
        Assert.Throws<EvaluationDataException>(() => Score(embeddings, 7, people));
        Assert.Throws<EvaluationDataException>(() => Score(embeddings, 8, people[1..]));
        Assert.ThrowsAny<OperationCanceledException>(() => AllPairs.Score(embeddings, 8, people, null, null, new(true)));
    }

    [Fact]
    public void One_person_or_one_image_each_supports_no_figure()
    {
        var (embeddings, _) = Faces(10, 8, 3, 9);
        var onePerson = Score(embeddings, 8, new int[10]);
        Assert.Equal((45, 0L), (onePerson.Genuine.Count, onePerson.ImpostorCount));
        Assert.Contains("impostor", onePerson.AtFmr([0.01])[0].Threshold.Unsupported, StringComparison.Ordinal);
        Assert.Contains("impostor", onePerson.Eer().Unsupported, StringComparison.Ordinal);
        var strangers = Score(embeddings, 8, [.. Enumerable.Range(0, 10)]);
        Assert.Equal((0, 45L), (strangers.Genuine.Count, strangers.ImpostorCount));
        Assert.Contains("genuine", strangers.AtFmr([0.9])[0].Fnmr.Unsupported, StringComparison.Ordinal);
        Assert.Throws<EvaluationDataException>(() => strangers.Curve());
        Assert.Equal(0, Score(default, 8, []).ImpostorCount);
    }

    [Fact]
    public void Images_without_an_embedding_count_as_rejected()
    {
        // Person 1 has three images, of which one failed, person 2 two, of which one failed, person 3 one that failed: of 3 + 1 genuine pairs and of
        // 3 * 2 + 3 * 1 + 2 * 1 impostor pairs, 1 and 2 could be compared.
        var all = AllPairs.Score((float[])[1, 0, 1, 0, 0, 1], 2, [1, 1, 2], [2, 3, 1], null, TestContext.Current.CancellationToken);
        Assert.Equal((3, 3, 2), (all.Images, all.FailedImages, all.People));
        Assert.Equal((1, 2L, 3L, 9L), (all.Genuine.Count, all.ImpostorCount, all.GenuineFailures, all.ImpostorFailures));
        Assert.Equal(new OperatingPoint(0.5, new(0, 2), new(0, 1), new(0, 11), new(3, 4)), all.At(0.5));
    }

    [Fact]
    public void Groups_count_pairs_within_them()
    {
        var (embeddings, people) = Faces(400, 10, 50, 10, 1.2);
        string[] groups = [.. people.Select(p => p % 3 == 0 ? "a" : "b")];
        var all = Score(embeddings, 10, people, new() { MostKept = 20_000 });
        var threshold = all.AtFmr([0.1])[0].Point!.Value.Threshold;
        var table = all.Subgroups(groups, threshold);
        Assert.Equal(["a", "b"], table.Rows.Select(r => r.Group));
        foreach (var row in table.Rows)
        {
            var pairs = Enumerable.Range(0, 400).SelectMany(a => Enumerable.Range(a + 1, 399 - a).Select(b => (a, b)))
                .Where(p => groups[p.a] == row.Group && groups[p.b] == row.Group).ToArray();
            (long Errors, long All) Count(bool same) => (
                pairs.LongCount(p => people[p.a] == people[p.b] == same && Dot(embeddings, 10, p.a, p.b) >= threshold != same),
                pairs.LongCount(p => people[p.a] == people[p.b] == same));
            Assert.Equal(new(Count(false).Errors, Count(false).All), row.Fmr);
            Assert.Equal(new(Count(true).Errors, Count(true).All), row.Fnmr);
        }
    }

    [Fact]
    public void Seven_million_pairs_take_seconds()
    {
        var (embeddings, people) = Faces(3811, 512, 1500, 11);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var all = Score(embeddings, 512, people);
        var scoring = clock.Elapsed;
        clock.Restart();
        _ = all.AtFmr(Calibration.Rates, new());
        TestContext.Current.TestOutputHelper?.WriteLine($"{all.ImpostorCount} impostor pairs scored in {scoring.TotalSeconds:0.00} s, "
            + $"thresholds with intervals in {clock.Elapsed.TotalSeconds:0.00} s");
        // Loose: the machine may be busy. What is measured stands in the output.
        Assert.InRange(scoring.TotalSeconds, 0, 15);
    }
}
