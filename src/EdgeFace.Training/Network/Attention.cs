using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>Cross-covariance attention: for each head a map of channels by channels, q and k of length 1 along the tokens.</summary>
sealed class Attention : Module
{
    const double Epsilon = 1e-12;

    readonly Parameter _temperature;
    readonly LinearLayer _qkv, _proj;
    readonly ScalarType? _products;

    /// <param name="products">The type in which linear layers are computed; null for that of their input.</param>
    public Attention(BankScope scope, ScalarType? products) : base(nameof(Attention))
    {
        _products = products;
        register_parameter("temperature", _temperature = scope["temperature"]);
        register_module("qkv", _qkv = scope.Linear("qkv"));
        register_module("proj", _proj = scope.Linear("proj"));
    }

    /// <summary>tokens + gamma * attention(norm(tokens)); tokens are (images, tokens, channels).</summary>
    public Tensor AddTo(Tensor tokens, ChannelNorm norm, Tensor gamma)
    {
        long images = tokens.shape[0], count = tokens.shape[1], channels = tokens.shape[2], heads = _temperature.shape[0];
        // (3, images, heads, channels / heads, tokens)
        var parts = _qkv.Folded(Cast(norm.Normalise(tokens)), norm.Scale, norm.Shift, null).to(tokens.dtype)
            .reshape(images, count, 3, heads, channels / heads).permute(2, 0, 3, 4, 1);
        Tensor q = functional.normalize(parts[0], dim: -1, eps: Epsilon), k = functional.normalize(parts[1], dim: -1, eps: Epsilon);
        var map = functional.softmax(q.matmul(k.transpose(-2, -1)) * _temperature, -1);
        var merged = map.matmul(parts[2]).permute(0, 3, 1, 2).reshape(images, count, channels);
        return tokens + _proj.Folded(Cast(merged), null, null, gamma).to(tokens.dtype);
    }

    Tensor Cast(Tensor tensor) => _products is { } type ? tensor.to(type) : tensor;
}
