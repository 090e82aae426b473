using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeFace.Gallery;

namespace EdgeFace.Bench;

/// <summary>
/// One SQLite gallery searched by one caller and by several at once, each with ready embeddings, in alternating blocks: throughput of all together
/// against that of one, and how long a caller waits against the median of one alone.
/// </summary>
static class GalleryCallers
{
    const int Samples = 100_000, Callers = 8, Rounds = 9, SearchesOfOne = 200, SearchesOfEach = 50, Found = 10;

    public static void Measure(string path, Report report)
    {
        GalleryOpening.Fill(path, Samples);
        using var gallery = GalleryOpening.Open(path);
        Embedding[] probes = [.. Enumerable.Range(0, 64).Select(i => gallery.EmbeddingOf(1 + 1000 * i)!)];
        Block(Callers, SearchesOfEach);
        Block(1, SearchesOfOne);
        List<double> ratios = [], alone = [], together = [];
        for (var round = 0; round < Rounds; round++)
        {
            var (one, several) = (Block(1, SearchesOfOne), Block(Callers, SearchesOfEach));
            ratios.Add(several.PerSecond / one.PerSecond);
            alone.AddRange(one.Waits);
            together.AddRange(several.Waits);
        }
        var (median, tail) = (Quantile(alone, 0.5), Quantile(together, 0.95));
        report.Line("");
        report.Line($"{Samples:N0} people with a sample each, {Callers} callers with ready embeddings against one, in {Rounds} pairs of blocks.");
        report.Line("");
        report.Line("| | |");
        report.Line("|---|---|");
        report.Line($"| median search of one caller alone, ms | {median:f2} |");
        report.Line($"| throughput of {Callers} callers / of one, median of the pairs | {Quantile(ratios, 0.5):f2} |");
        report.Line($"| 95th percentile of the wait of {Callers} callers, ms | {tail:f2} |");
        report.Line($"| the same / the median search | {tail / median:f1} |");

        (double PerSecond, IReadOnlyCollection<double> Waits) Block(int callers, int searches)
        {
            var waits = new ConcurrentBag<double>();
            using var begin = new Barrier(callers + 1);
            var threads = Enumerable.Range(0, callers).Select(caller => new Thread(() =>
            {
                begin.SignalAndWait();
                for (var i = 0; i < searches; i++)
                {
                    var asked = Stopwatch.GetTimestamp();
                    gallery.Search([probes[(caller * searches + i) % probes.Length]], Found);
                    waits.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            begin.SignalAndWait();
            var clock = Stopwatch.StartNew();
            threads.ForEach(thread => thread.Join());
            return (callers * searches / clock.Elapsed.TotalSeconds, waits);
        }
    }

    static double Quantile(List<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));
}
