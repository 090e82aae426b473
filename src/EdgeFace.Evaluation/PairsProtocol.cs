namespace EdgeFace.Evaluation;

/// <summary>
/// The pairs protocol of LFW, CALFW, CPLFW, CFP-FP and AgeDB-30, as InsightFace's <c>verification.py</c> computes it and papers report it: squared
/// Euclidean distances of embeddings of length 1, a pair called the same person where its distance is less than a threshold, and for each fold the
/// threshold of 0, 0.01, ... 3.99 with the best accuracy on the other folds, the smallest of equals.
/// </summary>
public static class PairsProtocol
{
    const double TarFar = 1e-3;

    // numpy.arange(0, 4, step): element i is i * step.
    static readonly double[] AccuracyThresholds = [.. Enumerable.Range(0, 400).Select(i => i * 0.01)];
    static readonly double[] TarThresholds = [.. Enumerable.Range(0, 4000).Select(i => i * 0.001)];

    /// <summary>The squared Euclidean distance, added in double precision.</summary>
    public static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length) throw new EvaluationDataException($"embeddings of {a.Length} and {b.Length} values have no distance");
        double sum = 0;
        for (var i = 0; i < a.Length; i++) sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return sum;
    }

    /// <summary>
    /// Runs the protocol with folds cut from the list in order, as scikit-learn's <c>KFold(shuffle=False)</c>: of n pairs the first
    /// <c>n % folds</c> folds get one more.
    /// </summary>
    /// <param name="squaredDistances">Of each pair.</param>
    /// <param name="same">True for a genuine pair.</param>
    /// <exception cref="EvaluationDataException">A distance is not a finite number or negative, the lists differ in length, or there are
    /// fewer pairs than folds or than two folds.</exception>
    public static PairsResult Run(ReadOnlySpan<double> squaredDistances, ReadOnlySpan<bool> same, int folds = 10)
    {
        if (folds < 2 || squaredDistances.Length < folds)
            throw new EvaluationDataException($"{squaredDistances.Length} pairs cannot be cut into {folds} folds; "
                + "the protocol needs at least two, none of them empty");
        return Run(squaredDistances, same, Split(squaredDistances.Length, folds));
    }

    /// <summary>Runs the protocol with the folds of the list. Numbers that no pair has are no folds.</summary>
    /// <param name="squaredDistances">Of each pair.</param>
    /// <param name="same">True for a genuine pair.</param>
    /// <param name="fold">The number of each pair's fold.</param>
    /// <exception cref="EvaluationDataException">A distance is not a finite number or negative, the lists differ in length, or there are
    /// fewer than two folds.</exception>
    public static PairsResult Run(ReadOnlySpan<double> squaredDistances, ReadOnlySpan<bool> same, ReadOnlySpan<int> fold)
    {
        EvaluationDataException.RequireEqualLengths(squaredDistances.Length, same.Length, "labels");
        EvaluationDataException.RequireEqualLengths(squaredDistances.Length, fold.Length, "folds");
        for (var i = 0; i < squaredDistances.Length; i++)
            if (!double.IsFinite(squaredDistances[i]) || squaredDistances[i] < 0)
                throw new EvaluationDataException($"the squared distance of pair {i} is {squaredDistances[i]}", i);
        int[] numbers = [.. fold.ToArray().Distinct().Order()];
        if (numbers.Length < 2)
            throw new EvaluationDataException($"the pairs are of {numbers.Length} folds; a threshold is chosen on other folds, "
                + "so the protocol needs two");

        Tally accuracy = new(squaredDistances, same, fold, numbers, AccuracyThresholds),
            tar = new(squaredDistances, same, fold, numbers, TarThresholds);
        var folds = new PairsFold[numbers.Length];
        for (var f = 0; f < numbers.Length; f++)
        {
            var best = accuracy.Best(f);
            var (pairs, right) = (accuracy.Same[f] + accuracy.Different[f], accuracy.Right(f, best));
            var (rate, far) = TarOf(tar, f, squaredDistances, same, fold, numbers[f]);
            folds[f] = new(numbers[f], pairs, AccuracyThresholds[best], (double)right / pairs, rate, far);
        }
        var mean = folds.Average(f => f.Accuracy);
        return new(folds, mean, Deviation(folds.Select(f => f.Accuracy)), Summary(folds, accuracy.Different.Sum()));
    }

    /// <summary>
    /// The interval of the mean accuracy over other people of the same kind: in each replicate pairs count by how often their people
    /// were drawn, and the thresholds are chosen anew. Null where the bootstrap gives none. A fold of which no pair was drawn has no
    /// part in its replicate's mean.
    /// </summary>
    /// <param name="squaredDistances">Of each pair.</param>
    /// <param name="fold">The number of each pair's fold.</param>
    /// <param name="personA">The person of each pair's first image.</param>
    /// <param name="personB">The person of each pair's second image; a pair is genuine where the two are equal.</param>
    /// <param name="bootstrap">Draws the people.</param>
    /// <exception cref="EvaluationDataException">The lists differ in length.</exception>
    public static Interval? AccuracyInterval(ReadOnlySpan<double> squaredDistances, ReadOnlySpan<int> fold,
        ReadOnlySpan<int> personA, ReadOnlySpan<int> personB, PersonBootstrap bootstrap)
    {
        ArgumentNullException.ThrowIfNull(bootstrap);
        EvaluationDataException.RequireEqualLengths(squaredDistances.Length, fold.Length, "folds");
        EvaluationDataException.RequireEqualLengths(squaredDistances.Length, personA.Length, "first people");
        EvaluationDataException.RequireEqualLengths(squaredDistances.Length, personB.Length, "second people");
        var people = new PersonNumbers();
        int[] a = new int[personA.Length], b = new int[personB.Length], folds = fold.ToArray(), numbers = [.. folds.Distinct().Order()];
        for (var i = 0; i < a.Length; i++) (a[i], b[i]) = (people.Of(personA[i]), people.Of(personB[i]));
        var distances = squaredDistances.ToArray();
        bool[] same = [.. a.Zip(b, (x, y) => x == y)];
        return bootstrap.Interval(people.Count, multiplicity =>
        {
            int[] weights = [.. a.Zip(b, (x, y) => x == y ? multiplicity[x] : multiplicity[x] * multiplicity[y])];
            var tally = new Tally(distances, same, folds, numbers, AccuracyThresholds, weights);
            return Enumerable.Range(0, numbers.Length)
                .Select(f => (double)tally.Right(f, tally.Best(f)) / (tally.Same[f] + tally.Different[f]))
                .Where(share => !double.IsNaN(share)).DefaultIfEmpty(double.NaN).Average();
        });
    }

    /// <summary>
    /// People whose images lie in several folds. The protocol's folds have no person in common; where one has, accuracies are too good,
    /// and a caller should say so.
    /// </summary>
    /// <param name="fold">The number of each pair's fold.</param>
    /// <param name="personA">The person of each pair's first image.</param>
    /// <param name="personB">The person of each pair's second image.</param>
    /// <exception cref="EvaluationDataException">The lists differ in length.</exception>
    public static IReadOnlyList<FoldLeak> FoldLeaks(ReadOnlySpan<int> fold, ReadOnlySpan<int> personA, ReadOnlySpan<int> personB)
    {
        EvaluationDataException.RequireEqualLengths(fold.Length, personA.Length, "first people");
        EvaluationDataException.RequireEqualLengths(fold.Length, personB.Length, "second people");
        var folds = new SortedDictionary<int, SortedSet<int>>();
        for (var i = 0; i < fold.Length; i++)
            foreach (var person in (int[])[personA[i], personB[i]])
            {
                if (!folds.TryGetValue(person, out var of)) folds.Add(person, of = []);
                of.Add(fold[i]);
            }
        return [.. folds.Where(p => p.Value.Count > 1).Select(p => new FoldLeak(p.Key, [.. p.Value]))];
    }

    internal static int[] Split(int pairs, int folds)
    {
        var result = new int[pairs];
        for (int f = 0, next = 0; f < folds; f++)
            for (var end = next + pairs / folds + (f < pairs % folds ? 1 : 0); next < end; next++) result[next] = f;
        return result;
    }

    static (double? Tar, double? Far) TarOf(Tally tally, int f, ReadOnlySpan<double> distances, ReadOnlySpan<bool> same,
        ReadOnlySpan<int> fold, int number)
    {
        var impostors = tally.Different.Sum() - tally.Different[f];
        if (impostors == 0 || tally.Same[f] == 0 || tally.Different[f] == 0) return (null, null);
        var threshold = FarThreshold(t => (double)tally.FalseElsewhere(f, t) / impostors);
        int accepted = 0, wrong = 0;
        for (var i = 0; i < distances.Length; i++)
        {
            if (fold[i] != number || !(distances[i] < threshold)) continue;
            if (same[i]) accepted++; else wrong++;
        }
        return ((double)accepted / tally.Same[f], (double)wrong / tally.Different[f]);
    }

    /// <summary>
    /// <c>interp1d(far, thresholds, kind='slinear')(target)</c>, and 0 where no threshold reaches the target. FAR stays level over many
    /// thresholds; the line that counts runs from the last threshold with at most the target to the first beyond it. Where the target is
    /// the highest FAR of all, the reference gives 0 or fails, according to the version of scipy; here it is the last threshold.
    /// </summary>
    static double FarThreshold(Func<int, double> far)
    {
        int low = 0, high = TarThresholds.Length - 1;
        if (far(high) < TarFar) return 0;
        if (far(high) == TarFar) return TarThresholds[high];
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (far(middle) <= TarFar) low = middle; else high = middle;
        }
        double before = far(low), after = far(high);
        return TarThresholds[low] + (TarFar - before) / (after - before) * (TarThresholds[high] - TarThresholds[low]);
    }

    static ReferenceTar Summary(PairsFold[] folds, int impostors)
    {
        double[] tar = [.. folds.Where(f => f.Tar is not null).Select(f => f.Tar!.Value)];
        if (tar.Length == 0) return new(TarFar, null, null, null, "no fold has both kinds of pairs");
        var reason = Intervals.RuleOfThirty(TarFar, impostors) ? null
            : FormattableString.Invariant($"FAR {TarFar} of {impostors} impostor pairs is {TarFar * impostors:0.##} false matches, ")
                + $"and a rate must rest on {Intervals.LeastErrors} (rule of 30)";
        return new(TarFar, tar.Average(), Deviation(tar), folds.Where(f => f.Far is not null).Average(f => f.Far!.Value), reason);
    }

    static double Deviation(IEnumerable<double> values)
    {
        double[] all = [.. values];
        var mean = all.Average();
        return Math.Sqrt(all.Average(v => (v - mean) * (v - mean)));
    }

    /// <summary>
    /// For each fold and threshold, how many pairs of either kind have a smaller distance; a pair counts as often as its weight
    /// says, once without weights.
    /// </summary>
    sealed class Tally
    {
        readonly int[,] _same, _different; // [fold, threshold]
        readonly int[] _sameAll, _differentAll;

        public Tally(ReadOnlySpan<double> distances, ReadOnlySpan<bool> same, ReadOnlySpan<int> fold, int[] numbers,
            double[] thresholds, int[]? weights = null)
        {
            Same = new int[numbers.Length];
            Different = new int[numbers.Length];
            _same = new int[numbers.Length, thresholds.Length];
            _different = new int[numbers.Length, thresholds.Length];
            _sameAll = new int[thresholds.Length];
            _differentAll = new int[thresholds.Length];
            for (var i = 0; i < distances.Length; i++)
            {
                var f = Array.BinarySearch(numbers, fold[i]);
                var weight = weights is null ? 1 : weights[i];
                (same[i] ? Same : Different)[f] += weight;
                // The first threshold greater than the distance; a distance equal to a threshold is not less than it.
                var t = Array.BinarySearch(thresholds, distances[i]);
                t = t < 0 ? ~t : t + 1;
                if (t < thresholds.Length) (same[i] ? _same : _different)[f, t] += weight;
            }
            for (var f = 0; f < numbers.Length; f++)
                for (var t = 0; t < thresholds.Length; t++)
                {
                    if (t > 0)
                    {
                        _same[f, t] += _same[f, t - 1];
                        _different[f, t] += _different[f, t - 1];
                    }
                    _sameAll[t] += _same[f, t];
                    _differentAll[t] += _different[f, t];
                }
        }

        public int[] Same { get; }

        public int[] Different { get; }

        /// <summary>The threshold with the highest accuracy on the other folds, the smallest of equals.</summary>
        public int Best(int fold)
        {
            var best = 0;
            for (var t = 1; t < _sameAll.Length; t++)
                if (RightElsewhere(fold, t) > RightElsewhere(fold, best)) best = t;
            return best;
        }

        public int Right(int fold, int t) => _same[fold, t] + Different[fold] - _different[fold, t];

        // Which threshold is best does not change by the constant number of different pairs elsewhere.
        int RightElsewhere(int fold, int t) => _sameAll[t] - _same[fold, t] - FalseElsewhere(fold, t);

        public int FalseElsewhere(int fold, int t) => _differentAll[t] - _different[fold, t];
    }
}
