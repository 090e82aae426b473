namespace EdgeFace.Evaluation;

/// <summary>
/// Figures of a set of scores. A pair matches where its score is at least the threshold. Figures that the scores cannot support come as such.
/// </summary>
public static class Metrics
{
    /// <summary>
    /// The area under the ROC curve: the probability that a genuine pair scores higher than an impostor pair, a tie counting half, over all
    /// such couples (the statistic of Mann and Whitney; Hanley and McNeil, Radiology 143, 1982). Exact.
    /// </summary>
    public static Estimate Auc(ScoreSet scores, PersonBootstrap? bootstrap = null) => Over(scores, bootstrap, AucOf);

    /// <summary>
    /// The equal error rate: where the line through the points of the DET curve, one for each distinct score, crosses FMR = FNMR. Tied
    /// scores make one step, so the line may cross between two points. Where it is zero, resampling finds no error either, and the interval
    /// is that of <see cref="Intervals.RuleOfThree"/> for the people with genuine pairs.
    /// </summary>
    public static Estimate Eer(ScoreSet scores, PersonBootstrap? bootstrap = null)
    {
        var eer = Over(scores, bootstrap, EerOf);
        return eer is { Value: 0, Interval: not null } ? new(0, new(0, Intervals.RuleOfThree(scores.GenuinePerson!.Distinct().Count()))) : eer;
    }

    /// <summary>
    /// The false non-match rate at each false match rate: at the best operating point whose false match rate does not exceed the target,
    /// never at the nearest. Not supported where the target times the number of impostor pairs is below thirty
    /// (<see cref="Intervals.RuleOfThirty"/>), or where the false matches are of fewer than thirty pairs of people. Intervals: over people
    /// where they are known and a bootstrap is given, with the threshold found anew in each replicate; else, where people are not known, of
    /// independent pairs at that threshold.
    /// </summary>
    /// <exception cref="EvaluationDataException">A target does not lie between 0 and 1.</exception>
    public static IReadOnlyList<FixedFmr> AtFmr(ScoreSet scores, IReadOnlyList<double> targets, PersonBootstrap? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(targets);
        var tail = TailScores.Of(scores);
        return tail.At(targets, bootstrap, fmr => scores.At(tail.Threshold(fmr)));
    }

    /// <summary>TAR at FAR, as papers call 1 - FNMR at a false match rate, with the same rule and intervals as <see cref="AtFmr"/>.</summary>
    public static Estimate TarAtFar(ScoreSet scores, double far, PersonBootstrap? bootstrap = null)
    {
        var fnmr = AtFmr(scores, [far], bootstrap)[0].Fnmr;
        return fnmr.Value is { } v ? new(1 - v, fnmr.Interval is { } i ? new(1 - i.High, 1 - i.Low) : null) : fnmr;
    }

