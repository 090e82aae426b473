using System.Diagnostics;

namespace EdgeFace.Bench;

/// <summary>
/// Two programs timed against each other on a noisy machine: short blocks in turn, and the median of the ratios of neighbouring blocks.
/// </summary>
/// <param name="Ours">Median milliseconds of one run of ours.</param>
/// <param name="Theirs">Median milliseconds of one run of theirs.</param>
/// <param name="Ratio">Median of theirs / ours.</param>
/// <param name="Lower">First quartile of theirs / ours.</param>
/// <param name="Upper">Third quartile of theirs / ours.</param>
/// <param name="Processor">Median of theirs / ours in processor time, which other programs on the machine disturb less.</param>
/// <param name="Quiet">
/// First decile of theirs over first decile of ours: what is left where a busy neighbour slows the one more than the other.
/// </param>
readonly record struct Pairs(double Ours, double Theirs, double Ratio, double Lower, double Upper, double Processor, double Quiet)
{
    public static Pairs Measure(Action ours, Action theirs, int pairs, int runs)
    {
        Block(ours, 2 * runs);
        Block(theirs, 2 * runs);
        var (a, b) = (new (double Wall, double Processor)[pairs], new (double Wall, double Processor)[pairs]);
        for (var i = 0; i < pairs; i++)
        {
            if (i % 2 == 0) a[i] = Block(ours, runs);
            b[i] = Block(theirs, runs);
            if (i % 2 == 1) a[i] = Block(ours, runs);
        }
        var ratios = a.Zip(b, (x, y) => y.Wall / x.Wall).ToArray();
        return new(Quantile(a.Select(x => x.Wall), 0.5), Quantile(b.Select(x => x.Wall), 0.5),
            Quantile(ratios, 0.5), Quantile(ratios, 0.25), Quantile(ratios, 0.75),
            Quantile(a.Zip(b, (x, y) => y.Processor / x.Processor), 0.5),
            Quantile(b.Select(x => x.Wall), 0.1) / Quantile(a.Select(x => x.Wall), 0.1));
    }

    /// <summary>As many short blocks as fit into about so many seconds, at least 21 of each.</summary>
    public static Pairs Measure(Action ours, Action theirs, double seconds)
    {
        const double block = 30;
        Block(ours, 2);
        Block(theirs, 2);
        var both = Block(ours, 3).Wall + Block(theirs, 3).Wall;
        var runs = Math.Max(1, (int)(2 * block / both));
        return Measure(ours, theirs, Math.Clamp((int)(1000 * seconds / (runs * both)), 21, 101) | 1, runs);
    }

    /// <summary>Milliseconds a run.</summary>
    public static (double Wall, double Processor) Block(Action run, int runs)
    {
        var start = Stopwatch.GetTimestamp();
        var processor = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < runs; i++) run();
        return (Stopwatch.GetElapsedTime(start).TotalMilliseconds / runs, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / runs);
    }

    public static double Quantile(IEnumerable<double> values, double q)
    {
        var sorted = values.Order().ToArray();
        var at = q * (sorted.Length - 1);
        var low = (int)at;
        return sorted[low] + (at - low) * (sorted[Math.Min(low + 1, sorted.Length - 1)] - sorted[low]);
    }
}
