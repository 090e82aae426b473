namespace EdgeFace.Evaluation;

/// <summary>How <see cref="AllPairs.Score"/> works.</summary>
public readonly record struct AllPairsOptions()
{
    /// <summary>The share of impostor pairs, from the highest score down, that is kept pair by pair; at least a million are. Thresholds at a false match rate up to it are exact.</summary>
    public double TailShare { get; init; } = 0.03;

    /// <summary>Least number of impostor pairs kept.</summary>
    public int LeastTail { get; init; } = 1_000_000;

    /// <summary>Threads to use; 0 means one for each processor. The result does not depend on it.</summary>
    public int Threads { get; init; }
}

/// <summary>
/// Every image of a set of people compared with every other: pairs within a person are genuine, all others are impostors. Scores are computed block by block
/// and not kept: impostors are counted in a <see cref="ScoreHistogram"/>, and the highest of them, on which thresholds rest, are kept with their images.
/// </summary>
public sealed class AllPairs
{
    readonly int[] _person; // of each image, numbered from 0
    readonly int[] _imagesOfPerson;
    readonly TailScores _tail;

    AllPairs(int[] person, int[] imagesOfPerson, int[] attemptsOfPerson, ScoredPair[] genuine, ScoredPair[] closest, ScoreHistogram impostors, double mean, double deviation)
    {
        (_person, _imagesOfPerson, Genuine, Closest, Impostors, ImpostorMean, ImpostorStandardDeviation) = (person, imagesOfPerson, genuine, closest, impostors, mean, deviation);
        ImpostorCount = Pairs(_imagesOfPerson);
        FailedImages = attemptsOfPerson.Sum() - Images;
        GenuineFailures = attemptsOfPerson.Sum(n => (long)n * (n - 1) / 2) - genuine.Length;
        ImpostorFailures = Pairs(attemptsOfPerson) - ImpostorCount;
        _tail = new([.. closest.Select(p => p.Score)], [.. closest.Select(p => (person[p.A], person[p.B]))], ImpostorCount,
            [.. genuine.Select(p => p.Score)], [.. genuine.Select(p => person[p.A])], imagesOfPerson.Length, WeightedImpostors);
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

    /// <summary>All genuine pairs, lowest score, and so the worst, first.</summary>
    public IReadOnlyList<ScoredPair> Genuine { get; }

    /// <summary>The impostor pairs with the highest scores, highest, and so the worst, first. <see cref="IsComplete"/> says whether these are all.</summary>
    public IReadOnlyList<ScoredPair> Closest { get; }

    /// <summary>Number of impostor pairs.</summary>
    public long ImpostorCount { get; }

    /// <summary><see cref="Closest"/> holds all impostor pairs.</summary>
    public bool IsComplete => Closest.Count == ImpostorCount;

    /// <summary>The scores of all impostor pairs, counted.</summary>
    public ScoreHistogram Impostors { get; }

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
    public static AllPairs Score(ReadOnlyMemory<float> embeddings, int dimension, IReadOnlyList<int> people, IReadOnlyList<int>? failed = null, AllPairsOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentNullException.ThrowIfNull(people);
        var chosen = options ?? new AllPairsOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(chosen.Threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chosen.LeastTail);
        if (!(chosen.TailShare is >= 0 and <= 1)) throw new EvaluationDataException($"the share of pairs to keep lies in [0, 1], not at {chosen.TailShare}");
        CheckRows(embeddings.Span, dimension, people.Count);

        var numbers = new PersonNumbers();
        int[] person = [.. people.Select(numbers.Of)];
        var images = new int[numbers.Count];
        foreach (var p in person) images[p]++;
        int[] failedPerson = [.. (failed ?? []).Select(numbers.Of)], attempts = [.. images, .. new int[numbers.Count - images.Length]];
        foreach (var p in failedPerson) attempts[p]++;
        var most = Math.Min(Pairs(images), Math.Max(chosen.LeastTail, (long)Math.Ceiling(chosen.TailShare * Pairs(images))));
        if (most > Array.MaxLength / 4) throw new EvaluationDataException($"{most} impostor pairs would have to be kept; lower the share of pairs to keep");

        var scan = new AllPairsScan(embeddings, dimension, person, (int)most);
        scan.Run(chosen.Threads == 0 ? Environment.ProcessorCount : chosen.Threads, cancellation);
        return new(person, images, attempts, scan.Genuine, scan.Closest, new(scan.Histogram), scan.Mean, scan.Deviation);
    }

    /// <summary>The errors at a threshold.</summary>
    /// <exception cref="EvaluationDataException">The threshold is so low that the false matches above it were not kept one by one.</exception>
    public OperatingPoint At(double threshold) => Point(threshold, FalseMatches(threshold), ScoreSet.Below(_tail.Genuine, threshold));

    /// <summary>Thresholds and false non-match rates at false match rates, by the rules of <see cref="Metrics.AtFmr"/>.</summary>
    /// <exception cref="EvaluationDataException">A target does not lie between 0 and 1, or exceeds the share of pairs kept.</exception>
    public IReadOnlyList<FixedFmr> AtFmr(IReadOnlyList<double> targets, PersonBootstrap? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(targets);
        foreach (var target in targets)
        {
            EvaluationDataException.RequireRate(target);
            if (ImpostorCount > 0 && TailScores.Allowed(target, ImpostorCount) >= Closest.Count)
                throw new EvaluationDataException($"only the {Closest.Count} highest of {ImpostorCount} impostor scores were kept, too few for FMR {target}; raise {nameof(AllPairsOptions.TailShare)}");
        }
        return _tail.At(targets, bootstrap, (threshold, falseMatches) => Point(threshold, falseMatches, ScoreSet.Below(_tail.Genuine, threshold)));
    }

    /// <summary>The points of the ROC and DET curves at the histogram's edges, lowest threshold first, thinned as by <see cref="Metrics.Curve"/>.</summary>
    /// <exception cref="EvaluationDataException">There are no genuine or no impostor pairs.</exception>
    public IReadOnlyList<OperatingPoint> Curve(int most = 2000)
    {
        if (Genuine.Count == 0 || ImpostorCount == 0) throw new EvaluationDataException($"a curve needs both kinds of pairs, and there are no {(ImpostorCount == 0 ? "impostor" : "genuine")} pairs");
        return Metrics.Thin(Edges(), most);
    }

    /// <summary>The equal error rate as <see cref="Metrics.Eer"/>, from the histogram's edges, so that scores within 1/32768 count as tied.</summary>
    public Estimate Eer() => Genuine.Count == 0 || ImpostorCount == 0 ? Estimate.NotSupported($"there are no {(ImpostorCount == 0 ? "impostor" : "genuine")} pairs")
        : new(Metrics.Crossing(Edges().Select(p => (p.Fmr.Value, p.Fnmr.Value))));

    /// <summary>Error rates within each group of images at one threshold. Genuine pairs count for the group of both images, impostor pairs only where both images are of one group.</summary>
    /// <param name="groups">The group of each image.</param>
    /// <exception cref="EvaluationDataException">The threshold is so low that the false matches above it were not kept one by one.</exception>
    public SubgroupTable Subgroups(IReadOnlyList<string> groups, double threshold)
    {
        ArgumentNullException.ThrowIfNull(groups);
        EvaluationDataException.RequireEqualLengths(Images, groups.Count, "groups");
        var matched = (int)FalseMatches(threshold);
        var errors = groups.Distinct().ToDictionary(g => g, _ => new long[4], StringComparer.Ordinal);
        foreach (var of in groups.Select((g, i) => (Group: g, Image: i)).GroupBy(x => x.Group, x => x.Image))
            errors[of.Key][1] = Pairs([.. of.GroupBy(i => _person[i]).Select(p => p.Count())]);
        foreach (var pair in Closest.Take(matched).Where(p => groups[p.A] == groups[p.B])) errors[groups[pair.A]][0]++;
        foreach (var pair in Genuine.Where(p => groups[p.A] == groups[p.B]))
        {
            errors[groups[pair.A]][3]++;
            if (pair.Score < threshold) errors[groups[pair.A]][2]++;
        }
        return new(threshold, errors.Select(e => new SubgroupRow(e.Key, new(e.Value[0], e.Value[1]), new(e.Value[2], e.Value[3]))));
    }

    OperatingPoint Point(double threshold, long falseMatches, long missed) => new(threshold, new(falseMatches, ImpostorCount), new(missed, Genuine.Count),
        new(falseMatches, ImpostorCount + ImpostorFailures), new(missed + GenuineFailures, Genuine.Count + GenuineFailures));

    long FalseMatches(double threshold)
    {
        EvaluationDataException.RequireThreshold(threshold);
        if (!IsComplete && threshold <= Closest[^1].Score)
            throw new EvaluationDataException($"false matches are counted exactly above {Closest[^1].Score} only, not at {threshold}; raise {nameof(AllPairsOptions.TailShare)}");
        int low = 0, high = Closest.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Closest[middle].Score >= threshold) low = middle + 1; else high = middle;
        }
        return low;
    }

    List<OperatingPoint> Edges()
    {
        var points = new List<OperatingPoint>();
        var matched = ImpostorCount;
        var missed = 0;
        for (var b = 0; b <= ScoreHistogram.Bins; b++)
        {
            var edge = ScoreHistogram.Edge(b);
            var before = missed;
            while (missed < Genuine.Count && Genuine[missed].Score < edge) missed++;
            // An edge between which and the one before nothing lies adds no point.
            if (b == 0 || missed != before || Impostors[b - 1] != 0) points.Add(Point(edge, matched -= b == 0 ? 0 : Impostors[b - 1], missed));
        }
        return points;
    }

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
            if (Math.Abs(sum - 1) > 1e-3) throw new EvaluationDataException($"embedding {i} has the length {Math.Sqrt(sum):g4}, not 1: normalise embeddings first", i);
        }
    }
}
