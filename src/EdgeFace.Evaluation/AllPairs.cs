namespace EdgeFace.Evaluation;

/// <summary>How <see cref="AllPairs.Score"/> works.</summary>
public readonly record struct AllPairsOptions()
{
    /// <summary>
    /// The share of impostor pairs, from the highest score down, on which intervals rest. A threshold at a higher false match rate may have none
    /// where more than <see cref="MostKept"/> pairs match.
    /// </summary>
    public double TailShare { get; init; } = 0.03;

    /// <summary>
    /// How many of the highest impostor pairs and of the lowest genuine pairs are kept one by one, a million unless set. What lies beyond is
    /// counted, so that memory does not grow with the number of pairs: thresholds there are multiples of 1/32768.
    /// </summary>
    public int MostKept { get; init; } = 1_000_000;

    /// <summary>Threads to use; 0 means one for each processor. The result does not depend on it.</summary>
    public int Threads { get; init; }
}

/// <summary>
/// Every image of a set of people compared with every other: pairs within a person are genuine, all others are impostors. Scores are
/// computed block by block and counted in a <see cref="ScoreHistogram"/> for each kind; the worst pairs of each kind are kept with their
/// images, and of the rest samples on which intervals rest. Operating points are counted exactly: at any threshold where the pairs are
/// kept, else at multiples of 1/32768.
/// </summary>
public sealed class AllPairs
{
    readonly int[] _person; // of each image, numbered from 0
    readonly int[] _imagesOfPerson;
    readonly KeptPairs _genuine;
    readonly TailScores _tail;

    AllPairs(int[] person, int[] imagesOfPerson, int[] attemptsOfPerson, KeptPairs genuine, KeptPairs impostors, AllPairsScan scan)
    {
        (_person, _imagesOfPerson, _genuine, Genuine, Closest) = (person, imagesOfPerson, genuine, genuine.Whole, impostors.Whole);
        (Genuines, Impostors) = (new(scan.GenuineHistogram), new(scan.ImpostorHistogram));
        (ImpostorMean, ImpostorStandardDeviation) = (scan.Mean, scan.Deviation);
        GenuineCount = GenuinePairs(_imagesOfPerson);
        ImpostorCount = Pairs(_imagesOfPerson);
        FailedImages = attemptsOfPerson.Sum() - Images;
        GenuineFailures = GenuinePairs(attemptsOfPerson) - GenuineCount;
        ImpostorFailures = Pairs(attemptsOfPerson) - ImpostorCount;
        _tail = new()
        {
            Impostor = [.. impostors.Pairs.Select(p => p.Score)],
            ImpostorPersons = [.. impostors.Pairs.Select(p => (person[p.A], person[p.B]))],
            ImpostorEnds = impostors.Ends,
            ImpostorTotal = ImpostorCount,
            Genuine = [.. genuine.Pairs.Select(p => p.Score)],
            GenuinePerson = [.. genuine.Pairs.Select(p => person[p.A])],
            GenuineEnds = genuine.Ends,
            GenuinePeople = imagesOfPerson.Count(n => n > 1),
            People = imagesOfPerson.Length,
            WeightedImpostors = WeightedImpostors,
        };
    }

    /// <summary>Number of images.</summary>
    public int Images => _person.Length;

    /// <summary>Images that gave no embedding.</summary>
    public int FailedImages { get; }

    /// <summary>Genuine pairs with such an image. They count as rejected in <see cref="OperatingPoint.Frr"/>.</summary>
    public long GenuineFailures { get; }

    /// <summary>Impostor pairs with such an image. They count as rejected in <see cref="OperatingPoint.Far"/>.</summary>
    public long ImpostorFailures { get; }

    /// <summary>Number of people of whom there is an embedding.</summary>
    public int People => _imagesOfPerson.Length;

    /// <summary>
    /// The genuine pairs with the lowest scores, lowest, and so the worst, first: all of them, unless they are more than <see
    /// cref="AllPairsOptions.MostKept"/>.
    /// </summary>
    public IReadOnlyList<ScoredPair> Genuine { get; }

