using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Bench;

/// <summary>Exact search among a million samples, against a plain read of as many bytes and against a scan of the embeddings as floats.</summary>
static unsafe class Search
{
    const int Samples = 1_000_000, Persons = 10, Batch = 64, Checked = 8, Bulk = 10_000, Piece = 1 << 21;

    static readonly ParallelOptions Threads = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    public static int Run(bool write)
    {
        using var model = DefaultModels.OpenRecogniser();
        var space = EmbeddingSpace.Of(model);
        var report = new Report("search");
        var gallery = new SyntheticGallery(Samples, space);
        var probes = gallery.Probes(Batch);
        GC.Collect();
        var (before, start) = (Environment.WorkingSet, Stopwatch.GetTimestamp());
        var index = new CompactIndex(space.Rank);
        var ids = new long[Bulk];
        for (var first = 0; first < Samples; first += Bulk)
        {
            for (var i = 0; i < Bulk; i++) ids[i] = first + i + 1;
            index.Add(ids, gallery.Coordinates.AsSpan(first * space.Rank, Bulk * space.Rank));
        }
        var building = Stopwatch.GetElapsedTime(start);
        GC.Collect();
        var resident = Environment.WorkingSet - before;
        var loading = Load(index);
        Check(gallery, index, space, probes);

        var next = 0;
        void One() => index.Search(probes.AsSpan(next++ % Batch * space.Rank, space.Rank), Persons, gallery.Read);
        var codes = (long)Samples * RowChunk.RowBytes(space.Rank);
        var plain = (byte*)NativeMemory.AlignedAlloc((nuint)codes, 64);
        new Random(1).NextBytes(new Span<byte>(plain, (int)codes));
        var read = Pairs.Measure(One, () => Read(plain, codes), 101, 5);
        NativeMemory.AlignedFree(plain);
        var batch = Pairs.Measure(() => index.Search(probes, Persons, gallery.Read), () =>
        {
            for (var p = 0; p < Batch; p++) One();
        }, 15, 1);
        var embedding = new float[space.Dimension];
        var floats = Pairs.Measure(One, () =>
        {
            SyntheticGallery.Embed(space, probes.AsSpan(next++ % Batch * space.Rank, space.Rank), embedding);
            Floats(gallery.Floats, embedding);
        }, 31, 2);

        report.Line($"{Samples:N0} samples of the default recogniser's rank, {space.Rank}, "
            + $"of {Samples / SyntheticGallery.PerPerson:N0} synthetic persons: random directions, "
            + $"{SyntheticGallery.PerPerson} samples each that score about 0.6 with");
        report.Line("each other. Probes in turn: another sample of an enrolled person, a stranger. "
            + $"Exact best {Persons} persons, {Environment.ProcessorCount} threads; rows to be scored exactly are read from memory.");
        report.Line("");
        report.Line("| what | ours | compared with | its time | ratio | quartiles | processor time |");
        report.Line("|---|---|---|---|---|---|---|");
        report.Line($"| one probe | {read.Ours:F2} ms | plain read of as many bytes | {read.Theirs:F2} ms "
            + $"| {read.Ratio:F2} | {read.Lower:F2} to {read.Upper:F2} | {read.Processor:F2} |");
        report.Line($"| {Batch} probes at once | {batch.Ours:F1} ms | {Batch} probes one by one | {batch.Theirs:F1} ms "
            + $"| {batch.Ratio:F2} | {batch.Lower:F2} to {batch.Upper:F2} | {batch.Processor:F2} |");
        report.Line($"| one probe | {floats.Ours:F2} ms | scan of {space.Dimension} floats, TensorPrimitives.Dot | {floats.Theirs:F1} ms "
            + $"| {floats.Ratio:F1} | {floats.Lower:F1} to {floats.Upper:F1} | {floats.Processor:F1} |");
        report.Line("");
        report.Line($"Bytes scanned: {codes / 1e6:F0} MB, {codes / read.Ours / 1e6:F1} GB/s; "
            + $"the plain read {codes / read.Theirs / 1e6:F1} GB/s. Ratio of the first row: the share of the plain read's bandwidth.");
        report.Line($"Memory: resident {resident / 1e6:F1} MB more with the index than without; reserved {index.Bytes / 1e6:F1} MB.");
        report.Line($"Building from 16-bit coordinates: {building.TotalSeconds:F2} s on one thread. "
            + $"Loading from the index file, in the page cache: {loading:F3} s (median of 5).");
        report.Line($"Before timing, the results of {Checked} probes were compared with the oracle in double precision, bit for bit, "
            + "and all with the float scan within 0.002.");
        report.Line($"Median over pairs of neighbouring blocks; other programs run on the machine. Load at the end: {Report.Load}.");
        if (write) report.Write();
        return 0;
    }

