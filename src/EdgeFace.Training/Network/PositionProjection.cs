using EdgeFace.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>The Fourier position encoding of the second stage, projected to its channels: (tokens, channels).</summary>
sealed class PositionProjection : Module
{
    readonly Parameter _weight, _bias;
    readonly Tensor _features; // (tokens, 64)

    public PositionProjection(BankScope scope, int side) : base(nameof(PositionProjection))
    {
        var projection = scope.In("token_projection");
        (_weight, _bias) = (projection["weight"], projection["bias"]);
        register_module("token_projection", new PlainLinear(_weight, _bias));
        _features = tensor(PositionEncoding.Features(side), side * side, 2 * EdgeFaceConfig.FourierHidden, dtype: _weight.dtype).DetachFromDisposeScope();
    }

    public Tensor Encode() => functional.linear(_features, _weight.flatten(1), _bias);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _features.Dispose();
        base.Dispose(disposing);
    }
}
