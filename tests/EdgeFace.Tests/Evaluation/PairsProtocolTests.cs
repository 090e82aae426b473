using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

/// <summary>The protocol against the loops of the reference, written plainly from its description.</summary>
public sealed class PairsProtocolTests
{
    sealed record Expected(double[] Thresholds, double[] Accuracies, double?[] Tars, double?[] Fars);

    static Expected Reference(double[] distance, bool[] same, int[][] testFolds)
    {
        int n = distance.Length, k = testFolds.Length;
        var expected = new Expected(new double[k], new double[k], new double?[k], new double?[k]);
        for (var f = 0; f < k; f++)
        {
            int[] test = testFolds[f], train = [.. Enumerable.Range(0, n).Except(test)];
            double best = -1;
            for (var i = 0; i < 400; i++)
            {
                var accuracy = train.Count(p => distance[p] < i * 0.01 == same[p]) / (double)train.Length;
                if (accuracy > best) (best, expected.Thresholds[f]) = (accuracy, i * 0.01);
            }
            expected.Accuracies[f] = test.Count(p => distance[p] < expected.Thresholds[f] == same[p]) / (double)test.Length;
            int impostors = train.Count(p => !same[p]), testSame = test.Count(p => same[p]), testDifferent = test.Length - testSame;
            if (impostors == 0 || testSame == 0 || testDifferent == 0) continue;
            double[] far = [.. Enumerable.Range(0, 4000).Select(i => train.Count(p => !same[p] && distance[p] < i * 0.001) / (double)impostors)];
            double threshold = 0;
            if (far.Max() > 1e-3)
            {
                // A line through the points either side; FAR is level over many thresholds, and a spline of order 1 takes the last of them.
                var after = Array.FindIndex(far, v => v > 1e-3);
                double x0 = far[after - 1], x1 = far[after], y0 = (after - 1) * 0.001, y1 = after * 0.001;
                threshold = y0 + (1e-3 - x0) / (x1 - x0) * (y1 - y0);
            }
            expected.Tars[f] = test.Count(p => same[p] && distance[p] < threshold) / (double)testSame;
            expected.Fars[f] = test.Count(p => !same[p] && distance[p] < threshold) / (double)testDifferent;
        }
        return expected;
    }

    static (double[] Distance, bool[] Same) Random(int seed, int pairs, bool grid)
    {
        var random = new Random(seed);
        bool[] same = [.. Enumerable.Range(0, pairs).Select(_ => random.Next(2) == 0)];
        // On the grid, distances lie on the very thresholds and abound in ties.
        double[] distance = [.. same.Select(s => grid
            ? random.Next(s ? 60 : 140, s ? 180 : 220) * 0.01
            : Math.Min((s ? 0.9 : 1.8) + 0.5 * (random.NextDouble() - random.NextDouble()), 4))];
        return (distance, same);
    }

    static void Equal(Expected expected, PairsResult found)
    {
        Assert.Equal(expected.Thresholds, found.Folds.Select(f => f.DistanceThreshold));
        Assert.Equal(expected.Accuracies, found.Folds.Select(f => f.Accuracy));
        Assert.Equal(expected.Tars, found.Folds.Select(f => f.Tar));
        Assert.Equal(expected.Fars, found.Folds.Select(f => f.Far));
        var mean = expected.Accuracies.Average();
        Assert.Equal(mean, found.Accuracy, 14);
        Assert.Equal(Math.Sqrt(expected.Accuracies.Sum(a => (a - mean) * (a - mean)) / expected.Accuracies.Length),
            found.AccuracyStandardDeviation, 14);
    }

