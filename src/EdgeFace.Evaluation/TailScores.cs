namespace EdgeFace.Evaluation;

/// <summary>
/// What thresholds at low false match rates and their intervals rest on: the highest impostor scores of a known number of pairs, and the lowest
/// genuine scores. Beyond those that are kept one by one follow samples in levels, as <see cref="KeptPairs"/> has them. The people behind them may
/// be known, numbered from 0.
/// </summary>
sealed class TailScores
{
    /// <summary>The highest impostor scores, highest first.</summary>
    public required float[] Impostor { get; init; }

    /// <summary>Their people.</summary>
    public required (int A, int B)[]? ImpostorPersons { get; init; }

    /// <summary>Where each level ends among them; an entry of level L stands for 2^L pairs.</summary>
    public required int[] ImpostorEnds { get; init; }

    /// <summary>How many impostor pairs there are in all.</summary>
    public required long ImpostorTotal { get; init; }

    /// <summary>The genuine scores, lowest first.</summary>
    public required float[] Genuine { get; init; }

    /// <summary>Their person.</summary>
    public required int[]? GenuinePerson { get; init; }

    /// <summary>Where each level ends among them.</summary>
    public required int[] GenuineEnds { get; init; }

    /// <summary>How many people there are genuine pairs of, 0 where not known.</summary>
    public required int GenuinePeople { get; init; }

    /// <summary>Number of people, 0 where not known.</summary>
    public required int People { get; init; }

    /// <summary>Sum over all impostor pairs of the product of their people's multiplicities.</summary>
    public required Func<int[], long>? WeightedImpostors { get; init; }

    public static TailScores Of(ScoreSet set)
    {
        var impostor = set.Impostor.ToArray();
        Array.Reverse(impostor);
        (int A, int B)[]? persons = null;
        if (set.ImpostorPersons is { } ascending)
        {
            persons = [.. ascending];
            Array.Reverse(persons);
        }
        Func<int[], long>? weighted = persons is null ? null : w =>
        {
            long sum = 0;
            foreach (var (a, b) in persons) sum += (long)w[a] * w[b];
            return sum;
        };
        return new()
        {
            Impostor = impostor,
            ImpostorPersons = persons,
            ImpostorEnds = [impostor.Length],
            ImpostorTotal = impostor.Length,
            Genuine = set.Genuine.ToArray(),
            GenuinePerson = set.GenuinePerson,
            GenuineEnds = [set.Genuine.Length],
            GenuinePeople = set.GenuinePerson?.Distinct().Count() ?? 0,
            People = set.People,
            WeightedImpostors = weighted,
        };
    }

    /// <summary>The most false matches that do not exceed the target.</summary>
    public static long Allowed(double fmr, double total) => (long)Math.Min(Math.Floor(fmr * total * (1 + 1e-12)), total - 1);

    /// <summary>
    /// The lowest threshold at which no more than the allowed number match: just above the score that would be one too many, which has to be among
    /// those kept one by one. All scores equal to that one are shut out with it, so ties never exceed the target.
    /// </summary>
    public double Threshold(double fmr) => MathF.BitIncrement(Impostor[Allowed(fmr, ImpostorTotal)]);

    /// <summary>
    /// The same where each pair counts as often as its people were drawn. Minus infinity where the threshold lies below the scores kept,
    /// not a number without pairs.
    /// </summary>
    public double Threshold(double fmr, int[] multiplicity, long total)
    {
        if (total == 0) return double.NaN;
        long allowed = Allowed(fmr, total), sum = 0;
        for (int level = 0, i = 0; level < ImpostorEnds.Length; level++)
            for (; i < ImpostorEnds[level]; i++)
            {
                var (a, b) = ImpostorPersons![i];
                sum += (long)multiplicity[a] * multiplicity[b] << level;
                if (sum > allowed) return MathF.BitIncrement(Impostor[i]);
            }
        return double.NegativeInfinity;
    }

    /// <summary>The false non-match rate where each pair counts as often as its person was drawn; not a number without pairs.</summary>
    public double Fnmr(double threshold, int[] multiplicity)
    {
        long below = 0, all = 0;
        for (int level = 0, i = 0; level < GenuineEnds.Length; level++)
            for (; i < GenuineEnds[level]; i++)
            {
                var w = (long)multiplicity[GenuinePerson![i]] << level;
                all += w;
                if (Genuine[i] < threshold) below += w;
            }
        return all == 0 ? double.NaN : (double)below / all;
    }

