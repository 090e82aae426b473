using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Optimisers;

/// <summary>
/// Muon (Jordan et al., 2024) for the matrices of linear layers: momentum whose singular values are made nearly one by five steps of Newton and
/// Schulz, matrices of one shape together. An update is scaled by 0.2 sqrt(max(rows, columns)) (Liu et al., 2025), so that its entries have the
/// size of AdamW's.
/// </summary>
sealed class Muon : IDisposable
{
    // The quintic of Jordan's article: steep at zero, and within 0.7 and 1.2 after five steps.
    const double A = 3.4445, B = -4.7750, C = 2.0315;
    const int Steps = 5;
    const double Epsilon = 1e-7;

    readonly ParameterBank _bank;
    readonly double _momentum;
    readonly ScalarType _products;

    /// <param name="products">The type in which singular values are moved; null for the bank's own.</param>
    public Muon(ParameterBank bank, ScalarType? products = null, double momentum = 0.95)
    {
        (_bank, _products, _momentum) = (bank, products ?? bank.Values.dtype, momentum);
        Momentum = zeros_like(bank.Values).DetachFromDisposeScope();
    }

    /// <summary>Laid out as the bank; of the matrices alone it is anything but zero.</summary>
    public Tensor Momentum { get; }

    /// <summary>One step with the gradients of the bank.</summary>
    public void Step(double rate, double decay)
    {
        using var grad = no_grad();
        foreach (var stack in _bank.Stacks)
        {
            using var scope = NewDisposeScope();
            Tensor gradients = stack.Of(_bank.Gradients), momentum = stack.Of(Momentum);
            momentum.mul_(_momentum).add_(gradients, 1 - _momentum);
            // Nesterov's: where the momentum will be, not where it is.
            var update = Orthogonalise(gradients * (1 - _momentum) + momentum * _momentum, _products);
            stack.Of(_bank.Values).mul_(1 - rate * decay).add_(update, -rate * 0.2 * Math.Sqrt(Math.Max(stack.Rows, stack.Columns)));
        }
    }

    /// <summary>Each matrix of a stack (count, rows, columns) with its singular values moved to nearly one.</summary>
    internal static Tensor Orthogonalise(Tensor matrices, ScalarType products)
    {
        var tall = matrices.shape[1] > matrices.shape[2];
        var x = tall ? matrices.transpose(1, 2) : matrices;
        x = (x / (x.square().sum([1, 2], keepdim: true).sqrt_() + Epsilon)).to(products);
        for (var i = 0; i < Steps; i++)
        {
            var square = x.bmm(x.transpose(1, 2));
            x = square.bmm(square).mul_(C).add_(square, B).bmm(x).add_(x, A);
        }
        return (tall ? x.transpose(1, 2) : x).to(matrices.dtype);
    }

    public void Dispose() => Momentum.Dispose();
}
