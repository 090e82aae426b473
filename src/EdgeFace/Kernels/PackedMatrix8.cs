using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeFace.Kernels;

/// <summary>
/// A weight matrix [n][k] as bytes, packed once for one kernel set: value = byte * scale of its output, symmetric, the largest of an output
/// at 127; an output whose weights are all too small to scale is zero.
/// Columns (outputs) are cut into panels, each stored [k / group][width][group]; outputs are padded with zeros to a multiple of 8,
/// inputs to one of the group.
/// </summary>
sealed unsafe class PackedMatrix8 : IDisposable
{
    readonly NativeBuffer _data;
    readonly int _padded;

    /// <param name="width">Width of the panels in outputs; the last may be narrower.</param>
    /// <param name="group">Inputs that lie side by side for each output.</param>
    public PackedMatrix8(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k, int width, int group)
    {
        if (weight.Length != (long)n * k || (bias.Length != n && bias.Length != 0))
            throw new ArgumentException($"a [{n}, {k}] weight with a bias of {n} or none is expected, got {weight.Length} and {bias.Length} values");
        (Outputs, Inputs, Steps, _padded) = (n, k, (k + group - 1) / group, KernelSet.Stride(n));
        _data = new NativeBuffer(3L * _padded + (long)_padded * Steps * group / sizeof(float));
        bias.CopyTo(new Span<float>(Bias, n));
        var bytes = new int[k];
        for (var o = 0; o < n; o++)
        {
            (Scale[o], Sums[o]) = Quantise(weight.Slice(o * k, k), bytes);
            int first = o / width * width, step = Math.Min(width, _padded - first) * group;
            var target = Weights + (long)first * Steps * group + (o - first) * group;
            for (var g = 0; g < group; g++)
            {
                var next = target + g;
                for (var i = g; i < bytes.Length; i += group, next += step) *next = (sbyte)bytes[i];
            }
        }
    }

    /// <summary>Rounds an output's weights to bytes of one scale, which it returns with the bytes' sum.</summary>
    static (float Scale, int Sum) Quantise(ReadOnlySpan<float> row, Span<int> bytes)
    {
        Vector<float> most = Vector<float>.Zero;
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count) most = Vector.Max(most, Vector.Abs(new Vector<float>(row[i..])));
        var largest = 0f;
        for (var lane = 0; lane < Vector<float>.Count; lane++) largest = Math.Max(largest, most[lane]);
        for (; i < row.Length; i++) largest = Math.Max(largest, Math.Abs(row[i]));
        if (largest < RowScale.Least)
        {
            bytes.Clear();
            return default;
        }
        var factor = 127 / largest;
        var sums = Vector<int>.Zero;
        for (i = 0; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var rounded = Vector.ConvertToInt32(Vector.Round(new Vector<float>(row[i..]) * factor));
            rounded.CopyTo(bytes[i..]);
            sums += rounded;
        }
        var sum = Vector.Sum(sums);
        for (; i < row.Length; i++) sum += bytes[i] = (int)MathF.Round(row[i] * factor);
        return (largest / 127, sum);
    }

    /// <summary>n: number of outputs.</summary>
    public int Outputs { get; }

    /// <summary>k: number of inputs.</summary>
    public int Inputs { get; }

    /// <summary>Groups of inputs.</summary>
    public int Steps { get; }

    /// <summary>n values, padded with zeros to a multiple of 8; so are <see cref="Scale"/> and <see cref="Sums"/>.</summary>
    public float* Bias => _data.Pointer;

    /// <summary>What an output's bytes are multiplied by.</summary>
    public float* Scale => _data.Pointer + _padded;

    /// <summary>The sum of an output's bytes.</summary>
    public int* Sums => (int*)(_data.Pointer + 2 * _padded);

    /// <summary>The panels, one after another.</summary>
    public sbyte* Weights => (sbyte*)(_data.Pointer + 3 * _padded);

    public void Dispose() => _data.Dispose();
}

/// <summary>
/// How a row of activations becomes bytes: byte = round(value * Factor) + Zero with halves rounded to even, between 0 and 255;
/// value = (byte - Zero) * Scale. 254 steps between the lowest and the highest value, so that both can round outwards; zero is
/// always among them.
/// </summary>
/// <param name="Scale">NaN where the row's range is not finite, so that all its outputs are NaN; 0 where it is too small to scale.</param>
readonly record struct RowScale(float Factor, float Scale, int Zero)
{
    /// <summary>Smaller ranges than this count as zero, so that factors stay finite.</summary>
    public const float Least = 1e-30f;

    /// <param name="high">The largest of the values' bits as signed integers and 0: the highest value, with infinity and NaN
    /// above all numbers.</param>
    /// <param name="low">The largest of the values' bits as unsigned integers: the lowest value if one is negative, with infinity and NaN
    /// below all numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowScale Of(int high, uint low)
    {
        var lowest = (int)low < 0 ? BitConverter.UInt32BitsToSingle(low) : 0;
        var range = BitConverter.Int32BitsToSingle(high) - lowest;
        if (!float.IsFinite(range)) return new(0, float.NaN, 0);
        if (range < Least) return default;
        var factor = 254 / range;
        return new(factor, range / 254, (int)MathF.Round(-lowest * factor));
    }
}
