using System.Diagnostics;
using System.Runtime;
using EdgeFace.Models;

namespace EdgeFace.Bench;

/// <summary>
/// The first embedding of a fresh process, when nothing is compiled and nothing is in the cache, and the second. Files are read before.
/// </summary>
static class First
{
    const int Processes = 15;

    public static int Run()
    {
        Console.WriteLine("| network | prepare | first embedding | second | compiling in the first |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var network in BenchData.Networks)
        {
            var times = Enumerable.Range(0, Processes).Select(_ => Child(network)).ToArray();
            Console.WriteLine($"| {network.Name} | {Median(0)} | {Median(1)} | {Median(2)} | {Median(3)} |");
            string Median(int part) => $"{Pairs.Quantile(times.Select(t => t[part]), 0.5):F1} ms";
        }
        return 0;
    }

    /// <summary>In the child: prints the times.</summary>
    public static int Once(string name)
    {
        var network = EdgeFaceVariants.Find(name)!;
        var (crop, embedding) = (BenchData.Crops(1), new float[EdgeFaceConfig.EmbeddingSize]);
        using var model = BenchData.Model(network);
        var times = new double[4];
        var start = Stopwatch.GetTimestamp();
        using var embedder = new FaceEmbedder(model);
        times[0] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var compiling = JitInfo.GetCompilationTime(currentThread: true);
        for (var i = 1; i <= 2; i++)
        {
            start = Stopwatch.GetTimestamp();
            embedder.Embed(crop, embedding);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (i == 1) times[3] = (JitInfo.GetCompilationTime(currentThread: true) - compiling).TotalMilliseconds;
        }
        Console.WriteLine(string.Join(' ', times));
        return 0;
    }

    static double[] Child(EdgeFaceConfig network)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!, ["first", network.Name]) { RedirectStandardOutput = true };
        using var process = Process.Start(info)!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return [.. line.Split(' ').Select(double.Parse)];
    }
}
