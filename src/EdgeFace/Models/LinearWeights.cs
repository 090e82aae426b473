using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>
/// A linear layer's parameters on their way to being packed, so that what surrounds the layer can be folded in: the affine part of the
/// LayerNorm before it, the layer scale after it, and the padded order of the attention heads.
/// </summary>
sealed class LinearWeights
{
    const double WorthTwoProducts = 0.85;

    readonly float[]? _reduce;   // (rank, in) of LoRaLin
    float[] _reduceBias = [];    // rank values once a norm was folded in
    float[] _weight;             // (out, in), or (out, rank)
    float[] _bias;
    readonly int _rank;
    readonly bool _int8;
    int _in, _out;

    /// <param name="int8">
    /// Whether a parameter is stored as int8 per output. Such a layer is computed in bytes, quantised again after folding: where only the layer scale
    /// was folded in, these are the stored bytes.
    /// </param>
    public LinearWeights(Func<string, float[]> parameter, Func<string, bool> int8, EdgeFaceConfig config, string name, int input, int output)
    {
        (_in, _out) = (input, output);
        _int8 = int8(name + (config.Gamma is null ? ".weight" : ".linear2.weight"));
        if (config.Gamma is { } gamma)
        {
            _rank = EdgeFaceConfig.LoRaRank(input, output, gamma);
            _reduce = parameter(name + ".linear1.weight");
            _weight = parameter(name + ".linear2.weight");
            _bias = parameter(name + ".linear2.bias");
        }
        else
        {
            _weight = parameter(name + ".weight");
            _bias = parameter(name + ".bias");
        }
    }

    /// <summary>Before a normalised input times scale plus shift: W (x * scale + shift) + b = (W scale) x + (W shift + b).</summary>
    public LinearWeights AfterNorm(float[] scale, float[] shift)
    {
        if (_reduce is null)
        {
            _bias = Folding.ScaleColumns(_weight, _bias, scale, shift);
        }
        else
        {
            _reduceBias = Folding.ScaleColumns(_reduce, new float[_rank], scale, shift);
        }
        return this;
    }

    /// <summary>Times the layer scale gamma, one value an output.</summary>
    public LinearWeights TimesLayerScale(float[] gamma)
    {
        var inner = _weight.Length / _out;
        for (var o = 0; o < _out; o++)
        {
            for (var i = 0; i < inner; i++) _weight[o * inner + i] *= gamma[o];
            _bias[o] *= gamma[o];
        }
        return this;
    }

    /// <summary>Outputs [parts][heads][width / heads] become [parts][heads][padded], with zeros between.</summary>
    public LinearWeights WithPaddedHeadOutputs(int parts, int heads, int padded)
    {
        int width = _out / parts / heads, inner = _weight.Length / _out, rows = parts * heads * padded;
        var weight = new float[rows * inner];
        var bias = new float[rows];
        for (var o = 0; o < _out; o++)
        {
            var row = o / width * padded + o % width;
            _weight.AsSpan(o * inner, inner).CopyTo(weight.AsSpan(row * inner));
            bias[row] = _bias[o];
        }
        (_weight, _bias, _out) = (weight, bias, rows);
        return this;
    }

    /// <summary>Inputs [heads][width / heads] become [heads][padded], with zero weights between.</summary>
    public LinearWeights WithPaddedHeadInputs(int heads, int padded)
    {
        int width = _in / heads, columns = heads * padded;
        var source = _reduce ?? _weight;
        var rows = source.Length / _in;
        var wide = new float[rows * columns];
        for (var r = 0; r < rows; r++)
            for (var h = 0; h < heads; h++)
                source.AsSpan(r * _in + h * width, width).CopyTo(wide.AsSpan(r * columns + h * padded));
        if (_reduce is null) _weight = wide;
        return new LinearWeights(_reduce is null ? null : wide, _reduceBias, _weight, _bias, _rank, _int8, columns, _out);
    }

    LinearWeights(float[]? reduce, float[] reduceBias, float[] weight, float[] bias, int rank, bool int8, int input, int output)
        => (_reduce, _reduceBias, _weight, _bias, _rank, _int8, _in, _out) = (reduce, reduceBias, weight, bias, rank, int8, input, output);

    /// <summary>
    /// LoRaLin is one matrix again where two thin products save too little arithmetic to make up for the second pass and the padded rank.
    /// </summary>
    public Linear Pack(KernelSet kernels)
    {
        if (_reduce is null) return new(null, Product(_weight, _bias, _out, _in));
        long thin = KernelSet.Stride(_rank) * _in + _rank * KernelSet.Stride(_out), whole = _in * KernelSet.Stride(_out);
        if (thin > WorthTwoProducts * whole)
        {
            var (weight, bias) = Folding.Multiply(_weight, _bias, _reduce, _reduceBias, _out, _rank, _in);
            return new(null, Product(weight, bias, _out, _in));
        }
        return new(Product(_reduce, _reduceBias, _rank, _in), Product(_weight, _bias, _out, _rank));

        Product Product(float[] weight, float[] bias, int n, int k) => _int8 ? new(kernels.Pack8(weight, bias, n, k)) : new(kernels.Pack(weight, bias, n, k));
    }
}

static class Folding
{
    /// <summary>expand (reduce x + reduceBias) + bias as one layer; reduceBias may be empty.</summary>
    public static (float[] Weight, float[] Bias) Multiply(float[] expand, float[] bias, float[] reduce, float[] reduceBias, int outputs, int rank, int inputs)
    {
        var (weight, folded) = (new float[outputs * inputs], new float[outputs]);
        var sums = new double[inputs];
        for (var o = 0; o < outputs; o++)
        {
            Array.Clear(sums);
            double shift = bias[o];
            for (var r = 0; r < rank; r++)
            {
                double e = expand[o * rank + r];
                for (var i = 0; i < inputs; i++) sums[i] += e * reduce[r * inputs + i];
                if (reduceBias.Length > 0) shift += e * reduceBias[r];
            }
            for (var i = 0; i < inputs; i++) weight[o * inputs + i] = (float)sums[i];
            folded[o] = (float)shift;
        }
        return (weight, folded);
    }

    /// <summary>Scales the columns of weight (outputs x scale.Length) in place and returns bias + weight * shift with the weight as it was.</summary>
    public static float[] ScaleColumns(float[] weight, float[] bias, float[] scale, float[] shift)
    {
        var columns = scale.Length;
        var folded = new float[bias.Length];
        for (var o = 0; o < bias.Length; o++)
        {
            double sum = bias[o];
            for (var i = 0; i < columns; i++)
            {
                sum += (double)weight[o * columns + i] * shift[i];
                weight[o * columns + i] *= scale[i];
            }
            folded[o] = (float)sum;
        }
        return folded;
    }
}