    [Fact]
    public void The_interval_of_the_accuracy_is_that_of_lists_in_which_people_stand_as_often_as_they_were_drawn()
    {
        const int people = 40, replicates = 100;
        var random = new Random(77);
        int[] a = [.. Enumerable.Range(0, 400).Select(_ => random.Next(people))],
            b = [.. a.Select(p => random.Next(2) == 0 ? p : (p + 1 + random.Next(people - 1)) % people)],
            fold = [.. a.Select((_, i) => i / 100)];
        double[] distance = [.. a.Zip(b, (x, y) => Math.Round(random.NextDouble() * 1.2 + (x == y ? 0.4 : 0.9), 2))];
        var found = PairsProtocol.AccuracyInterval(distance, fold, a, b, new(replicates))!.Value;

        // The same draws, with the pairs written out that many times and the whole protocol run on them.
        var accuracies = new List<double>();
        var draws = new List<int[]>();
        new PersonBootstrap(replicates).Interval(people, w =>
        {
            lock (draws) draws.Add([.. w]);
            return 0;
        });
        // People are numbered by first appearance.
        int[] order = [.. a.Zip(b).SelectMany(p => (int[])[p.First, p.Second]).Distinct()];
        foreach (var draw in draws)
        {
            int Times(int person) => draw[Array.IndexOf(order, person)];
            int[] drawn = [.. Enumerable.Range(0, a.Length)
                .SelectMany(i => Enumerable.Repeat(i, a[i] == b[i] ? Times(a[i]) : Times(a[i]) * Times(b[i])))];
            accuracies.Add(PairsProtocol.Run(
                [.. drawn.Select(i => distance[i])], [.. drawn.Select(i => a[i] == b[i])], [.. drawn.Select(i => fold[i])]).Accuracy);
        }
        accuracies.Sort();
        // Nearest ranks of 2.5 % and 97.5 % of 100.
        Assert.Equal((accuracies[2], accuracies[97]), (found.Low, found.High));
        Assert.InRange(PairsProtocol.Run(distance, [.. a.Zip(b, (x, y) => x == y)], fold).Accuracy, found.Low, found.High);
        Assert.Null(PairsProtocol.AccuracyInterval([0.1, 1.5], [0, 1], [1, 1], [1, 2], new(replicates)));
    }

    [Theory]
    [InlineData(1, 6000, false)]
    [InlineData(2, 6000, true)]
    [InlineData(3, 1007, true)]
    [InlineData(4, 23, true)]
    [InlineData(5, 10, false)]
    public void Ten_folds_agree_with_the_reference(int seed, int pairs, bool grid)
    {
        var (distance, same) = Random(seed, pairs, grid);
        // KFold: n // k pairs each, the first n % k one more, in order.
        var starts = Enumerable.Range(0, 11).Select(f => f * (pairs / 10) + Math.Min(f, pairs % 10)).ToArray();
        int[][] folds = [.. Enumerable.Range(0, 10).Select(f => Enumerable.Range(starts[f], starts[f + 1] - starts[f]).ToArray())];
        var found = PairsProtocol.Run(distance, same);
        Equal(Reference(distance, same, folds), found);
        Assert.Equal(folds.Select(f => f.Length), found.Folds.Select(f => f.Pairs));
    }

    [Fact]
    public void Folds_of_a_list_agree_with_the_reference()
    {
        var (distance, same) = Random(8, 900, true);
        int[] fold = [.. Enumerable.Range(0, 900).Select(i => new[] { 7, 3, 3, 12, 7, 5 }[i % 6])];
        int[] numbers = [3, 5, 7, 12];
        int[][] folds = [.. numbers.Select(n => Enumerable.Range(0, 900).Where(i => fold[i] == n).ToArray())];
        var found = PairsProtocol.Run(distance, same, fold);
        Equal(Reference(distance, same, folds), found);
        Assert.Equal(numbers, found.Folds.Select(f => f.Fold));
    }

    [Fact]
    public void Of_equally_good_thresholds_the_smallest_counts_and_less_is_same()
    {
        // Any threshold in (1, 2] tells these apart without error; 1.01 is the first above 1, as a distance of 1 is not less than 1.
        double[] distance = [1, 2, 1, 2];
        var found = PairsProtocol.Run(distance, [true, false, true, false], (ReadOnlySpan<int>)[0, 0, 1, 1]);
        Assert.All(found.Folds, f => Assert.Equal(101 * 0.01, f.DistanceThreshold));
        Assert.All(found.Folds, f => Assert.Equal(1 - 1.01 / 2, f.ScoreThreshold, 12));
        Assert.Equal((1, 0), (found.Accuracy, found.AccuracyStandardDeviation));
    }

