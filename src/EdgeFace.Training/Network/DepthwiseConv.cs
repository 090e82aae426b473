using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>A depthwise convolution of stride 1 that keeps the size; maps are (images, height, width, channels).</summary>
sealed class DepthwiseConv : Module<Tensor, Tensor>
{
    readonly Parameter _weight, _bias;
    readonly long _padding;

    public DepthwiseConv(BankScope scope) : base(nameof(DepthwiseConv))
    {
        register_parameter("weight", _weight = scope["weight"]);
        register_parameter("bias", _bias = scope["bias"]);
        _padding = _weight.shape[^1] / 2;
    }

    public override Tensor forward(Tensor map)
        => functional.conv2d(map.permute(0, 3, 1, 2), _weight, _bias, padding: [_padding, _padding], groups: _weight.shape[0]).permute(0, 2, 3, 1);
}
