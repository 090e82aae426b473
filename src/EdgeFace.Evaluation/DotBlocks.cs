using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeFace.Evaluation;

/// <summary>
/// Dot products of every row of one block with every row of another. Whatever the place of a pair in its block, its products are added in
/// the same order, so that its score is the same number in blocks of any size.
/// </summary>
static class DotBlocks
{
    /// <summary>Rows of a block: 64 rows of 512 floats stay in a second-level cache beside another block.</summary>
    public const int Rows = 64;

    /// <summary><c>scores[r * columns + c] = clamp(sum over k of a[r, k] * b[c, k], -1, 1)</c>.</summary>
    /// <param name="a">rows x dimension.</param>
    /// <param name="b">columns x dimension.</param>
    public static void Compute(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int dimension, Span<float> scores)
    {
        int rows = a.Length / dimension, columns = b.Length / dimension;
        for (var r = 0; r < rows; r += 2)
        {
            // An odd last row is computed twice, into the same place.
            var second = Math.Min(r + 1, rows - 1);
            ReadOnlySpan<float> a0 = a.Slice(r * dimension, dimension), a1 = a.Slice(second * dimension, dimension);
            var c = 0;
            for (; c + 4 <= columns; c += 4)
                TwoByFour(a0, a1, b.Slice(c * dimension, 4 * dimension), scores.Slice(r * columns + c, 4), scores.Slice(second * columns + c, 4));
            for (; c < columns; c++)
            {
                var row = b.Slice(c * dimension, dimension);
                scores[r * columns + c] = One(a0, row);
                scores[second * columns + c] = One(a1, row);
            }
        }
    }

    // Eight sums in flight hide the latency of the multiply-add, and each value loaded serves two or four of them.
    static void TwoByFour(ReadOnlySpan<float> a0, ReadOnlySpan<float> a1, ReadOnlySpan<float> b, Span<float> to0, Span<float> to1)
    {
        int n = a0.Length, whole = n - n % Vector<float>.Count;
        ref float p0 = ref MemoryMarshal.GetReference(a0), p1 = ref MemoryMarshal.GetReference(a1), q0 = ref MemoryMarshal.GetReference(b);
        ref float q1 = ref Unsafe.Add(ref q0, n), q2 = ref Unsafe.Add(ref q0, 2 * n), q3 = ref Unsafe.Add(ref q0, 3 * n);
        Vector<float> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        for (var k = 0; k < whole; k += Vector<float>.Count)
        {
            Vector<float> x0 = Vector.LoadUnsafe(ref p0, (nuint)k), x1 = Vector.LoadUnsafe(ref p1, (nuint)k);
            var y = Vector.LoadUnsafe(ref q0, (nuint)k);
            s00 = Vector.MultiplyAddEstimate(x0, y, s00);
            s10 = Vector.MultiplyAddEstimate(x1, y, s10);
            y = Vector.LoadUnsafe(ref q1, (nuint)k);
            s01 = Vector.MultiplyAddEstimate(x0, y, s01);
            s11 = Vector.MultiplyAddEstimate(x1, y, s11);
            y = Vector.LoadUnsafe(ref q2, (nuint)k);
            s02 = Vector.MultiplyAddEstimate(x0, y, s02);
            s12 = Vector.MultiplyAddEstimate(x1, y, s12);
            y = Vector.LoadUnsafe(ref q3, (nuint)k);
            s03 = Vector.MultiplyAddEstimate(x0, y, s03);
            s13 = Vector.MultiplyAddEstimate(x1, y, s13);
        }
        to0[0] = Finish(s00, a0, b[..n], whole);
        to0[1] = Finish(s01, a0, b.Slice(n, n), whole);
        to0[2] = Finish(s02, a0, b.Slice(2 * n, n), whole);
        to0[3] = Finish(s03, a0, b.Slice(3 * n, n), whole);
        to1[0] = Finish(s10, a1, b[..n], whole);
        to1[1] = Finish(s11, a1, b.Slice(n, n), whole);
        to1[2] = Finish(s12, a1, b.Slice(2 * n, n), whole);
        to1[3] = Finish(s13, a1, b.Slice(3 * n, n), whole);
    }

    static float One(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var whole = a.Length - a.Length % Vector<float>.Count;
        ref float p = ref MemoryMarshal.GetReference(a), q = ref MemoryMarshal.GetReference(b);
        Vector<float> sum = default;
        for (var k = 0; k < whole; k += Vector<float>.Count)
            sum = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref p, (nuint)k), Vector.LoadUnsafe(ref q, (nuint)k), sum);
        return Finish(sum, a, b, whole);
    }

    static float Finish(Vector<float> sum, ReadOnlySpan<float> a, ReadOnlySpan<float> b, int from)
    {
        var total = Vector.Sum(sum);
        for (var k = from; k < a.Length; k++) total += a[k] * b[k];
        return Math.Clamp(total, -1f, 1f);
    }
}
