using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>x + gamma * mlp(norm(conv_dw(x))).</summary>
sealed class ConvBlock : Module<Tensor, Tensor>
{
    readonly Parameter _gamma;
    readonly DepthwiseConv _conv;
    readonly ChannelNorm _norm;
    readonly Mlp _mlp;

    /// <param name="products">The type in which linear layers are computed; null for that of their input.</param>
    public ConvBlock(BankScope scope, ScalarType? products) : base(nameof(ConvBlock))
    {
        register_parameter("gamma", _gamma = scope["gamma"]);
        register_module("conv_dw", _conv = new(scope.In("conv_dw")));
        register_module("norm", _norm = new(scope.In("norm")));
        register_module("mlp", _mlp = new(scope.In("mlp"), products));
    }

    public override Tensor forward(Tensor map) => _mlp.AddTo(map, _conv.forward(map), _norm, _gamma);
}
