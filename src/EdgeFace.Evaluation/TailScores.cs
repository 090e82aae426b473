namespace EdgeFace.Evaluation;

/// <summary>
/// What thresholds at low false match rates rest on: the highest impostor scores of a known number of pairs, and all genuine scores. The people
/// behind them may be known, numbered from 0.
/// </summary>
/// <param name="Impostor">The highest impostor scores, highest first.</param>
/// <param name="ImpostorPersons">Their people.</param>
/// <param name="ImpostorTotal">How many impostor pairs there are in all.</param>
/// <param name="Genuine">All genuine scores, lowest first.</param>
/// <param name="GenuinePerson">Their person.</param>
/// <param name="People">Number of people, 0 where not known.</param>
/// <param name="WeightedImpostors">Sum over all impostor pairs of the product of their people's multiplicities.</param>
sealed record TailScores(float[] Impostor, (int A, int B)[]? ImpostorPersons, long ImpostorTotal, float[] Genuine, int[]? GenuinePerson, int People, Func<int[], long>? WeightedImpostors)
{
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
        return new(impostor, persons, impostor.Length, set.Genuine.ToArray(), set.GenuinePerson, set.People, weighted);
    }

    /// <summary>The most false matches that do not exceed the target.</summary>
    public static long Allowed(double fmr, double total) => (long)Math.Min(Math.Floor(fmr * total * (1 + 1e-12)), total - 1);

    /// <summary>
    /// The lowest threshold at which no more than the allowed number match: just above the score that would be one too many. All scores
    /// equal to that one are shut out with it, so ties never exceed the target.
    /// </summary>
    public double Threshold(double fmr, out long falseMatches)
    {
        var cut = Impostor[Allowed(fmr, ImpostorTotal)];
        var low = 0;
        for (var high = Impostor.Length; low < high;)
        {
            var middle = (low + high) / 2;
            if (Impostor[middle] > cut) low = middle + 1; else high = middle;
        }
        falseMatches = low;
        return MathF.BitIncrement(cut);
    }

    /// <summary>The same where each pair counts as often as its people were drawn. Minus infinity where the threshold lies below the scores kept, not a number without pairs.</summary>
    public double Threshold(double fmr, int[] multiplicity, long total)
    {
        if (total == 0) return double.NaN;
        long allowed = Allowed(fmr, total), sum = 0;
        for (var i = 0; i < Impostor.Length; i++)
        {
            var (a, b) = ImpostorPersons![i];
            sum += (long)multiplicity[a] * multiplicity[b];
            if (sum > allowed) return MathF.BitIncrement(Impostor[i]);
        }
        return double.NegativeInfinity;
    }

    /// <summary>The false non-match rate where each pair counts as often as its person was drawn; not a number without pairs.</summary>
    public double Fnmr(double threshold, int[] multiplicity)
    {
        long below = 0, all = 0;
        for (var i = 0; i < Genuine.Length; i++)
        {
            var w = multiplicity[GenuinePerson![i]];
            all += w;
            if (Genuine[i] < threshold) below += w;
        }
        return all == 0 ? double.NaN : (double)below / all;
    }

    public FixedFmr[] At(IReadOnlyList<double> targets, PersonBootstrap? bootstrap, Func<double, long, OperatingPoint> point)
    {
        var results = new FixedFmr[targets.Count];
        var thresholds = new double[targets.Count];
        for (var t = 0; t < targets.Count; t++)
        {
            EvaluationDataException.RequireRate(targets[t]);
            if (ImpostorTotal > 0) thresholds[t] = Threshold(targets[t], out _);
        }
        var intervals = bootstrap is null || ImpostorPersons is null || ImpostorTotal == 0 ? null : Intervals(targets, bootstrap);
        for (var t = 0; t < targets.Count; t++)
        {
            if (ImpostorTotal == 0)
            {
                var none = Estimate.NotSupported("there are no impostor pairs");
                results[t] = new(targets[t], none, none, null, null);
                continue;
            }
            Threshold(targets[t], out var falseMatches);
            var at = point(thresholds[t], falseMatches);
            long? personPairs = ImpostorPersons is null ? null : ImpostorPersons.Take((int)falseMatches).Select(p => p.A < p.B ? p : (p.B, p.A)).Distinct().LongCount();
            var reason = Reason(targets[t], falseMatches, personPairs);
            results[t] = new(targets[t],
                reason is null ? new(thresholds[t], intervals?[t].Threshold) : Estimate.NotSupported(reason),
                reason is not null ? Estimate.NotSupported(reason) : FnmrEstimate(at.Fnmr, intervals?[t].Fnmr),
                at, personPairs);
        }
        return results;
    }

    Estimate FnmrEstimate(Proportion fnmr, Interval? overPeople)
    {
        if (fnmr.Total == 0) return Estimate.NotSupported("there are no genuine pairs");
        // Where no pair failed, resampling finds no failure either; pairs of one person fail together, so it is people that the rule of three counts.
        if (fnmr.Count == 0 && GenuinePerson is not null) return new(0, new(0, Evaluation.Intervals.RuleOfThree(GenuinePerson.Distinct().Count())));
        return new(fnmr.Value, overPeople ?? (GenuinePerson is null ? fnmr.Interval() : null));
    }

    string? Reason(double fmr, long falseMatches, long? personPairs)
    {
        const int Least = Evaluation.Intervals.LeastErrors;
        if (!Evaluation.Intervals.RuleOfThirty(fmr, ImpostorTotal))
            return FormattableString.Invariant($"FMR {fmr:g3} of {ImpostorTotal} impostor pairs is {fmr * ImpostorTotal:0.##} false matches, and a rate must rest on {Least} (rule of 30)");
        // Two people whose many images match one another are one error seen many times, such as a wrong label.
        if (personPairs < Least)
            return FormattableString.Invariant($"the {falseMatches} false matches at FMR {fmr:g3} are of {personPairs} pairs of people, and a rate must rest on {Least} (rule of 30)");
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
