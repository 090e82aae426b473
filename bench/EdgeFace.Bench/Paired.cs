using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>Ours against ONNX Runtime on the same weights and the same crops.</summary>
static class Paired
{
    const int BatchImages = 32, BatchThreads = 2;

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
        }
        report.Line("");
        report.Line("Ratio: the time of ONNX Runtime over ours, median over pairs of neighbouring blocks; the last column is the same ratio in processor time,");
        report.Line("which says more when other programs run. Ours takes bytes, ONNX Runtime prepared floats.");
        report.Line($"FMA peak of one core beside it: {FmaProbe.GigaFlops():F0} GFLOP/s. Load of the machine at the end: {Report.Load}.");
        if (write) report.Write();
        if (slower == 0) return 0;
        Console.Error.WriteLine("ours is slower than ONNX Runtime");
        return 1;
    }

    static int Row(Report report, EdgeFaceConfig network, int count, int threads, int pairs, int runs)
    {
        var crops = BenchData.Crops(count);
        var embeddings = new float[count * FaceEmbedder.Dimension];
        using var model = BenchData.Model(network);
        using var ours = new FaceEmbedder(model, new EmbedderOptions { BatchThreads = threads });
        using var theirs = new OnnxSession(BenchData.Onnx(network), crops, count, threads);
        ours.EmbedBatch(crops, count, embeddings, normalise: false);
        theirs.Run();
        for (var i = 0; i < count; i++)
            if (Cosine(embeddings, theirs.Embeddings, i * FaceEmbedder.Dimension) is var cosine and not > 0.9999)
                throw new InvalidOperationException($"{network.Name}: the two embeddings of crop {i} differ, cosine {cosine:F6}");
        var result = Pairs.Measure(() => ours.EmbedBatch(crops, count, embeddings, normalise: false), theirs.Run, pairs, runs);
        report.Line($"| {network.Name} | batch {count}, {threads} thread{(threads == 1 ? "" : "s")} | {Time(result.Ours, count)} | {Time(result.Theirs, count)} | {result.Ratio:F2} | {result.Lower:F2} to {result.Upper:F2} | {(threads == 1 ? $"{result.Processor:F2}" : "")} |");
        return result.Ratio < 1 ? 1 : 0;
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
