namespace EdgeFace.Evaluation;

/// <summary>
/// Intervals by resampling people: pairs that share a person rise and fall together, so neither pairs nor images may be drawn singly. In
/// each replicate as many people are drawn with replacement as there are; an impostor pair counts as often as the product of its two
/// people's numbers, a genuine pair as often as its person's. Pairs between two copies of one person count as neither. The interval lies
/// between percentiles of the replicates.
/// (The vertex bootstrap of Snijders and Borgatti, Connections 22, 1999; Bolle, Ratha and Pankanti, CVIU 93, 2004, and Poh,
/// Martin and Bengio, TPAMI 29, 2007, on resampling people in biometrics.) The same seed gives the same interval on every
/// machine, with any number of threads.
/// </summary>
public sealed class PersonBootstrap
{
    /// <summary>With fewer people there is no interval: too few different draws.</summary>
    public const int LeastPeople = 10;

    // Replicates without any pair of the needed kind say nothing; an interval may lack no more than this share of them.
    const double MostUndefined = 0.05;

    readonly int _replicates;
    readonly ulong _seed;

    /// <param name="replicates">How often people are drawn; the ends of a 95 % interval need a thousand.</param>
    /// <param name="seed">Start of the random numbers.</param>
    /// <param name="confidence">Confidence of the interval.</param>
    public PersonBootstrap(int replicates = 1000, ulong seed = 1, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 100);
        if (!(confidence is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "a confidence lies between 0 and 1");
        (_replicates, _seed, Confidence) = (replicates, seed, confidence);
    }

    /// <summary>Confidence of the intervals.</summary>
    public double Confidence { get; }

    /// <summary>The interval of any statistic.</summary>
    /// <param name="people">Number of people.</param>
    /// <param name="statistic">From the number of times each person was drawn to the statistic; not a number where it is not defined.
    /// Called on many threads; must not keep the array.</param>
    /// <returns>Null with fewer than <see cref="LeastPeople"/>, or where the statistic is undefined in more than one replicate of twenty.</returns>
    public Interval? Interval(int people, Func<int[], double> statistic)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        return Percentiles(Replicates(people, 1, (w, values) => values[0] = statistic(w)), 0);
    }

    internal double[][] Replicates(int people, int statistics, Action<int[], double[]> compute)
    {
        if (people < LeastPeople) return [];
        var results = new double[_replicates][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, _replicates, parallel, () => new int[people], (r, _, multiplicity) =>
        {
            Draw(r, multiplicity);
            compute(multiplicity, results[r] = new double[statistics]);
            return multiplicity;
        }, _ => { });
        return results;
    }

    internal Interval? Percentiles(double[][] replicates, int statistic)
    {
        double[] defined = [.. replicates.Select(r => r[statistic]).Where(v => !double.IsNaN(v)).Order()];
        if (replicates.Length == 0 || replicates.Length - defined.Length > MostUndefined * replicates.Length) return null;
        var tail = (1 - Confidence) / 2;
        // Nearest rank: the least value with at least that share of the replicates at or below it.
        var interval = new Interval(At(tail), At(1 - tail));
        return double.IsFinite(interval.Low) && double.IsFinite(interval.High) ? interval : null;

        double At(double share) => defined[Math.Clamp((int)Math.Ceiling(share * defined.Length - 1e-9) - 1, 0, defined.Length - 1)];
    }

    void Draw(int replicate, int[] multiplicity)
    {
        Array.Clear(multiplicity);
        // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the seed of a replicate is a number of a stream of its own.
        var state = Mix(_seed + Mix((ulong)replicate + 1));
        for (var i = 0; i < multiplicity.Length; i++)
        {
            state += 0x9E3779B97F4A7C15;
            multiplicity[(int)(((Mix(state) >> 32) * (ulong)multiplicity.Length) >> 32)]++;
        }
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
