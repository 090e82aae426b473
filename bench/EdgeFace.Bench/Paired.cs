using System.Diagnostics;
using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>Ours against ONNX Runtime on the same weights and the same crops.</summary>
static class Paired
{
    const int BatchImages = 32, BatchThreads = 2;
    const double Seconds = 4;
    const double LeastCosine = 0.9999;

    // The formula's weights are noise, which int8 keeps less well than trained ones.
    const double LeastInt8Cosine = 0.98;

    // Below this, what ONNX Runtime is given here would be slower than what PyTorch makes for it, more than noise explains.
    const double LeastFairness = 0.97;

    static readonly EdgeFaceConfig[] Networks = [EdgeFaceVariants.Xxs, EdgeFaceVariants.XsGamma06, EdgeFaceVariants.SGamma05, EdgeFaceVariants.Base];

    public static int Run(bool write)
    {
        var report = new Report("paired");
        Header(report, "ours | ONNX Runtime");
        var failures = new List<string>();
        var (int8, fairness) = (new List<string>(), new List<string>());
        var roofline = new List<string>();
        foreach (var network in Networks)
        {
            using var model = new BenchModel(network);
            var alone = Row(report, model, 1, 1, failures);
            if (BenchData.Networks.Contains(network)) Row(report, model, BatchImages, BatchThreads, failures);
            Int8Row(report, model, failures);
            int8.Add(OwnInt8Row(model));
            roofline.Add(RooflineRow(model, alone.Ratio));
            if (BenchData.Networks.Contains(network)) fairness.Add(FairnessRow(model, failures));
        }
        report.Line("");
        report.Line("Ratio: the time of ONNX Runtime over ours, median over pairs of neighbouring blocks; "
            + "the last column is the same ratio in processor time,");
        report.Line("which says more when other programs run. Ours takes bytes, ONNX Runtime prepared floats. "
            + "int8: ours against the faster of ONNX Runtime's fp32 and");
        report.Line("dynamic int8, which is named. ONNX Runtime runs the files that `edgeface models convert` writes.");
        report.Line("");
        report.Line("How far the floats are from the roofline: the network's multiply-adds alone, in registers of one core, in turn with ours, "
            + "the first decile of each; ONNX Runtime's share follows from the first table. "
            + "No program with as much arithmetic can be ahead of ONNX Runtime by more than the last column says.");
        report.Line("");
        report.Line("| network | multiply-adds | at the peak | ours | ours, share of peak | ONNX Runtime, share of peak | highest ratio |");
        report.Line("|---|---|---|---|---|---|---|");
        foreach (var line in roofline) report.Line(line);
        report.Line("");
        Header(report, "ours, int8 | ours, fp32");
        foreach (var line in int8) report.Line(line);
        report.Line("");
        report.Line("Whether that opponent is a fair one: ONNX Runtime on our file against ONNX Runtime on the file that PyTorch exports. "
            + "Above 1, ours is the faster file.");
        report.Line("");
        Header(report, "our file | PyTorch's file");
        foreach (var line in fairness) report.Line(line);
        report.Line("");
        report.Line($"FMA peak of one core beside it: {FmaProbe.GigaFlops():F0} GFLOP/s. Load of the machine at the end: {Report.Load}.");
        if (write) report.Write();
        foreach (var failure in failures) Console.Error.WriteLine(failure);
        return failures.Count == 0 ? 0 : 1;
    }

    static void Header(Report report, string columns)
    {
        report.Line($"| network | case | {columns} | ratio | quartiles | processor time |");
        report.Line("|---|---|---|---|---|---|---|");
    }

    static Pairs Row(Report report, BenchModel model, int count, int threads, List<string> failures)
    {
        var crops = BenchData.Crops(count);
        using var ours = new Engine(model.Floats, crops, count, threads);
        using var theirs = new OnnxSession(model.Onnx, crops, count, threads);
        RequireAlike(model.Network, ours.Embeddings, theirs.Embeddings, LeastCosine, ours.Run, theirs.Run);
        var name = $"batch {count}, {threads} thread{(threads == 1 ? "" : "s")}";
        var result = Pairs.Measure(ours.Run, theirs.Run, count == 1 ? Seconds : 2 * Seconds);
        report.Line(Text(model.Network, name, result, count, threads == 1));
        RequireFaster(model.Network, name, result, failures);
        return result;
    }

