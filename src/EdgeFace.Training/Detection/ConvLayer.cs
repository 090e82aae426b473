using EdgeFace.Training.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Detection;

/// <summary>A convolution with bias, padded by half its kernel, then ReLU where it has one; maps are (images, channels, height, width).</summary>
sealed class ConvLayer : Module<Tensor, Tensor>
{
    readonly Parameter _weight, _bias;
    readonly long _stride, _padding, _groups;
    readonly bool _relu;

    /// <param name="padded">Whether the map keeps its size over the stride; otherwise there is no padding.</param>
    public ConvLayer(BankScope scope, int stride = 1, bool depthwise = false, bool relu = true, bool padded = true) : base(nameof(ConvLayer))
    {
        register_parameter("weight", _weight = scope["weight"]);
        register_parameter("bias", _bias = scope["bias"]);
        (_stride, _relu, _padding, _groups) = (stride, relu, padded ? _weight.shape[^1] / 2 : 0, depthwise ? _weight.shape[0] : 1);
    }

    public override Tensor forward(Tensor map)
    {
        var next = functional.conv2d(map, _weight, _bias, strides: [_stride, _stride], padding: [_padding, _padding], groups: _groups);
        return _relu ? functional.relu(next, inplace: true) : next;
    }
}
