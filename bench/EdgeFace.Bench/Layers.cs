using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>Where the time of one forward pass goes, and how near each layer comes to the multiply-adds the core can do.</summary>
static unsafe class Layers
{
    const int WarmUp = 100, Rounds = 1001;

    public static int Run(bool int8, bool write)
    {
        var report = new Report(int8 ? "layers --int8" : "layers");
        report.Line($"Batch 1, one thread, formula weights; medians of {Rounds} passes, each followed by a short run of the FMA peak.");
        foreach (var network in BenchData.Networks) Network(report, network, int8);
        if (write) report.Write();
        return 0;
    }

    static void Network(Report report, EdgeFaceConfig network, bool int8)
    {
        var kernels = new TimedKernels(KernelSet.Default);
        var parameters = kernels.Watch(BenchData.Parameters(network));
        using var weights = new EdgeFaceWeights(network, kernels, new Parameters((name, values) => parameters(name).CopyTo(values), _ => int8));
        using var scratch = new Scratch(network, 1);
        var crop = BenchData.Crops(1);
        var embedding = new float[EdgeFaceConfig.EmbeddingSize];
        var peaks = new List<double>();
        var rounds = new List<(double Whole, Dictionary<string, (double Time, double MultiplyAdds)> Layers)>();
        fixed (byte* source = crop)
        fixed (float* target = embedding)
        {
            for (var round = -WarmUp; round < Rounds; round++)
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
        report.Line("");
        var peak = Pairs.Quantile(peaks, 0.5);
        report.Line($"## {network.Name}");
        report.Line("");
        report.Line($"FMA peak meanwhile: {peak:F0} GFLOP/s.");
        report.Line("");
        report.Line("| layer | us | share | GFLOP/s | of peak |");
        report.Line("|---|---|---|---|---|");
        var total = Pairs.Quantile(rounds.Select(r => r.Whole), 0.5);
        var known = 0.0;
        foreach (var (layer, (_, multiplyAdds)) in rounds[0].Layers.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            var time = Pairs.Quantile(rounds.Select(r => r.Layers[layer].Time), 0.5);
            known += time;
            Row(layer, time, multiplyAdds);
        }
        Row("copies, calls and timing", total - known, 0);
        Row("**whole pass**", total, rounds[0].Layers.Values.Sum(l => l.MultiplyAdds));

        void Row(string layer, double time, double multiplyAdds)
        {
            var rate = 2 * multiplyAdds / time / 1000;
            report.Line($"| {layer} | {time:F1} | {time / total:P1} | {(multiplyAdds > 0 ? $"{rate:F0}" : "")} | {(multiplyAdds > 0 ? $"{rate / peak:P0}" : "")} |");
        }
    }
}