    static double Load(CompactIndex index)
    {
        var path = Path.Combine(Path.GetTempPath(), $"edgeface-bench-{Environment.ProcessId}.index");
        var tag = new byte[IndexFile.TagBytes];
        using (var to = File.Create(path)) index.Save(to, tag);
        try
        {
            return Pairs.Quantile(Enumerable.Range(0, 5).Select(_ =>
            {
                var start = Stopwatch.GetTimestamp();
                using var from = File.OpenRead(path);
                if (CompactIndex.Load(from, index.Rank, tag).Count != index.Count)
                    throw new InvalidOperationException("the index file lost samples");
                return Stopwatch.GetElapsedTime(start).TotalSeconds;
            }).ToArray(), 0.5);
        }
        finally { File.Delete(path); }
    }

    static void Check(SyntheticGallery gallery, CompactIndex index, EmbeddingSpace space, float[] probes)
    {
        var found = index.Search(probes, Persons, gallery.Read);
        var embedding = new float[space.Dimension];
        for (var p = 0; p < Batch; p++)
        {
            SyntheticGallery.Embed(space, probes.AsSpan(p * space.Rank, space.Rank), embedding);
            var floats = Floats(gallery.Floats, embedding);
            for (var i = 0; i < Persons; i++)
                if (Math.Abs(floats[i].Score - found[p][i].Score) > 2e-3)
                    throw new InvalidOperationException($"probe {p}: candidate {i} scores {found[p][i].Score}, in floats {floats[i].Score}");
        }
        var oracle = new ExactIndex(space.Rank);
        var row = new float[space.Rank];
        for (var i = 0; i < Samples; i++)
        {
            TensorPrimitives.ConvertToSingle(gallery.Coordinates.AsSpan(i * space.Rank, space.Rank), row);
            oracle.Add(i + 1, SyntheticGallery.Person(i + 1), row);
        }
        for (var p = 0; p < Checked; p++)
            if (!oracle.Search(probes.AsSpan(p * space.Rank, space.Rank), Persons).SequenceEqual(found[p]))
                throw new InvalidOperationException($"probe {p}: the result is not the oracle's");
    }

    /// <summary>The best persons by a plain scan of embeddings, all threads.</summary>
    static List<SearchHit> Floats(float[] rows, float[] probe)
    {
        const int most = 64;
        var count = rows.Length / probe.Length;
        var best = new List<(float Score, int Row)>();
        Parallel.For(0, Threads.MaxDegreeOfParallelism, Threads, t =>
        {
            var mine = new PriorityQueue<int, float>();
            var lowest = float.NegativeInfinity;
            var end = (int)((long)count * (t + 1) / Threads.MaxDegreeOfParallelism);
            for (var i = (int)((long)count * t / Threads.MaxDegreeOfParallelism); i < end; i++)
            {
                var score = TensorPrimitives.Dot(rows.AsSpan(i * probe.Length, probe.Length), probe);
                if (score <= lowest) continue;
                if (mine.Count < most) mine.Enqueue(i, score);
                else mine.EnqueueDequeue(i, score);
                if (mine.Count == most) mine.TryPeek(out _, out lowest);
            }
            lock (best)
                while (mine.TryDequeue(out var row, out var score)) best.Add((score, row));
        });
        return
        [
            .. best.OrderByDescending(b => b.Score).DistinctBy(b => SyntheticGallery.Person(b.Row + 1)).Take(Persons)
                .Select(b => new SearchHit(b.Row + 1, SyntheticGallery.Person(b.Row + 1), b.Score)),
        ];
    }

    /// <summary>The sum of all bytes as 64-bit words, all threads.</summary>
    static long Read(byte* bytes, long count)
    {
        var next = -1;
        long total = 0;
        Parallel.For(0, Threads.MaxDegreeOfParallelism, Threads, _ =>
        {
            Vector256<long> a = default, b = default, c = default, d = default;
            for (long piece; (piece = (long)Interlocked.Increment(ref next) * Piece) < count;)
            {
                var end = Math.Min(piece + Piece, count);
                for (var i = piece; i <= end - 128; i += 128)
                {
                    a += Vector256.Load((long*)(bytes + i));
                    b += Vector256.Load((long*)(bytes + i + 32));
                    c += Vector256.Load((long*)(bytes + i + 64));
                    d += Vector256.Load((long*)(bytes + i + 96));
                }
            }
            Interlocked.Add(ref total, Vector256.Sum(a + b + c + d));
        });
        return total;
    }
}
