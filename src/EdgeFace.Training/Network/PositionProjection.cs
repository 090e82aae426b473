using EdgeFace.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>The Fourier position encoding of the second stage, projected to its channels: (tokens, channels).</summary>
sealed class PositionProjection : Module
{
    readonly PlainLinear _projection;
    readonly Tensor _features; // (tokens, 64)

    public PositionProjection(BankScope scope, int side) : base(nameof(PositionProjection))
    {
        var projection = scope.In("token_projection");
        register_module("token_projection", _projection = new(projection["weight"], projection["bias"]));
        _features = tensor(PositionEncoding.Features(side), side * side, 2 * EdgeFaceConfig.FourierHidden, dtype: scope.Bank.Values.dtype)
            .DetachFromDisposeScope();
    }

    public Tensor Encode() => _projection.forward(_features);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _features.Dispose();
        base.Dispose(disposing);
    }
}
