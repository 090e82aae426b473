using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace EdgeFace.Gallery.Search;

/// <summary>
/// How a row becomes bytes. One step for all: after a random rotation the values of a unit vector of n values spread like a normal distribution
/// of deviation 1 / sqrt(n), and 127 steps reach <see cref="Reach"/> deviations. What the bytes miss, the residual, is kept for each row as a
/// power of two, rounded up; no score can be wrong by more than that.
/// </summary>
static class RowCode
{
    /// <summary>Highest rank: up to it 32 bits hold any sum of products.</summary>
    public const int MostRank = 2048;

    // 1 value in 60,000 lies beyond; more reach makes the step coarser for all.
    const double Reach = 4.3;

    const int Largest = 127;

    static readonly float[] Residuals = [.. Enumerable.Range(0, 256).Select(c => (float)Math.Pow(2, c / 16.0 - 15.9))];

    public static double Step(int rank) => Reach / (Largest * Math.Sqrt(rank));

    /// <summary>Length of some of the codes of a row, at most.</summary>
    /// <param name="count">How many.</param>
    public static double Longest(int rank, int count)
    {
        // Rounding makes a row longer by half a step for each value at most; the sums of Encode round, too.
        return Math.Min((1 / Step(rank) + Math.Sqrt(rank) / 2) * 1.0001, Largest * Math.Sqrt(count));
    }

    /// <summary>Length of what the bytes of a row miss, at most.</summary>
    public static float Residual(byte code) => Residuals[code];

    /// <summary>The bytes of coordinates scaled to length 1.</summary>
    /// <param name="coordinates">rank values.</param>
    /// <param name="codes">Gets rank values, and zeros up to a multiple of four.</param>
    /// <returns>Code of the length of the residual.</returns>
    /// <exception cref="ArgumentException">A value is not finite, or all are zero.</exception>
    [SkipLocalsInit]
    public static byte Encode(ReadOnlySpan<Half> coordinates, Span<sbyte> codes)
    {
        var rank = coordinates.Length;
        Span<float> values = stackalloc float[rank];
        TensorPrimitives.ConvertToSingle(coordinates, values);
        var length = Math.Sqrt(TensorPrimitives.SumOfSquares<float>(values));
        if (!(double.IsFinite(length) && length > 0)) throw new ArgumentException("coordinates to be stored are finite and not all zero");
        var scale = (float)(1 / (length * Step(rank)));
        Vector<float> factor = new(scale), top = new(Largest), squares = Vector<float>.Zero;
        var i = 0;
        Span<int> rounded = stackalloc int[Vector<float>.Count];
        for (; i <= rank - Vector<float>.Count; i += Vector<float>.Count)
        {
            var exact = new Vector<float>(values[i..]) * factor;
            var nearest = Vector.Round(Vector.Min(Vector.Max(exact, -top), top));
            squares += (exact - nearest) * (exact - nearest);
            Vector.ConvertToInt32(nearest).CopyTo(rounded);
            for (var j = 0; j < rounded.Length; j++) codes[i + j] = (sbyte)rounded[j];
        }
        double missed = Vector.Sum(squares);
        for (; i < rank; i++)
        {
            var exact = values[i] * scale;
            var nearest = MathF.Round(Math.Clamp(exact, -Largest, Largest));
            missed += (exact - nearest) * (exact - nearest);
            codes[i] = (sbyte)nearest;
        }
        codes[rank..].Clear();
        // A thousandth more covers the rounding of the sums above.
        return ResidualCode(Math.Sqrt(missed) * Step(rank) * 1.001 + 1e-6);
    }

    static byte ResidualCode(double residual)
    {
        var code = Math.Clamp((int)Math.Ceiling((Math.Log2(residual) + 15.9) * 16), 0, 255);
        while (Residuals[code] < residual) code++;
        return (byte)code;
    }
}
