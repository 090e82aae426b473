using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>Where the time of one forward pass goes, and how near each layer comes to the multiply-adds the core can do.</summary>
static unsafe class Layers
{
    const int WarmUp = 100, MostRounds = 1001, LeastRounds = 51;
    const double MostSeconds = 10;

    static readonly EdgeFaceConfig[] Networks = [EdgeFaceVariants.Xxs, EdgeFaceVariants.XsGamma06, EdgeFaceVariants.SGamma05, EdgeFaceVariants.Base];

    // What the summary adds up. The first that fits a layer's name counts it.
    static readonly (string Heading, Func<string, bool> Has)[] Groups =
    [
        ("products with GELU", layer => layer.EndsWith("fc1", StringComparison.Ordinal)),
        ("depthwise", layer => layer.StartsWith("depthwise", StringComparison.Ordinal) || layer == "attention split convolutions"),
        ("attention", layer => layer.StartsWith("attention", StringComparison.Ordinal)),
        ("norms", layer => layer == "norms"),
        ("copies, calls", layer => layer is "other passes" or Rest),
        ("other products", _ => true),
    ];

    const string Rest = "copies, calls and timing";

    sealed record Layer(string Name, double Time, double MultiplyAdds);

    sealed record Result(EdgeFaceConfig Network, int Rounds, double Peak, Layer Whole, IReadOnlyList<Layer> Parts);

    public static int Run(bool int8, bool write)
    {
        var report = new Report(int8 ? "layers --int8" : "layers");
        report.Line("Batch 1, one thread, formula weights; medians over passes, each followed by a short run of the FMA peak; "
            + "the whole pass is their sum. In brackets: share of the FMA peak.");
        report.Line("");
        Result[] results = [.. Networks.Select(n => Measure(n, int8))];
        report.Line($"| network | whole pass | {string.Join(" | ", Groups.Select(g => g.Heading))} |");
        report.Line($"|---|---|{string.Concat(Groups.Select(_ => "---|"))}");
        foreach (var result in results) report.Line(Summary(result));
        foreach (var result in results) Table(report, result);
        if (write) report.Write();
        return 0;
    }

    static Result Measure(EdgeFaceConfig network, bool int8)
    {
        var kernels = new TimedKernels(KernelSet.Default);
        var parameters = kernels.Watch(BenchData.Parameters(network));
        using var weights = new EdgeFaceWeights(network, kernels, new Parameters((name, values) => parameters(name).CopyTo(values), _ => int8));
        using var scratch = new Scratch(network, 1);
        var crop = BenchData.Crops(1);
        var embedding = new float[EdgeFaceConfig.EmbeddingSize];
        var peaks = new List<double>();
        var rounds = new List<(double Whole, Dictionary<string, (double Time, double MultiplyAdds)> Layers)>();
        var begin = Stopwatch.GetTimestamp();
        fixed (byte* source = crop)
        fixed (float* target = embedding)
        {
            for (var round = -WarmUp;
                round < LeastRounds || round < MostRounds && Stopwatch.GetElapsedTime(begin).TotalSeconds < MostSeconds;
                round++)
            {
                kernels.Reset();
                var start = Stopwatch.GetTimestamp();
                EdgeFaceForward.Run(weights, scratch, source, 1, target);
                var whole = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                var peakNow = FmaProbe.Once();
                if (round < 0) continue;
                peaks.Add(peakNow);
                rounds.Add((whole, kernels.Totals.ToDictionary(t => t.Key, t => (t.Value.Ticks * 1e6 / Stopwatch.Frequency, t.Value.MultiplyAdds))));
            }
        }
        var parts = rounds[0].Layers.OrderBy(l => l.Key, StringComparer.Ordinal)
            .Select(l => new Layer(l.Key, Pairs.Quantile(rounds.Select(r => r.Layers[l.Key].Time), 0.5), l.Value.MultiplyAdds)).ToList();
        parts.Add(new(Rest, Pairs.Quantile(rounds.Select(r => r.Whole - r.Layers.Values.Sum(l => l.Time)), 0.5), 0));
        // The sum, not the median of whole passes: most passes are interrupted somewhere on a busy machine, but few in the same layer.
        var total = new Layer("**whole pass**", parts.Sum(p => p.Time), parts.Sum(p => p.MultiplyAdds));
        return new(network, rounds.Count, Pairs.Quantile(peaks, 0.5), total, parts);
    }

    static string Summary(Result result)
    {
        var cells = Groups.Select(g => Sum(result.Parts.Where(p => Groups.First(other => other.Has(p.Name)) == g)));
        return $"| {result.Network.Name} | {result.Whole.Time:F0} us{OfPeak(result.Whole)} | {string.Join(" | ", cells)} |";

        string Sum(IEnumerable<Layer> layers)
        {
            var sum = layers.Aggregate(new Layer("", 0, 0), (a, b) => new("", a.Time + b.Time, a.MultiplyAdds + b.MultiplyAdds));
            return $"{sum.Time / result.Whole.Time:P0}{OfPeak(sum)}";
        }

        string OfPeak(Layer layer) => layer.MultiplyAdds > 0 ? $" ({Rate(layer) / result.Peak:P0})" : "";
    }

    static void Table(Report report, Result result)
    {
        report.Line("");
        report.Line($"## {result.Network.Name}");
        report.Line("");
        report.Line($"{result.Rounds} passes. FMA peak meanwhile: {result.Peak:F0} GFLOP/s.");
        report.Line("");
        report.Line("| layer | us | share | GFLOP/s | of peak |");
        report.Line("|---|---|---|---|---|");
        foreach (var layer in result.Parts.Append(result.Whole))
            report.Line($"| {layer.Name} | {layer.Time:F1} | {layer.Time / result.Whole.Time:P1} "
                + $"| {(layer.MultiplyAdds > 0 ? $"{Rate(layer):F0}" : "")} "
                + $"| {(layer.MultiplyAdds > 0 ? $"{Rate(layer) / result.Peak:P0}" : "")} |");
    }

    /// <summary>GFLOP/s.</summary>
    static double Rate(Layer layer) => 2 * layer.MultiplyAdds / layer.Time / 1000;
}