    /// <summary>Number of genuine pairs.</summary>
    public long GenuineCount { get; }

    /// <summary>
    /// The impostor pairs with the highest scores, highest, and so the worst, first: all of them, unless they are more than <see
    /// cref="AllPairsOptions.MostKept"/>.
    /// </summary>
    public IReadOnlyList<ScoredPair> Closest { get; }

    /// <summary>Number of impostor pairs.</summary>
    public long ImpostorCount { get; }

    /// <summary><see cref="Closest"/> holds all impostor pairs and <see cref="Genuine"/> all genuine ones.</summary>
    public bool IsComplete => Closest.Count == ImpostorCount && Genuine.Count == GenuineCount;

    /// <summary>The scores of all genuine pairs, counted.</summary>
    public ScoreHistogram Genuines { get; }

    /// <summary>The scores of all impostor pairs, counted.</summary>
    public ScoreHistogram Impostors { get; }

    /// <summary>
    /// Genuine pairs to draw curves from that need each pair's images: all of them, or an even sample of at least three eighths of <see
    /// cref="AllPairsOptions.MostKept"/>. Lowest first.
    /// </summary>
    internal IReadOnlyList<ScoredPair> GenuineSample => _genuine.Even;

    /// <summary>Mean score of the impostor pairs; not a number where there are none.</summary>
    public double ImpostorMean { get; }

    /// <summary>Standard deviation of the impostor scores.</summary>
    public double ImpostorStandardDeviation { get; }

    /// <summary>Scores all pairs.</summary>
    /// <param name="embeddings">One row of <paramref name="dimension"/> values for each image, of length 1.</param>
    /// <param name="dimension">Values of an embedding.</param>
    /// <param name="people">A number for each image's person.</param>
    /// <param name="failed">The person of each image that gave no embedding: failures to acquire.</param>
    /// <exception cref="EvaluationDataException">An embedding is not finite or not of length 1, or the lengths do not fit.</exception>
    public static AllPairs Score(ReadOnlyMemory<float> embeddings, int dimension, IReadOnlyList<int> people,
        IReadOnlyList<int>? failed = null, AllPairsOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentNullException.ThrowIfNull(people);
        var chosen = options ?? new AllPairsOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(chosen.Threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chosen.MostKept);
        if (!(chosen.TailShare is >= 0 and <= 1))
            throw new EvaluationDataException($"the share of pairs that intervals rest on lies in [0, 1], not at {chosen.TailShare}");
        CheckRows(embeddings.Span, dimension, people.Count);

        var numbers = new PersonNumbers();
        int[] person = [.. people.Select(numbers.Of)];
        var images = new int[numbers.Count];
        foreach (var p in person) images[p]++;
        int[] failedPerson = [.. (failed ?? []).Select(numbers.Of)], attempts = [.. images, .. new int[numbers.Count - images.Length]];
        foreach (var p in failedPerson) attempts[p]++;
        PairKeeper genuine = new(chosen.MostKept, PairKeeper.LevelsFor(GenuinePairs(images), chosen.MostKept));
        PairKeeper impostors = new(chosen.MostKept, PairKeeper.LevelsFor((long)Math.Ceiling(chosen.TailShare * Pairs(images)), chosen.MostKept));
        var scan = new AllPairsScan(embeddings, dimension, person, genuine, impostors);
        scan.Run(chosen.Threads == 0 ? Environment.ProcessorCount : chosen.Threads, cancellation);
        return new(person, images, attempts, genuine.ToSorted().Turned(), impostors.ToSorted(), scan);
    }

    /// <summary>The errors at a threshold.</summary>
    /// <exception cref="EvaluationDataException">The threshold lies where pairs were not kept one by one, and is no multiple of 1/32768.</exception>
    public OperatingPoint At(double threshold)
    {
        EvaluationDataException.RequireThreshold(threshold);
        if (IsCounted(threshold)) return Point(threshold, FalseMatches(threshold), Misses(threshold));
        throw new EvaluationDataException(
            FormattableString.Invariant($"errors are counted at {EdgeAbove(threshold)} and other multiples of 1/32768, ")
            + FormattableString.Invariant($"and not at {threshold}: more pairs than {nameof(AllPairsOptions.MostKept)} lie beyond it"));
    }

