using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>Ours against ONNX Runtime on the same weights and the same crops.</summary>
static class Paired
{
    const int BatchImages = 32, BatchThreads = 2;

    // The formula's weights are noise, which int8 keeps less well than trained ones.
    const double LeastInt8Cosine = 0.98;

    public static int Run(bool write)
    {
        var report = new Report("paired");
        report.Line("| network | case | ours | ONNX Runtime | ratio | quartiles | processor time |");
        report.Line("|---|---|---|---|---|---|---|");
        var slower = 0;
        foreach (var network in BenchData.Networks)
        {
            slower += Row(report, network, 1, 1, pairs: 101, runs: 25);
            slower += Row(report, network, BatchImages, BatchThreads, pairs: 61, runs: 2);
            slower += Row(report, network, 1, 1, pairs: 101, runs: 25, int8: true);
        }
        report.Line("");
        report.Line("| network | case | ours, int8 | ours, fp32 | ratio | quartiles | processor time |");
        report.Line("|---|---|---|---|---|---|---|");
        foreach (var network in BenchData.Networks) Int8Row(report, network);
        report.Line("");
        report.Line("Ratio: the time of ONNX Runtime over ours, median over pairs of neighbouring blocks; the last column is the same ratio in processor time,");
        report.Line("which says more when other programs run. Ours takes bytes, ONNX Runtime prepared floats.");
        report.Line("ONNX Runtime runs its fp32 model in all rows: its dynamic int8 model is made by a Python tool and is not part of this benchmark.");
        report.Line($"FMA peak of one core beside it: {FmaProbe.GigaFlops():F0} GFLOP/s. Load of the machine at the end: {Report.Load}.");
        if (write) report.Write();
        if (slower == 0) return 0;
        Console.Error.WriteLine("ours is slower than ONNX Runtime");
        return 1;
    }

    static int Row(Report report, EdgeFaceConfig network, int count, int threads, int pairs, int runs, bool int8 = false)
    {
        var crops = BenchData.Crops(count);
        var embeddings = new float[count * FaceEmbedder.Dimension];
        using var model = int8 ? BenchData.Int8Model(network) : BenchData.Model(network);
        using var ours = new FaceEmbedder(model, new EmbedderOptions { BatchThreads = threads });
        using var theirs = new OnnxSession(BenchData.Onnx(network), crops, count, threads);
        ours.EmbedBatch(crops, count, embeddings, normalise: false);
        theirs.Run();
        for (var i = 0; i < count; i++)
            if (Cosine(embeddings, theirs.Embeddings, i * FaceEmbedder.Dimension) is var cosine && !(cosine > (int8 ? LeastInt8Cosine : 0.9999)))
                throw new InvalidOperationException($"{network.Name}: the two embeddings of crop {i} differ, cosine {cosine:F6}");
        var result = Pairs.Measure(() => ours.EmbedBatch(crops, count, embeddings, normalise: false), theirs.Run, pairs, runs);
        report.Line($"| {network.Name} | batch {count}, {threads} thread{(threads == 1 ? "" : "s")}{(int8 ? ", int8" : "")} | {Time(result.Ours, count)} | {Time(result.Theirs, count)} | {result.Ratio:F2} | {result.Lower:F2} to {result.Upper:F2} | {(threads == 1 ? $"{result.Processor:F2}" : "")} |");
        return result.Ratio < 1 ? 1 : 0;
    }

    static void Int8Row(Report report, EdgeFaceConfig network)
    {
        var crop = BenchData.Crops(1);
        var embedding = new float[FaceEmbedder.Dimension];
        using ModelFile stored = BenchData.Int8Model(network), model = BenchData.Model(network);
        using FaceEmbedder bytes = new(stored), floats = new(model);
        var result = Pairs.Measure(() => bytes.Embed(crop, embedding, normalise: false), () => floats.Embed(crop, embedding, normalise: false), 101, 25);
        report.Line($"| {network.Name} | batch 1, 1 thread | {Time(result.Ours, 1)} | {Time(result.Theirs, 1)} | {result.Ratio:F2} | {result.Lower:F2} to {result.Upper:F2} | {result.Processor:F2} |");
    }

    static string Time(double milliseconds, int count) => count == 1 ? $"{milliseconds:F3} ms" : $"{count / milliseconds * 1000:F0} img/s";

    static double Cosine(float[] a, float[] b, int first)
    {
        double dot = 0, aa = 0, bb = 0;
        for (var i = first; i < first + FaceEmbedder.Dimension; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }
        return dot / Math.Sqrt(aa * bb);
    }
}