    /// <summary>
    /// The points of the ROC curve (FMR, 1 - FNMR) and the DET curve (FMR, FNMR), lowest threshold first: one for each distinct score,
    /// and one above all scores. Where there are more than <paramref name="most"/>, those that lie closest to their neighbours on
    /// logarithmic axes are left out.
    /// </summary>
    /// <exception cref="EvaluationDataException">There are no genuine or no impostor pairs.</exception>
    public static IReadOnlyList<OperatingPoint> Curve(ScoreSet scores, int most = 2000)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (Missing(scores) is { } side) throw new EvaluationDataException($"a curve needs both kinds of pairs, and there are no {side} pairs");
        var points = new List<OperatingPoint>();
        Sweep(scores, null, (threshold, matched, missed) => points.Add(scores.Point(threshold, matched, missed)));
        return Thin(points, most);
    }

    internal static IReadOnlyList<OperatingPoint> Thin(List<OperatingPoint> points, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 3);
        if (points.Count <= most) return points;
        double Place(OperatingPoint p) => Math.Log(Math.Max(p.Fnmr.Count, 0.5)) - Math.Log(Math.Max(p.Fmr.Count, 0.5));
        // Along the curve FNMR only rises and FMR only falls, so the place along it only rises.
        double first = Place(points[0]), step = (Place(points[^1]) - first) / (most - 2), next = first;
        var kept = new List<OperatingPoint>(most);
        for (var i = 0; i < points.Count - 1; i++)
        {
            if (Place(points[i]) < next) continue;
            kept.Add(points[i]);
            next = first + (Math.Floor((Place(points[i]) - first) / step) + 1) * step;
        }
        kept.Add(points[^1]);
        return kept;
    }

    static Estimate Over(ScoreSet scores, PersonBootstrap? bootstrap, Func<ScoreSet, int[]?, double> statistic)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (Missing(scores) is { } side) return Estimate.NotSupported($"there are no {side} pairs");
        return new(statistic(scores, null), scores.People > 0 ? bootstrap?.Interval(scores.People, w => statistic(scores, w)) : null);
    }

    static string? Missing(ScoreSet scores) => scores.Genuine.Length == 0 ? "genuine" : scores.Impostor.Length == 0 ? "impostor" : null;

    static double AucOf(ScoreSet scores, int[]? multiplicity)
    {
        // Twice the area, as whole numbers while they fit: a rising step of m missed genuine pairs lies between two heights of matching impostors.
        Int128 twice = 0;
        long missedBefore = 0, matchedBefore = 0, genuine = 0, impostor = 0;
        var start = true;
        Sweep(scores, multiplicity, (_, matched, missed) =>
        {
            if (start) (impostor, start) = (matched, false);
            else twice += (Int128)(missed - missedBefore) * ((impostor - matchedBefore) + (impostor - matched));
            (missedBefore, matchedBefore, genuine) = (missed, matched, missed);
        });
        return genuine == 0 || impostor == 0 ? double.NaN : (double)twice / (2.0 * genuine * impostor);
    }

    static double EerOf(ScoreSet scores, int[]? multiplicity)
    {
        var points = new List<(long Matched, long Missed)>();
        Sweep(scores, multiplicity, (_, matched, missed) => points.Add((matched, missed)));
        double impostor = points[0].Matched, genuine = points[^1].Missed;
        return genuine == 0 || impostor == 0 ? double.NaN : Crossing(points.Select(p => (p.Matched / impostor, p.Missed / genuine)));
    }

    /// <summary>Where a DET curve, from (1, 0) to (0, 1), crosses the diagonal.</summary>
    internal static double Crossing(IEnumerable<(double Fmr, double Fnmr)> curve)
    {
        (double Fmr, double Fnmr) before = (1, 0);
        foreach (var (fmr, fnmr) in curve)
        {
            if (fmr <= fnmr)
            {
                double above = before.Fmr - before.Fnmr, below = fnmr - fmr;
                return before.Fmr + above / (above + below) * (fmr - before.Fmr);
            }
            before = (fmr, fnmr);
        }
        throw new InvalidOperationException("a curve ends at FNMR 1");
    }

    /// <summary>
    /// Calls for each distinct score, lowest first, and once above all: the threshold, the impostor pairs that match and the
    /// genuine pairs that do not.
    /// </summary>
    static void Sweep(ScoreSet scores, int[]? multiplicity, Action<double, long, long> visit)
    {
        ReadOnlySpan<float> genuine = scores.Genuine, impostor = scores.Impostor;
        long matched = 0, missed = 0;
        for (var j = 0; j < impostor.Length; j++) matched += Impostor(j);
        for (int i = 0, j = 0; i < genuine.Length || j < impostor.Length;)
        {
            var score = i == genuine.Length ? impostor[j] : j == impostor.Length ? genuine[i] : Math.Min(genuine[i], impostor[j]);
            visit(score, matched, missed);
            for (; i < genuine.Length && genuine[i] == score; i++) missed += multiplicity is null ? 1 : multiplicity[scores.GenuinePerson![i]];
            for (; j < impostor.Length && impostor[j] == score; j++) matched -= Impostor(j);
        }
        var top = Math.Max(genuine.Length == 0 ? float.MinValue : genuine[^1], impostor.Length == 0 ? float.MinValue : impostor[^1]);
        visit(MathF.BitIncrement(top), matched, missed);

        long Impostor(int j)
            => multiplicity is null ? 1 : (long)multiplicity[scores.ImpostorPersons![j].A] * multiplicity[scores.ImpostorPersons![j].B];
    }
}