    /// <summary>
    /// Thresholds and false non-match rates at false match rates, by the rules of <see cref="Metrics.AtFmr"/>. Where more pairs lie beyond a
    /// threshold than are kept one by one, it is the lowest multiple of 1/32768 that will do, and the pairs of people are those among the pairs
    /// kept. Intervals then rest on samples.
    /// </summary>
    /// <exception cref="EvaluationDataException">A target does not lie between 0 and 1.</exception>
    public IReadOnlyList<FixedFmr> AtFmr(IReadOnlyList<double> targets, PersonBootstrap? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return _tail.At(targets, bootstrap, PointAt);
    }

    OperatingPoint PointAt(double fmr)
    {
        var allowed = TailScores.Allowed(fmr, ImpostorCount);
        var threshold = allowed < Closest.Count ? _tail.Threshold(fmr) : Impostors.LowestEdge(allowed);
        return At(IsCounted(threshold) ? threshold : EdgeAbove(threshold));
    }

    /// <summary>
    /// The points of the ROC and DET curves at the histogram's edges, lowest threshold first, thinned as by <see cref="Metrics.Curve"/>.
    /// </summary>
    /// <exception cref="EvaluationDataException">There are no genuine or no impostor pairs.</exception>
    public IReadOnlyList<OperatingPoint> Curve(int most = 2000)
    {
        if (Missing() is { } kind) throw new EvaluationDataException($"a curve needs both kinds of pairs, and there are no {kind} pairs");
        return Metrics.Thin(Edges(), most);
    }

    /// <summary>
    /// The equal error rate as <see cref="Metrics.Eer"/>, from the histogram's edges, so that scores within 1/32768 count as tied.
    /// </summary>
    public Estimate Eer() => Missing() is { } kind ? Estimate.NotSupported($"there are no {kind} pairs")
        : new(Metrics.Crossing(Edges().Select(p => (p.Fmr.Value, p.Fnmr.Value))));

    string? Missing() => ImpostorCount == 0 ? "impostor" : GenuineCount == 0 ? "genuine" : null;

    /// <summary>
    /// Error rates within each group of images at one threshold. Genuine pairs count for the group of both images, impostor pairs only where both
    /// images are of one group. Where more genuine pairs miss than are kept one by one, a group's misses are estimated from samples.
    /// </summary>
    /// <param name="groups">The group of each image.</param>
    /// <exception cref="EvaluationDataException">The threshold is so low that the false matches above it were not kept one by one.</exception>
    public SubgroupTable Subgroups(IReadOnlyList<string> groups, double threshold)
    {
        ArgumentNullException.ThrowIfNull(groups);
        EvaluationDataException.RequireEqualLengths(Images, groups.Count, "groups");
        EvaluationDataException.RequireThreshold(threshold);
        if (!HoldsMatches(threshold))
            throw new EvaluationDataException(FormattableString.Invariant($"false matches are told apart above {Closest[^1].Score} only, ")
                + FormattableString.Invariant($"not at {threshold}; raise {nameof(AllPairsOptions.MostKept)}"));
        var errors = groups.Distinct().ToDictionary(g => g, _ => new long[4], StringComparer.Ordinal);
        foreach (var of in groups.Select((g, i) => (Group: g, Image: i)).GroupBy(x => x.Group, x => x.Image))
        {
            int[] images = [.. of.GroupBy(i => _person[i]).Select(p => p.Count())];
            (errors[of.Key][1], errors[of.Key][3]) = (Pairs(images), GenuinePairs(images));
        }
        foreach (var pair in Closest.TakeWhile(p => p.Score >= threshold).Where(p => groups[p.A] == groups[p.B])) errors[groups[pair.A]][0]++;
        for (int level = 0, i = 0; level < _genuine.Ends.Length; level++)
            for (; i < _genuine.Ends[level] && _genuine.Pairs[i] is var pair && pair.Score < threshold; i++)
                if (groups[pair.A] == groups[pair.B]) errors[groups[pair.A]][2] += 1L << level;
        return new(threshold, errors.Select(e
            => new SubgroupRow(e.Key, new(e.Value[0], e.Value[1]), new(Math.Min(e.Value[2], e.Value[3]), e.Value[3]))));
    }

