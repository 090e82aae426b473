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

    /// <summary>What a layer behind the norm multiplies its input with, instead of the norm.</summary>
    public Tensor Scale => _weight;

    /// <summary>What a layer behind the norm adds to its input, instead of the norm.</summary>
    public Tensor Shift => _bias;

    /// <summary>Mean zero and deviation one, without scale and shift.</summary>
    public Tensor Normalise(Tensor input) => functional.layer_norm(input, _weight.shape, null, null, Epsilon);

    public override Tensor forward(Tensor input) => functional.layer_norm(input, _weight.shape, _weight, _bias, Epsilon);
}
