using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>
/// A linear layer's parameters on their way to being packed, so that what surrounds the layer can be folded in: the affine part of the
/// LayerNorm before it, the layer scale after it, and the padded order of the attention heads.
/// </summary>
sealed class LinearWeights
{
    const double WorthTwoProducts = 0.85;

    readonly Parameters _parameters;
    readonly bool _int8;
    readonly int _rank;                   // 0 where the layer is plain
    readonly Memory<float> _reduceBias;   // rank values: zero until a norm is folded in
    Memory<float> _reduce;                // (rank, in) of LoRaLin
    Memory<float> _weight;                // (out, in), or (out, rank)
    Memory<float> _bias;
    int _in, _out;

    /// <remarks>
    /// A layer that is stored as int8 per output is computed in bytes, quantised again after folding: where only the layer scale was folded
    /// in, these are the stored bytes.
    /// </remarks>
    public LinearWeights(Parameters parameters, EdgeFaceConfig config, string name, int input, int output)
    {
        (_parameters, _in, _out) = (parameters, input, output);
        _rank = config.RankOf(name, input, output);
        _int8 = parameters.IsInt8(name + (_rank == 0 ? ".weight" : ".linear2.weight"));
        if (_rank > 0)
        {
            _reduce = parameters.Read(name + ".linear1.weight", _rank * input);
            _reduceBias = parameters.Zeros(_rank);
            name += ".linear2";
        }
        _weight = parameters.Read(name + ".weight", output * (_rank > 0 ? _rank : input));
        _bias = parameters.Read(name + ".bias", output);
    }

    /// <summary>Before a normalised input times scale plus shift: W (x * scale + shift) + b = (W scale) x + (W shift + b).</summary>
    public LinearWeights AfterNorm(string norm)
    {
        ReadOnlySpan<float> scale = _parameters.Read(norm + ".weight", _in).Span, shift = _parameters.Read(norm + ".bias", _in).Span;
        if (_rank > 0) Folding.ScaleColumns(_reduce.Span, _reduceBias.Span, scale, shift);
        else Folding.ScaleColumns(_weight.Span, _bias.Span, scale, shift);
        return this;
    }

    /// <summary>Times the layer scale, one value an output.</summary>
    public LinearWeights TimesLayerScale(string gamma)
    {
        Folding.ScaleRows(_weight.Span, _bias.Span, _parameters.Read(gamma, _out).Span);
        return this;
    }

    /// <summary>Outputs [parts][heads][width / heads] become [parts][heads][padded], with zeros between.</summary>
    public LinearWeights WithPaddedHeadOutputs(int parts, int heads, int padded)
    {
        int width = _out / parts / heads, inner = _weight.Length / _out, rows = parts * heads * padded;
        Memory<float> weight = _parameters.Zeros(rows * inner), bias = _parameters.Zeros(rows);
        for (var o = 0; o < _out; o += width)
        {
            var row = o / width * padded;
            _weight.Slice(o * inner, width * inner).CopyTo(weight[(row * inner)..]);
            _bias.Slice(o, width).CopyTo(bias[row..]);
        }
        (_weight, _bias, _out) = (weight, bias, rows);
        return this;
    }

    /// <summary>Inputs [heads][width / heads] become [heads][padded], with zero weights between.</summary>
    public LinearWeights WithPaddedHeadInputs(int heads, int padded)
    {
        int width = _in / heads, columns = heads * padded;
        var source = _rank > 0 ? _reduce : _weight;
        var rows = source.Length / _in;
        var wide = _parameters.Zeros(rows * columns);
        for (var r = 0; r < rows; r++)
            for (var h = 0; h < heads; h++)
                source.Slice(r * _in + h * width, width).Span.CopyTo(wide.Span[(r * columns + h * padded)..]);
        if (_rank > 0) _reduce = wide;
        else _weight = wide;
        _in = columns;
        return this;
    }

    /// <summary>
    /// LoRaLin is one matrix again where two thin products save too little arithmetic to make up for the second pass and the padded rank.
    /// </summary>
    public Linear Pack(KernelSet kernels)
    {
        long thin = KernelSet.Stride(_rank) * _in + _rank * KernelSet.Stride(_out), whole = _in * KernelSet.Stride(_out);
        Product? reduce = null;
        if (_rank > 0 && thin > WorthTwoProducts * whole)
        {
            var product = _parameters.Zeros(_out * _in);
            Folding.Multiply(kernels, _weight.Span, _bias.Span, _reduce.Span, _reduceBias.Span, product.Span);
            _weight = product;
        }
        else if (_rank > 0)
        {
            reduce = Product(_reduce, _reduceBias, _rank, _in);
        }
        var linear = new Linear(reduce, Product(_weight, _bias, _out, _weight.Length / _out));
        _parameters.Release();
        return linear;

        Product Product(Memory<float> weight, Memory<float> bias, int n, int k)
            => _int8 ? new(kernels.Pack8(weight.Span, bias.Span, n, k)) : new(kernels.Pack(weight.Span, bias.Span, n, k));
    }
}