    [Fact]
    public void One_sided_folds_have_an_accuracy_but_no_rate()
    {
        double[] distance = [0.5, 0.5, 2, 2, 0.5, 2];
        bool[] same = [true, true, false, false, true, false];
        var found = PairsProtocol.Run(distance, same, (ReadOnlySpan<int>)[0, 0, 1, 1, 2, 2]);
        Assert.Equal([null, null, 1.0], found.Folds.Select(f => f.Tar));
        Assert.Equal(1, found.Accuracy);
        Assert.Equal(1.0, found.Tar.Mean);
        Assert.Contains("rule of 30", found.Tar.Unsupported, StringComparison.Ordinal);
        // Without any impostor pair there is nothing to set a FAR on.
        var genuineOnly = PairsProtocol.Run([0.5, 0.5], [true, true], 2);
        Assert.Null(genuineOnly.Tar.Mean);
        Assert.NotNull(genuineOnly.Tar.Unsupported);
    }

    [Fact]
    public void A_far_that_no_threshold_reaches_lets_nothing_pass()
    {
        // All impostors lie beyond the last threshold, so FAR is 0 everywhere, and the reference takes the threshold 0.
        var found = PairsProtocol.Run([0, 4, 0, 4], [true, false, true, false], 2);
        Assert.Equal([0.0, 0.0], found.Folds.Select(f => f.Tar));
        Assert.Equal(1, found.Accuracy);
    }

    [Fact]
    public void A_far_that_stays_at_its_target_takes_the_last_threshold_there()
    {
        // One of a thousand impostors at 0.5, the next at 1.5: FAR is exactly 1e-3 from 0.501 to 1.5, and genuine pairs lie between.
        double[] fold = [1.0, 0.5, 1.5, .. Enumerable.Repeat(2.0, 998)];
        bool[] same = [.. fold.Select((_, i) => i == 0)];
        var found = PairsProtocol.Run([.. fold, .. fold], [.. same, .. same], 2);
        Assert.Equal([1.0, 1.0], found.Folds.Select(f => f.Tar));
        Assert.Equal([0.001, 0.001], found.Folds.Select(f => f.Far));
    }

    [Fact]
    public void What_cannot_be_folded_is_refused()
    {
        Assert.Throws<EvaluationDataException>(() => PairsProtocol.Run(new double[9], new bool[9]));
        Assert.Throws<EvaluationDataException>(() => PairsProtocol.Run([], []));
        Assert.Throws<EvaluationDataException>(() => PairsProtocol.Run(new double[9], new bool[9], 1));
        Assert.Throws<EvaluationDataException>(() => PairsProtocol.Run(new double[3], new bool[3], new int[3]));
        Assert.Throws<EvaluationDataException>(() => PairsProtocol.Run(new double[3], new bool[2], (ReadOnlySpan<int>)[0, 1, 1]));
        Assert.Equal(1, Assert.Throws<EvaluationDataException>(() => PairsProtocol.Run([0, double.NaN], new bool[2], 2)).Index);
        Assert.Equal(0, Assert.Throws<EvaluationDataException>(() => PairsProtocol.Run([-0.1, 0], new bool[2], 2)).Index);
    }

    [Fact]
    public void People_in_several_folds_are_named()
    {
        var leaks = PairsProtocol.FoldLeaks([0, 0, 1, 2], [10, 11, 12, 11], [10, 13, 13, 11]);
        Assert.Equal([(11, "0 2"), (13, "0 1")], leaks.Select(l => (l.Person, string.Join(' ', l.Folds))));
        Assert.Empty(PairsProtocol.FoldLeaks([0, 0, 1], [1, 1, 3], [1, 2, 4]));
    }

    [Fact]
    public void Distance_of_unit_vectors_is_two_less_twice_the_cosine()
        => Assert.Equal(2 - 2 * 0.6, PairsProtocol.SquaredDistance([1, 0], [0.6f, 0.8f]), 6);
}
