using System.CommandLine;
using System.Diagnostics;
using EdgeFace.App.Output;
using EdgeFace.Kernels;
using EdgeFace.Models;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface bench</c>: how fast is this machine? Comparisons with other engines are in bench/.</summary>
static class BenchCommand
{
    const int BatchImages = 32;

    public static Command Create(Terminal terminal)
    {
        var model = CommonOptions.Model();
        Option<bool> all = new("--all-kernels") { Description = "Measure every kernel set, also those the processor does not accelerate." };
        Option<double> seconds = new Option<double>("--seconds") { Description = "How long to measure each kernel set.",
            DefaultValueFactory = _ => 2 }.In(NumberRange.Between(0.05, 600));
        var json = CommonOptions.Json();
        var command = new Command("bench", "Measure embedding: one crop on one thread, and batches of 32 on all cores.")
        {
            model, all, seconds, json,
        };
        command.SetAction(parsed => Run(terminal, parsed.GetValue(model), parsed.GetValue(all), parsed.GetValue(seconds), parsed.GetValue(json)));
        return command;
    }

    static int Run(Terminal terminal, string? model, bool all, double seconds, bool json)
    {
        using var file = ModelCatalogue.Open(model ?? ModelCatalogue.DefaultRecogniser);
        var sets = all ? KernelSet.Available : [KernelSet.Default];
        var rows = sets.Select(set => Measure(file, set, TimeSpan.FromSeconds(seconds / 2))).ToArray();
        if (json)
        {
            JsonOutput.Write(terminal,
                new("edgeface.bench.v1", file.Card.Name, BatchImages, Environment.ProcessorCount, rows), ToolJson.Default.BenchJson);
            return ExitCode.Done;
        }
        terminal.Out.WriteLine($"{file.Card.Name}: one crop on one thread, and batches of {BatchImages} on {Environment.ProcessorCount} threads");
        foreach (var row in rows)
            terminal.Out.WriteLine(FormattableString.Invariant($"  {row.Kernels,-10} {row.MedianMs:f3} ms a crop ")
                + FormattableString.Invariant($"(quartiles {row.LowerQuartileMs:f3} to {row.UpperQuartileMs:f3}), ")
                + FormattableString.Invariant($"{row.BatchImagesPerSecond:f0} crops/s in batches"));
        return ExitCode.Done;
    }

    static BenchRowJson Measure(ModelFile model, KernelSet set, TimeSpan each)
    {
        using var embedder = new FaceEmbedder(model, default, set);
        var crops = new byte[BatchImages * FaceEmbedder.CropBytes];
        new Random(1).NextBytes(crops);
        var vectors = new float[BatchImages * EdgeFaceConfig.EmbeddingSize];
        var single = Times(each, () => embedder.Embed(crops.AsSpan(0, FaceEmbedder.CropBytes), vectors.AsSpan(0, EdgeFaceConfig.EmbeddingSize)));
        var batch = Times(each, () => embedder.EmbedBatch(crops, BatchImages, vectors));
        return new(set.Name, Quantile(single, 0.5), Quantile(single, 0.25), Quantile(single, 0.75), 1000 * BatchImages / Quantile(batch, 0.5));
    }

    /// <summary>Milliseconds of each run, sorted; the first runs are not counted.</summary>
    static double[] Times(TimeSpan duration, Action run)
    {
        run();
        run();
        var times = new List<double>();
        for (var all = Stopwatch.StartNew(); all.Elapsed < duration || times.Count < 3;)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return [.. times.Order()];
    }

    static double Quantile(double[] sorted, double q) => sorted[(int)Math.Round(q * (sorted.Length - 1))];
}
