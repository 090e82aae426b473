using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EdgeFace.Training.Network;

/// <summary>y = x W^T + b over the last axis.</summary>
sealed class PlainLinear : LinearLayer
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

    internal override Tensor Folded(Tensor input, Tensor? inputScale, Tensor? inputShift, Tensor? scale)
    {
        Tensor weight = _weight.flatten(1);
        Tensor? bias = _bias;
        if (inputShift is not null) bias = bias is null ? weight.mv(inputShift) : bias + weight.mv(inputShift);
        if (inputScale is not null) weight = weight * inputScale;
        if (scale is not null) (weight, bias) = (weight * scale.unsqueeze(1), bias is null ? null : bias * scale);
        return nn.functional.linear(input, weight.to(input.dtype), bias?.to(input.dtype));
    }
}
