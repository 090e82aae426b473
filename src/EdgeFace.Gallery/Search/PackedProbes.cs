namespace EdgeFace.Gallery.Search;

/// <summary>
/// Probes as the scan takes them: numbers of two digits, each a byte. The scan multiplies the high digits, interleaved for
/// <see cref="ScanKernel.Four"/> where there are several; the low digits are added where a row may matter. What a score may be wrong by follows
/// from the inequality of Cauchy and Schwarz: with the probe q = q' + e and a row x = x' + r of length 1, |qx - q'x'| &lt;= |q||r| + |e||x'|. By
/// the same the sums of a run fit 16 bits.
/// </summary>
sealed class PackedProbes
{
    // More than the rounding of all sums in double precision, and than what the scores' own definition rounds.
    const double Rounding = 1e-9;

    // Two products of a code and a digit so high fit 16 bits.
    const int HighestDigit = 64;

    // Values of a probe whose products one 16-bit sum takes.
    const int HalfRun = 2 * ScanKernel.Run;

    readonly double[] _scales, _units, _coarseMissed, _missed;
    readonly int _rank, _base;
    readonly double _longest;

    public PackedProbes(ReadOnlySpan<float> probes, ReadOnlySpan<int> which, int rank)
    {
        Count = which.Length;
        Fours = (rank + 3) / 4;
        GroupSize = Count == 1 ? 1 : ScanKernel.Probes;
        Length = ScanKernel.Length(Fours);
        High = new int[(Count + GroupSize - 1) / GroupSize * GroupSize * Length];
        Low = new int[Count * Length];
        _rank = rank;
        // The longest that the digits of half a run may be.
        _longest = short.MaxValue / RowCode.Longest(rank, HalfRun);
        _base = 2 * (int)Math.Min(_longest / Math.Sqrt(HalfRun), HighestDigit);
        (_scales, _units, _coarseMissed, _missed) = (new double[Count], new double[Count], new double[Count], new double[Count]);
        for (var p = 0; p < Count; p++) Pack(p, probes.Slice(which[p] * rank, rank));
    }

    public int Count { get; }

    /// <summary>Fours of values of a row.</summary>
    public int Fours { get; }

    /// <summary>Integers of a probe.</summary>
    public int Length { get; }

    /// <summary>Probes whose high digits are interleaved: 1 or <see cref="ScanKernel.Probes"/>, the last group filled up with zeros.</summary>
    public int GroupSize { get; }

    public int[] High { get; }

    /// <summary>One probe after the other.</summary>
    public int[] Low { get; }

    /// <summary>The cosine that the scores of both digits stand for.</summary>
    public double Score(int probe, int high, int low) => (high + (double)low / _base) * _scales[probe];

    /// <summary>What it may be wrong by for a row with that residual.</summary>
    public double Error(int probe, double residual) => Error(_missed[probe], residual);

    /// <summary>A score of the high digits that no row with such a residual reaches unless its cosine may reach the cut.</summary>
    public int Threshold(int probe, double cut, double residual)
    {
        // The conversion takes what is beyond 32 bits for the nearest that is not.
        return (int)((cut - Error(_coarseMissed[probe], residual)) * _units[probe] - 3);
    }

    static double Error(double missed, double residual) => residual + missed * (1 + residual) + Rounding;

    void Pack(int probe, ReadOnlySpan<float> values)
    {
        double largest = 0, squares = 0, longest = 0;
        foreach (var value in values) largest = Math.Max(largest, Math.Abs((double)value));
        Span<double> halves = stackalloc double[2];
        for (var first = 0; first < _rank; first += 2 * HalfRun)
        {
            halves.Clear();
            for (var i = first; i < Math.Min(first + 2 * HalfRun, _rank); i++) halves[i / 2 % 2] += (double)values[i] * values[i];
            longest = Math.Max(longest, Math.Max(halves[0], halves[1]));
            squares += halves[0] + halves[1];
        }
        var length = Math.Sqrt(squares);
        if (!(double.IsFinite(length) && largest > 0))
            throw new ArgumentException("the values of a probe are finite and not all zero", nameof(values));
        // Rounding makes the digits of half a run longer by no more than half a step each.
        var step = Math.Max(largest / HighestDigit, Math.Sqrt(longest) / (_longest - Math.Sqrt(HalfRun) / 2));
        double coarseMissed = 0, missed = 0;
        int group = probe / GroupSize * GroupSize * Length, lane = probe % GroupSize;
        for (var i = 0; i < _rank; i++)
        {
            var exact = values[i] / step;
            var high = Math.Round(exact);
            var low = Math.Round((exact - high) * _base);
            coarseMissed += Square(exact - high);
            missed += Square(exact - high - low / _base);
            Put(High.AsSpan(group + lane), GroupSize, i, (int)high);
            Put(Low.AsSpan(probe * Length), 1, i, (int)low);
        }
        _scales[probe] = step / length * RowCode.Step(_rank);
        _units[probe] = 1 / _scales[probe];
        _coarseMissed[probe] = Math.Sqrt(coarseMissed) * step / length;
        _missed[probe] = Math.Sqrt(missed) * step / length;
    }

    /// <summary>Puts a digit where <see cref="ScanKernel"/> expects it, and takes it from the sum of its half of the run.</summary>
    static void Put(Span<int> probe, int interleaved, int i, int digit)
    {
        var run = i / 4 / ScanKernel.Run * (ScanKernel.Run + 1);
        ref var four = ref probe[(run + 1 + i / 4 % ScanKernel.Run) * interleaved];
        four |= (digit & 0xFF) << i % 4 * 8;
        ref var sums = ref probe[run * interleaved];
        int first = (short)sums, second = sums >> 16;
        if (i % 4 < 2) first -= digit;
        else second -= digit;
        sums = first & 0xFFFF | second << 16;
    }

    static double Square(double x) => x * x;
}
