namespace EdgeFace.Gallery.Search;

/// <summary>
/// Probes as the scan takes them: 16-bit integers in pairs, interleaved for <see cref="ScanKernel.Four"/> where there are several. What a score of the scan may be wrong by follows from
/// the inequality of Cauchy and Schwarz: with the probe q = q' + e and a row x = x' + r of length 1, |qx - q'x'| &lt;= |q||r| + |e||x'|.
/// </summary>
sealed class PackedProbes
{
    // More than the rounding of all sums in double precision, and than what the scores' own definition rounds.
    const double Rounding = 1e-9;

    readonly double[] _scales, _missed;

    public PackedProbes(ReadOnlySpan<float> probes, ReadOnlySpan<int> which, int rank)
    {
        Count = which.Length;
        Pairs = (rank + 1) / 2;
        GroupSize = Count == 1 ? 1 : ScanKernel.Probes;
        Packed = new int[(Count + GroupSize - 1) / GroupSize * GroupSize * Pairs];
        (_scales, _missed) = (new double[Count], new double[Count]);
        for (var p = 0; p < Count; p++) Pack(p, probes.Slice(which[p] * rank, rank));
    }

    public int Count { get; }

    public int Pairs { get; }

    /// <summary>Probes whose pairs are interleaved: 1 or <see cref="ScanKernel.Probes"/>, the last group filled up with zeros.</summary>
    public int GroupSize { get; }

    public int[] Packed { get; }

    /// <summary>The cosine that a score of the scan stands for.</summary>
    public double Score(int probe, int score) => score * _scales[probe];

    /// <summary>What it may be wrong by for a row with that residual.</summary>
    public double Error(int probe, double residual) => residual + _missed[probe] * (1 + residual) + Rounding;

    /// <summary>A score of the scan that no row with such a residual reaches unless its cosine may reach the cut.</summary>
    public int Threshold(int probe, double cut, double residual)
    {
        var threshold = (cut - Error(probe, residual)) / _scales[probe] - 1;
        return threshold <= int.MinValue ? int.MinValue : threshold >= int.MaxValue ? int.MaxValue : (int)threshold - 1;
    }

    void Pack(int probe, ReadOnlySpan<float> values)
    {
        double largest = 0, squares = 0, missed = 0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs((double)value));
            squares += (double)value * value;
        }
        var length = Math.Sqrt(squares);
        if (!(double.IsFinite(length) && largest > 0)) throw new ArgumentException("the values of a probe are finite and not all zero", nameof(values));
        var step = largest / short.MaxValue;
        var to = probe / GroupSize * GroupSize * Pairs + probe % GroupSize;
        for (var i = 0; i < values.Length; i++)
        {
            var rounded = (int)Math.Round(values[i] / step);
            missed += Square(values[i] - rounded * step);
            Packed[to + i / 2 * GroupSize] |= i % 2 == 0 ? rounded & 0xFFFF : rounded << 16;
        }
        _scales[probe] = step / length * RowCode.Step(values.Length);
        _missed[probe] = Math.Sqrt(missed) / length;
    }

    static double Square(double x) => x * x;
}
