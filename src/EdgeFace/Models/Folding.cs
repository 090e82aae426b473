using System.Numerics;
using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>Joins what surrounds a linear layer with its weights.</summary>
static unsafe class Folding
{
    /// <summary>Scales the columns of weight (bias.Length x scale.Length) and adds weight * shift, with the weight as it was, to the bias.</summary>
    public static void ScaleColumns(Span<float> weight, Span<float> bias, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift)
    {
        for (var o = 0; o < bias.Length; o++) bias[o] += DotAndScale(weight.Slice(o * scale.Length, scale.Length), scale, shift);
    }

    static float DotAndScale(Span<float> row, ReadOnlySpan<float> scale, ReadOnlySpan<float> shift)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = new Vector<float>(row[i..]);
            sums += values * new Vector<float>(shift[i..]);
            (values * new Vector<float>(scale[i..])).CopyTo(row[i..]);
        }
        var sum = Vector.Sum(sums);
        for (; i < row.Length; i++)
        {
            sum += row[i] * shift[i];
            row[i] *= scale[i];
        }
        return sum;
    }

    /// <summary>Scales the rows of weight (outputs x any) and the bias, by one factor an output.</summary>
    public static void ScaleRows(Span<float> weight, Span<float> bias, ReadOnlySpan<float> factors)
    {
        var inner = weight.Length / factors.Length;
        for (var o = 0; o < factors.Length; o++)
        {
            var factor = factors[o];
            foreach (ref var value in weight.Slice(o * inner, inner)) value *= factor;
            bias[o] *= factor;
        }
    }

    /// <summary>product = expand (outputs x rank) times reduce (rank x inputs), and bias += expand times reduceBias.</summary>
    public static void Multiply(KernelSet kernels, ReadOnlySpan<float> expand, Span<float> bias,
        ReadOnlySpan<float> reduce, ReadOnlySpan<float> reduceBias, Span<float> product)
    {
        int rank = reduceBias.Length, outputs = bias.Length, inputs = product.Length / outputs, whole = inputs & ~7;
        fixed (float* e = expand, r = reduce, p = product)
            if (whole > 0) kernels.MatMul(e, rank, 1, r, inputs, p, inputs, outputs, rank, whole);
        for (var o = 0; o < outputs; o++)
        {
            var row = expand.Slice(o * rank, rank);
            for (var i = whole; i < inputs; i++) product[o * inputs + i] = Column(row, reduce[i..], inputs);
            bias[o] += Column(row, reduceBias, 1);
        }
    }

    static float Column(ReadOnlySpan<float> row, ReadOnlySpan<float> column, int step)
    {
        var sum = 0f;
        for (var r = 0; r < row.Length; r++) sum += row[r] * column[r * step];
        return sum;
    }
}
