using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Detection;

/// <summary>Stage 2 over the parameters of a bank; its state dict has the names and shapes of the model file.</summary>
sealed class RefinerModule : Module<Tensor, Tensor>
{
    readonly ConvLayer _stem, _pool, _out;
    readonly SeparableConv[] _chain;
    readonly ScalarType _type;

    public RefinerModule(ParameterBank bank) : base(nameof(RefinerModule))
    {
        var layers = new LayerTree(this, bank);
        _type = bank.Values.dtype;
        _stem = layers.Dense("stem", 2);
        _chain = layers.Chain(("r4", 2), ("r8.0", 2), ("r8.1", 1), ("r16.0", 2), ("r16.1", 1));
        _pool = layers.Dense("pool", padded: false);
        _out = layers.Dense("out", relu: false);
    }

    /// <summary>The outputs (patches, 11) of patches (patches, 64, 64, 3) of bytes, RGB.</summary>
    public override Tensor forward(Tensor patches)
    {
        var map = _stem.forward(patches.permute(0, 3, 1, 2).to(_type).contiguous() / 127.5 - 1);
        map = _chain.Aggregate(map, (m, layer) => layer.forward(m));
        return _out.forward(_pool.forward(map)).flatten(1);
    }
}
