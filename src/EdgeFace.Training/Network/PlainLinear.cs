using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>y = x W^T + b over the last axis, computed in the type of its input whatever type the weights have.</summary>
public sealed class PlainLinear : Module<Tensor, Tensor>
{
    readonly Parameter _weight;
    readonly Parameter? _bias;

    /// <param name="weight">(out, in), or that of a convolution of one pixel, (out, in, 1, 1).</param>
    /// <param name="bias">(out), or null.</param>
    public PlainLinear(Parameter weight, Parameter? bias) : base(nameof(PlainLinear))
    {
        (_weight, _bias) = (weight, bias);
        register_parameter("weight", weight);
        if (bias is not null) register_parameter("bias", bias);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.linear(input, _weight.flatten(1).to(input.dtype), _bias?.to(input.dtype));
}
