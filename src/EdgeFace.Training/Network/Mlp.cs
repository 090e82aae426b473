using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>map + gamma * fc2(gelu(fc1(norm(x)))) with the exact GELU; the norm's scale and shift and gamma are folded into the layers.</summary>
sealed class Mlp : Module
{
    readonly LinearLayer _fc1, _fc2;
    readonly ScalarType? _products;

    /// <param name="products">The type in which linear layers are computed; null for that of their input.</param>
    public Mlp(BankScope scope, ScalarType? products) : base(nameof(Mlp))
    {
        _products = products;
        register_module("fc1", _fc1 = scope.Linear("fc1"));
        register_module("fc2", _fc2 = scope.Linear("fc2"));
    }

    public Tensor AddTo(Tensor map, Tensor input, ChannelNorm norm, Tensor gamma)
    {
        var hidden = functional.gelu(_fc1.Folded(Cast(norm.Normalise(input)), norm.Scale, norm.Shift, null));
        return map + _fc2.Folded(hidden, null, null, gamma).to(map.dtype);
    }

    Tensor Cast(Tensor tensor) => _products is { } type ? tensor.to(type) : tensor;
}
