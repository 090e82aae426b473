using System.Numerics;
using System.Runtime.Intrinsics;

namespace EdgeFace.Gallery.Search;

/// <summary>
/// One pass of several probes over all rows. Threads take chunks as they come free; a block stays in the first-level cache
/// while all probes run over it.
/// </summary>
sealed unsafe class IndexScan(RowChunk[] chunks, PackedProbes probes, int most, double atLeast, ScanKernel kernel)
{
    // Steps of a block's residual for which thresholds are not raised.
    const int Slack = 1;

    readonly double[] _cuts = [.. Enumerable.Repeat(atLeast, probes.Count)];
    readonly Lock _merging = new();
    int _next = -1;

    /// <param name="threads">At most so many.</param>
    /// <returns>For each probe.</returns>
    public Nearest[] Run(int threads)
    {
        var found = NewNearest();
        var workers = Math.Clamp(threads, 1, Math.Max(chunks.Length, 1));
        if (workers == 1) Work(found);
        else
            Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
            {
                var mine = NewNearest();
                Work(mine);
                lock (_merging)
                    for (var p = 0; p < mine.Length; p++) found[p].AddAll(mine[p]);
            });
        return found;
    }

    Nearest[] NewNearest() => [.. Enumerable.Range(0, probes.Count).Select(_ => new Nearest(most))];

    void Work(Nearest[] nearest)
    {
        for (int chunk; (chunk = Interlocked.Increment(ref _next)) < chunks.Length;)
        {
            // What another thread is certain of spares this one candidates.
            lock (_cuts)
                for (var p = 0; p < nearest.Length; p++) nearest[p].Raise(_cuts[p]);
            if (probes.GroupSize == 1) One(chunks[chunk], nearest[0]);
            else Several(chunks[chunk], nearest);
            lock (_cuts)
                for (var p = 0; p < nearest.Length; p++) _cuts[p] = Math.Max(_cuts[p], nearest[p].Cut);
        }
    }

    void One(RowChunk chunk, Nearest nearest)
    {
        var scores = stackalloc int[RowChunk.BlockRows];
        var codes = chunk.Codes;
        int step = RowChunk.BlockRows * 4 * probes.Fours, blocks = chunk.Blocks;
        fixed (int* high = probes.High)
            for (var b = 0; b < blocks; b++, codes += step)
            {
                var threshold = probes.Threshold(0, nearest.Cut, RowCode.Residual(chunk.BlockResiduals[b]));
                if (kernel.One(codes, probes.Fours, high, threshold, scores)) Offer(chunk, b, codes, 0, scores, threshold, nearest);
            }
    }

    void Several(RowChunk chunk, Nearest[] nearest)
    {
        var scores = stackalloc int[ScanKernel.Probes * RowChunk.BlockRows];
        var thresholds = stackalloc int[probes.High.Length / probes.Length];
        new Span<int>(thresholds, probes.High.Length / probes.Length).Fill(int.MaxValue);
        var codes = chunk.Codes;
        int step = RowChunk.BlockRows * 4 * probes.Fours, blocks = chunk.Blocks;
        // Few blocks change what the thresholds depend on.
        byte residual = 0;
        fixed (int* high = probes.High)
            for (var b = 0; b < blocks; b++, codes += step)
            {
                var own = chunk.BlockResiduals[b];
                if (b == 0 || own > residual || own < residual - Slack)
                {
                    residual = own;
                    for (var p = 0; p < nearest.Length; p++) thresholds[p] = probes.Threshold(p, nearest[p].Cut, RowCode.Residual(residual));
                }
                for (var first = 0; first < nearest.Length; first += ScanKernel.Probes)
                {
                    var above = kernel.Four(codes, probes.Fours, high + first * probes.Length, thresholds + first, scores);
                    for (var p = first; above != 0; p++, above >>= 1)
                    {
                        if ((above & 1) == 0) continue;
                        Offer(chunk, b, codes, p, scores + (p - first) * RowChunk.BlockRows, thresholds[p], nearest[p]);
                        thresholds[p] = probes.Threshold(p, nearest[p].Cut, RowCode.Residual(residual));
                    }
                }
            }
    }

    void Offer(RowChunk chunk, int block, byte* codes, int probe, int* scores, int threshold, Nearest nearest)
    {
        uint above = 0;
        for (var r = 0; r < RowChunk.BlockRows; r += Vector256<int>.Count)
            above |= Vector256.GreaterThan(Vector256.Load(scores + r), Vector256.Create(threshold)).ExtractMostSignificantBits() << r;
        if ((above &= chunk.Alive[block]) == 0) return;
        var fine = stackalloc int[RowChunk.BlockRows];
        fixed (int* low = probes.Low) kernel.One(codes, probes.Fours, low + probe * probes.Length, int.MaxValue, fine);
        for (; above != 0; above &= above - 1)
        {
            var r = BitOperations.TrailingZeroCount(above);
            var row = block * RowChunk.BlockRows + r;
            nearest.Offer(chunk.FirstId + chunk.Offsets[row], probes.Score(probe, scores[r], fine[r]),
                probes.Error(probe, RowCode.Residual(chunk.Residuals[row])));
        }
    }
}
