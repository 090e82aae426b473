using EdgeFace.Kernels;

namespace EdgeFace.Gallery.Search;

/// <summary>
/// Products of a block of <see cref="RowChunk.BlockRows"/> rows of bytes with probes of 16-bit integers, in 32-bit sums: all kernels give the same integers. In a block two values of
/// each row lie side by side, row after row, then the next two: a vector holds as many rows as it has sums, and no sum is ever added across a vector. This class is the reference.
/// </summary>
unsafe class ScanKernel
{
    protected ScanKernel(string name, bool runs) => (Name, Runs) = (name, runs);

    /// <summary>Probes that one pass over a block serves.</summary>
    public const int Probes = 4;

    /// <summary>Widest first.</summary>
    public static IReadOnlyList<ScanKernel> Available { get; } =
    [
        new VectorScanKernel<Rows512>("vector512", Rows512.Runs),
        new VectorScanKernel<Rows256>("vector256", Rows256.Runs),
        new VectorScanKernel<Rows128>("vector128", Rows128.Runs),
        new ScanKernel("scalar", true),
    ];

    /// <summary>Of the same width as the kernels of the networks, or the next narrower that runs here.</summary>
    public static ScanKernel Default { get; } = Available.SkipWhile(k => k.Name != KernelSet.Default.Name).First(k => k.Runs);

    public string Name { get; }

    /// <summary>Whether this machine has the instructions.</summary>
    public bool Runs { get; }

    /// <summary>scores[r] = sum over the values of block row r times probe.</summary>
    /// <param name="pairs">Pairs of values of a row.</param>
    /// <param name="probe">Two 16-bit integers each, one after the other.</param>
    /// <returns>Whether a score is above the threshold.</returns>
    public virtual bool One(sbyte* block, int pairs, int* probe, int threshold, int* scores)
    {
        var above = false;
        for (var r = 0; r < RowChunk.BlockRows; r++)
        {
            scores[r] = Sum(block + 2 * r, pairs, probe, 1);
            above |= scores[r] > threshold;
        }
        return above;
    }

    /// <summary>The same for <see cref="Probes"/> probes, whose pairs are interleaved; the scores of a probe lie side by side.</summary>
    /// <returns>Bit p is set if a score of probe p is above its threshold.</returns>
    public virtual uint Four(sbyte* block, int pairs, int* probes, int* thresholds, int* scores)
    {
        uint above = 0;
        for (var p = 0; p < Probes; p++)
            for (var r = 0; r < RowChunk.BlockRows; r++)
            {
                var score = scores[p * RowChunk.BlockRows + r] = Sum(block + 2 * r, pairs, probes + p, Probes);
                if (score > thresholds[p]) above |= 1u << p;
            }
        return above;
    }

    static int Sum(sbyte* row, int pairs, int* probe, int step)
    {
        var sum = 0;
        for (var i = 0; i < pairs; i++)
        {
            var pair = probe[i * step];
            sum += row[i * 2 * RowChunk.BlockRows] * (short)pair + row[i * 2 * RowChunk.BlockRows + 1] * (pair >> 16);
        }
        return sum;
    }
}
