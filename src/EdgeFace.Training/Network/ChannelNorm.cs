using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>LayerNorm over channels, which are the last axis.</summary>
sealed class ChannelNorm : Module<Tensor, Tensor>
{
    const double Epsilon = 1e-6;

    readonly Parameter _weight, _bias;

    public ChannelNorm(BankScope scope) : base(nameof(ChannelNorm))
    {
        register_parameter("weight", _weight = scope["weight"]);
        register_parameter("bias", _bias = scope["bias"]);
    }

    public override Tensor forward(Tensor input) => functional.layer_norm(input, _weight.shape, _weight, _bias, Epsilon);
}
