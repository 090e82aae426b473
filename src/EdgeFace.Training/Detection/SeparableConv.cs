using EdgeFace.Training.Network;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Detection;

/// <summary>A depthwise 3 x 3 convolution and a pointwise one, each with ReLU.</summary>
sealed class SeparableConv : Module<Tensor, Tensor>
{
    readonly ConvLayer _depthwise, _pointwise;

    public SeparableConv(BankScope scope, int stride = 1) : base(nameof(SeparableConv))
    {
        register_module("dw", _depthwise = new(scope.In("dw"), stride, depthwise: true));
        register_module("pw", _pointwise = new(scope.In("pw")));
    }

    public override Tensor forward(Tensor map) => _pointwise.forward(_depthwise.forward(map));
}
