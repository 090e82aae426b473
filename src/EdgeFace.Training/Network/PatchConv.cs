using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>A convolution whose stride is its kernel's side, as a product of patches; rows and columns that fill no patch are left out.</summary>
sealed class PatchConv : Module<Tensor, Tensor>
{
    readonly Parameter _weight, _bias;
    readonly long _side;

    public PatchConv(BankScope scope) : base(nameof(PatchConv))
    {
        register_parameter("weight", _weight = scope["weight"]);
        register_parameter("bias", _bias = scope["bias"]);
        _side = _weight.shape[^1];
    }

    /// <param name="map">(images, height, width, channels).</param>
    public override Tensor forward(Tensor map)
    {
        long images = map.shape[0], rows = map.shape[1] / _side, columns = map.shape[2] / _side, channels = map.shape[3];
        var patches = map.narrow(1, 0, rows * _side).narrow(2, 0, columns * _side).reshape(images, rows, _side, columns, _side, channels)
            .permute(0, 1, 3, 2, 4, 5).reshape(images, rows, columns, _side * _side * channels);
        // The weight's input channels come first in a checkpoint and last in a patch.
        return functional.linear(patches, _weight.permute(0, 2, 3, 1).reshape(_weight.shape[0], -1), _bias);
    }
}