    /// <param name="point">The errors at the lowest threshold whose false match rate does not exceed a target; called where there are impostor
    /// pairs.</param>
    public FixedFmr[] At(IReadOnlyList<double> targets, PersonBootstrap? bootstrap, Func<double, OperatingPoint> point)
    {
        foreach (var target in targets) EvaluationDataException.RequireRate(target);
        if (ImpostorTotal == 0)
        {
            var none = Estimate.NotSupported("there are no impostor pairs");
            return [.. targets.Select(target => new FixedFmr(target, none, none, null, null))];
        }
        var intervals = bootstrap is null || ImpostorPersons is null ? null : Intervals(targets, bootstrap);
        return [.. targets.Select((target, t) => At(target, point(target), intervals?[t]))];
    }

    FixedFmr At(double target, OperatingPoint at, (Interval? Threshold, Interval? Fnmr)? intervals)
    {
        var personPairs = PersonPairs(at.Threshold);
        return Reason(target, at.Fmr.Count, personPairs) is { } reason
            ? new(target, Estimate.NotSupported(reason), Estimate.NotSupported(reason), at, personPairs)
            : new(target, new(at.Threshold, intervals?.Threshold), FnmrEstimate(at.Fnmr, intervals?.Fnmr), at, personPairs);
    }

    /// <summary>Different pairs of people among the impostor pairs that match, as far as these are kept; null where people are not known.</summary>
    long? PersonPairs(double threshold)
    {
        if (ImpostorPersons is null) return null;
        // Sorted, as a set of millions would take several times the memory.
        var both = new List<long>();
        for (var i = 0; i < Impostor.Length && Impostor[i] >= threshold; i++)
        {
            var (a, b) = ImpostorPersons[i];
            both.Add(((long)Math.Min(a, b) << 32) | (uint)Math.Max(a, b));
        }
        both.Sort();
        long different = 0;
        for (var i = 0; i < both.Count; i++)
            if (i == 0 || both[i] != both[i - 1]) different++;
        return different;
    }

    Estimate FnmrEstimate(Proportion fnmr, Interval? overPeople)
    {
        if (fnmr.Total == 0) return Estimate.NotSupported("there are no genuine pairs");
        // Where no pair failed, resampling finds no failure either; pairs of one person fail together, so it is people that
        // the rule of three counts.
        if (fnmr.Count == 0 && GenuinePerson is not null) return new(0, new(0, Evaluation.Intervals.RuleOfThree(GenuinePeople)));
        return new(fnmr.Value, overPeople ?? (GenuinePerson is null ? fnmr.Interval() : null));
    }

    string? Reason(double fmr, long falseMatches, long? personPairs)
    {
        const int Least = Evaluation.Intervals.LeastErrors;
        if (!Evaluation.Intervals.RuleOfThirty(fmr, ImpostorTotal))
            return FormattableString.Invariant($"FMR {fmr:g3} of {ImpostorTotal} impostor pairs is {fmr * ImpostorTotal:0.##} false matches, ")
                + $"and a rate must rest on {Least} (rule of 30)";
        // Two people whose many images match one another are one error seen many times, such as a wrong label.
        if (personPairs < Least)
            return FormattableString.Invariant($"the {falseMatches} false matches at FMR {fmr:g3} are of {personPairs} pairs of people, ")
                + $"and a rate must rest on {Least} (rule of 30)";
        return null;
    }

    (Interval? Threshold, Interval? Fnmr)[] Intervals(IReadOnlyList<double> targets, PersonBootstrap bootstrap)
    {
        var replicates = bootstrap.Replicates(People, 2 * targets.Count, (w, values) =>
        {
            var total = WeightedImpostors!(w);
            for (var t = 0; t < targets.Count; t++)
            {
                values[2 * t] = Threshold(targets[t], w, total);
                values[2 * t + 1] = double.IsFinite(values[2 * t]) ? Fnmr(values[2 * t], w) : values[2 * t];
            }
        });
        return [.. targets.Select((_, t) => (bootstrap.Percentiles(replicates, 2 * t), bootstrap.Percentiles(replicates, 2 * t + 1)))];
    }
}
