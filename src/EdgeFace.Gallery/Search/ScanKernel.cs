using System.Runtime.Intrinsics.Arm;
using EdgeFace.Kernels;

namespace EdgeFace.Gallery.Search;

/// <summary>
/// Products of a block of <see cref="RowChunk.BlockRows"/> rows of bytes with probes of bytes, in 32-bit sums: all kernels give the same
/// integers. In a block four values of each row lie side by side, row after row, then the next four: a vector holds as many rows as it has sums.
/// A probe is four bytes in each integer, of -64 to 64; before every <see cref="Run"/> of them stands an integer of two 16-bit halves: the sums,
/// negated, of the first two bytes of the fours of that run, and of the last two. Within a run the products of either half may be added in 16
/// bits: their sum has to fit, parts of it need not. This class is the reference.
/// </summary>
unsafe class ScanKernel
{
    protected ScanKernel(string name, bool runs) => (Name, Runs) = (name, runs);

    /// <summary>Probes that one pass over a block serves.</summary>
    public const int Probes = 4;

    /// <summary>Fours of values that are added before the sums are widened.</summary>
    public const int Run = 8;

    /// <summary>Widest first.</summary>
    public static IReadOnlyList<ScanKernel> Available { get; } =
    [
        new VectorScanKernel<Rows512>("vector512", Rows512.Runs),
        new VectorScanKernel<Rows256>("vector256", Rows256.Runs),
        Dp.IsSupported ? new VectorScanKernel<DotRows128>("vector128", true) : new VectorScanKernel<Rows128>("vector128", Rows128.Runs),
        new ScanKernel("scalar", true),
    ];

    /// <summary>Of the same width as the kernels of the networks, or the next narrower that runs here.</summary>
    public static ScanKernel Default { get; } = Available.SkipWhile(k => k.Name != KernelSet.Default.Name).First(k => k.Runs);

    public string Name { get; }

    /// <summary>Whether this machine has the instructions.</summary>
    public bool Runs { get; }

    /// <summary>Integers of a probe.</summary>
    public static int Length(int fours) => fours + (fours + Run - 1) / Run;

    /// <summary>scores[r] = sum over the values of block row r times probe.</summary>
    /// <param name="fours">Fours of values of a row.</param>
    /// <param name="probe"><see cref="Length"/> integers.</param>
    /// <returns>Whether a score is above the threshold.</returns>
    public virtual bool One(byte* block, int fours, int* probe, int threshold, int* scores)
    {
        var above = false;
        for (var r = 0; r < RowChunk.BlockRows; r++)
        {
            scores[r] = Sum(block + 4 * r, fours, probe, 1);
            above |= scores[r] > threshold;
        }
        return above;
    }

    /// <summary>The same for <see cref="Probes"/> probes, whose integers are interleaved; the scores of a probe lie side by side.</summary>
    /// <returns>Bit p is set if a score of probe p is above its threshold.</returns>
    public virtual uint Four(byte* block, int fours, int* probes, int* thresholds, int* scores)
    {
        uint above = 0;
        for (var p = 0; p < Probes; p++)
            for (var r = 0; r < RowChunk.BlockRows; r++)
            {
                var score = scores[p * RowChunk.BlockRows + r] = Sum(block + 4 * r, fours, probes + p, Probes);
                if (score > thresholds[p]) above |= 1u << p;
            }
        return above;
    }

    static int Sum(byte* row, int fours, int* probe, int step)
    {
        var sum = 0;
        for (var i = 0; i < fours; i++, row += 4 * RowChunk.BlockRows, probe += step)
        {
            if (i % Run == 0) probe += step;
            for (var j = 0; j < 4; j++) sum += (row[j] - RowChunk.Zero) * ((sbyte*)probe)[j];
        }
        return sum;
    }
}
