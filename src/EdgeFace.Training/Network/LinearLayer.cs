using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>A linear map of the last axis, plain or of low rank.</summary>
public abstract class LinearLayer : Module<Tensor, Tensor>
{
    private protected LinearLayer(string name) : base(name) { }

    /// <summary>The layer's map: (…, in) to (…, out), in the type of the input.</summary>
    public override Tensor forward(Tensor input) => Folded(input, null, null, null);

    /// <summary>
    /// scale * layer(input * inputScale + inputShift), where all three go into the weights, which are much smaller than the maps. Computed in the
    /// type of the input, whatever type the weights have.
    /// </summary>
    internal abstract Tensor Folded(Tensor input, Tensor? inputScale, Tensor? inputShift, Tensor? scale);
}