    static void Int8Row(Report report, BenchModel model, List<string> failures)
    {
        var crop = BenchData.Crops(1);
        using var ours = new Engine(model.Int8, crop, 1, 1);
        var results = new List<(string Kind, Pairs Result)>();
        foreach (var (kind, file) in ((string, string)[])[("fp32", model.Onnx), ("int8", model.OnnxInt8)])
        {
            using var theirs = new OnnxSession(file, crop, 1, 1);
            RequireAlike(model.Network, ours.Embeddings, theirs.Embeddings, LeastInt8Cosine, ours.Run, theirs.Run);
            results.Add((kind, Pairs.Measure(ours.Run, theirs.Run, Seconds)));
        }
        var (best, result) = results.MinBy(r => r.Result.Ratio);
        report.Line(Text(model.Network, $"batch 1, 1 thread, int8 against {best}", result, 1, true));
        RequireFaster(model.Network, "int8", result, failures);
    }

    static string OwnInt8Row(BenchModel model)
    {
        var crop = BenchData.Crops(1);
        using Engine bytes = new(model.Int8, crop, 1, 1), floats = new(model.Floats, crop, 1, 1);
        return Text(model.Network, "batch 1, 1 thread", Pairs.Measure(bytes.Run, floats.Run, Seconds), 1, true);
    }

    static string RooflineRow(BenchModel model, double ratio)
    {
        var (network, crop) = (model.Network, BenchData.Crops(1));
        using var ours = new Engine(model.Floats, crop, 1, 1);
        var (passes, peaks) = (new List<double>(), new List<double>());
        for (var end = Stopwatch.GetTimestamp() + (long)(Seconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < end;)
        {
            passes.Add(Pairs.Block(ours.Run, 1).Wall);
            peaks.Add(Pairs.Block(() => FmaProbe.Run(network.MultiplyAdds), 1).Wall);
        }
        // What disturbs slows a pass more than multiply-adds in registers: the quiet tenth says how far apart they are.
        double pass = Pairs.Quantile(passes, 0.1), peak = Pairs.Quantile(peaks, 0.1), share = peak / pass;
        return $"| {network.Name} | {network.MultiplyAdds / 1e6:F1} M | {Time(peak, 1)} | {Time(pass, 1)} "
            + $"| {share:P0} | {share / ratio:P0} | {ratio / share:F2} |";
    }

    static string FairnessRow(BenchModel model, List<string> failures)
    {
        var crop = BenchData.Crops(1);
        using OnnxSession ours = new(model.Onnx, crop, 1, 1), theirs = new(BenchData.Onnx(model.Network), crop, 1, 1);
        RequireAlike(model.Network, ours.Embeddings, theirs.Embeddings, LeastCosine, ours.Run, theirs.Run);
        var result = Pairs.Measure(ours.Run, theirs.Run, Seconds);
        if (result.Ratio < LeastFairness)
            failures.Add($"{model.Network.Name}: ONNX Runtime is slower on our file than on PyTorch's, ratio {result.Ratio:F2}: "
                + "the comparison is not fair");
        return Text(model.Network, "batch 1, 1 thread", result, 1, true);
    }

    static string Text(EdgeFaceConfig network, string name, Pairs result, int count, bool processor)
        => $"| {network.Name} | {name} | {Time(result.Ours, count)} | {Time(result.Theirs, count)} "
            + $"| {result.Ratio:F2} | {result.Lower:F2} to {result.Upper:F2} | {(processor ? $"{result.Processor:F2}" : "")} |";

    static void RequireFaster(EdgeFaceConfig network, string name, Pairs result, List<string> failures)
    {
        if (result.Ratio < 1) failures.Add($"{network.Name}, {name}: ours is slower than ONNX Runtime, ratio {result.Ratio:F2}");
    }

    /// <summary>Runs both once: only programs with the same results are compared.</summary>
    static void RequireAlike(EdgeFaceConfig network, float[] a, float[] b, double least, Action runA, Action runB)
    {
        runA();
        runB();
        BenchData.RequireAlike(network.Name, a, b, least);
    }

    static string Time(double milliseconds, int count) => count == 1 ? $"{milliseconds:F3} ms" : $"{count / milliseconds * 1000:F0} img/s";

    sealed class Engine(ModelFile model, byte[] crops, int count, int threads) : IDisposable
    {
        readonly FaceEmbedder _embedder = new(model, new EmbedderOptions { BatchThreads = threads });

        public float[] Embeddings { get; } = new float[count * EdgeFaceConfig.EmbeddingSize];

        public void Run() => _embedder.EmbedBatch(crops, count, Embeddings, normalise: false);

        public void Dispose() => _embedder.Dispose();
    }
}