    OperatingPoint Point(double threshold, long falseMatches, long missed) => new(threshold,
        new(falseMatches, ImpostorCount), new(missed, GenuineCount),
        new(falseMatches, ImpostorCount + ImpostorFailures), new(missed + GenuineFailures, GenuineCount + GenuineFailures));

    // Every pair on the wrong side of the threshold is kept one by one.
    bool HoldsMatches(double threshold) => Closest.Count == ImpostorCount || threshold > Closest[^1].Score;

    bool HoldsMisses(double threshold) => Genuine.Count == GenuineCount || threshold <= Genuine[^1].Score;

    bool IsCounted(double threshold) => HoldsMatches(threshold) && HoldsMisses(threshold) || threshold == EdgeAbove(threshold);

    static double EdgeAbove(double threshold) => Math.Ceiling(threshold * ScoreHistogram.PerUnit) / ScoreHistogram.PerUnit;

    long FalseMatches(double threshold)
    {
        if (!HoldsMatches(threshold)) return ImpostorCount - Impostors.Below(threshold);
        int low = 0, high = Closest.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Closest[middle].Score >= threshold) low = middle + 1; else high = middle;
        }
        return low;
    }

    long Misses(double threshold)
        => HoldsMisses(threshold) ? ScoreSet.Below(_tail.Genuine.AsSpan(0, Genuine.Count), threshold) : Genuines.Below(threshold);

    List<OperatingPoint> Edges()
    {
        var points = new List<OperatingPoint>();
        long matched = ImpostorCount, missed = 0;
        for (var b = 0; b <= ScoreHistogram.Bins; b++)
        {
            if (b > 0) (matched, missed) = (matched - Impostors[b - 1], missed + Genuines[b - 1]);
            // An edge between which and the one before nothing lies adds no point.
            if (b == 0 || Genuines[b - 1] != 0 || Impostors[b - 1] != 0) points.Add(Point(ScoreHistogram.Edge(b), matched, missed));
        }
        return points;
    }

    /// <summary>Pairs of images of one person.</summary>
    static long GenuinePairs(IEnumerable<int> imagesOfPerson) => imagesOfPerson.Sum(n => (long)n * (n - 1) / 2);

    /// <summary>Pairs of images of different people: <c>((sum n)^2 - sum n^2) / 2</c> over the people's numbers of images.</summary>
    static long Pairs(IEnumerable<int> imagesOfPerson)
    {
        long sum = 0, squares = 0;
        foreach (var n in imagesOfPerson)
        {
            sum += n;
            squares += (long)n * n;
        }
        return (sum * sum - squares) / 2;
    }

    long WeightedImpostors(int[] multiplicity)
    {
        long sum = 0, squares = 0;
        for (var p = 0; p < multiplicity.Length; p++)
        {
            var n = (long)multiplicity[p] * _imagesOfPerson[p];
            sum += n;
            squares += n * n;
        }
        return (sum * sum - squares) / 2;
    }

    internal static void CheckRows(ReadOnlySpan<float> embeddings, int dimension, int images)
    {
        if ((long)images * dimension != embeddings.Length)
            throw new EvaluationDataException($"{embeddings.Length} values are not {images} embeddings of {dimension}");
        for (var i = 0; i < images; i++)
        {
            double sum = 0;
            foreach (var v in embeddings.Slice(i * dimension, dimension)) sum += (double)v * v;
            if (!double.IsFinite(sum)) throw new EvaluationDataException($"embedding {i} holds values that are not finite", i);
            if (Math.Abs(sum - 1) > 1e-3)
                throw new EvaluationDataException($"embedding {i} has the length {Math.Sqrt(sum):g4}, not 1: normalise embeddings first", i);
        }
    }
}
