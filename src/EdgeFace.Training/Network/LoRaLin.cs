using EdgeFace.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EdgeFace.Training.Network;

/// <summary>
/// The paper's low-rank linear layer: y = (x A^T) B^T + b with A (rank, in) and B (out, rank), where rank = max(2, floor(gamma * min(in, out))).
/// Its parameters are <c>linear1.weight</c>, <c>linear2.weight</c> and, with a bias, <c>linear2.bias</c>.
/// </summary>
public sealed class LoRaLin : LinearLayer
{
    readonly PlainLinear _first, _second;

    /// <summary>A layer of its own, started as the paper does: weights from a normal distribution of deviation 0.02 cut at two deviations, bias
    /// zero.</summary>
    /// <param name="inFeatures">Width of the input, at least 1.</param>
    /// <param name="outFeatures">Width of the output, at least 1.</param>
    /// <param name="gamma">The rank ratio, in (0, 1].</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <exception cref="ArgumentOutOfRangeException">A width is not positive, or gamma is outside (0, 1].</exception>
    public LoRaLin(int inFeatures, int outFeatures, double gamma, bool bias = true) : this(
        Initial(RankOf(inFeatures, outFeatures, gamma), inFeatures), Initial(outFeatures, RankOf(inFeatures, outFeatures, gamma)),
        bias ? Zeros(outFeatures) : null)
    {
    }

    internal LoRaLin(Parameter first, Parameter second, Parameter? bias) : base(nameof(LoRaLin))
    {
        Rank = (int)first.shape[0];
        register_module("linear1", _first = new(first, null));
        register_module("linear2", _second = new(second, bias));
    }

    /// <summary>Rows of the first matrix: max(2, floor(gamma min(in, out))).</summary>
    public int Rank { get; }

    internal override Tensor Folded(Tensor input, Tensor? inputScale, Tensor? inputShift, Tensor? scale)
        => _second.Folded(_first.Folded(input, inputScale, inputShift, null), null, null, scale);

    static int RankOf(int inFeatures, int outFeatures, double gamma)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inFeatures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outFeatures, 1);
        if (!(gamma > 0 && gamma <= 1)) throw new ArgumentOutOfRangeException(nameof(gamma), gamma, "LoRaLin's rank ratio lies in (0, 1].");
        return EdgeFaceConfig.LoRaRank(inFeatures, outFeatures, gamma);
    }

    static Parameter Initial(int rows, int columns) => new(Start.TruncatedNormal(null, rows, columns));

    static Parameter Zeros(int length) => new(zeros(length));
}
