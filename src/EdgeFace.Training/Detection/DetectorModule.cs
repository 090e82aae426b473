using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Detection;

/// <summary>Stage 1 over the parameters of a bank; its state dict has the names and shapes of the model file.</summary>
sealed class DetectorModule : Module<Tensor, Tensor>
{
    readonly ConvLayer _stem;
    readonly SeparableConv[] _to8, _to16, _to32, _smooth, _heads;
    readonly ConvLayer[] _laterals, _outputs;
    readonly ScalarType _type;

    public DetectorModule(ParameterBank bank) : base(nameof(DetectorModule))
    {
        var layers = new LayerTree(this, bank);
        _type = bank.Values.dtype;
        _stem = layers.Dense("stem", 2);
        _to8 = layers.Chain(("s4.0", 2), ("s4.1", 1), ("s8.0", 2), ("s8.1", 1), ("s8.2", 1));
        _to16 = layers.Chain(("s16.0", 2), ("s16.1", 1), ("s16.2", 1));
        _to32 = layers.Chain(("s32.0", 2), ("s32.1", 1));
        _laterals = [layers.Dense("lat8"), layers.Dense("lat16"), layers.Dense("lat32")];
        _smooth = layers.Chain(("fpn8", 1), ("fpn16", 1), ("fpn32", 1));
        _heads = layers.Chain(("head8", 1), ("head16", 1), ("head32", 1));
        _outputs = [layers.Dense("out8", relu: false), layers.Dense("out16", relu: false), layers.Dense("out32", relu: false)];
    }

    /// <summary>
    /// The cells (windows, cells, 15) of windows (windows, height, width, 3) of bytes, RGB: those of stride 8, row by row, then of 16, then of 32.
    /// </summary>
    public override Tensor forward(Tensor windows)
    {
        var c3 = Through(_to8, _stem.forward(windows.permute(0, 3, 1, 2).to(_type).contiguous() / 127.5 - 1));
        var c4 = Through(_to16, c3);
        var c5 = Through(_to32, c4);
        var p5 = _smooth[2].forward(_laterals[2].forward(c5));
        var p4 = _smooth[1].forward(_laterals[1].forward(c4) + Doubled(p5));
        var p3 = _smooth[0].forward(_laterals[0].forward(c3) + Doubled(p4));
        return cat([Cells(0, p3), Cells(1, p4), Cells(2, p5)], 1);
    }

    Tensor Cells(int level, Tensor map)
        => _outputs[level].forward(_heads[level].forward(map)).permute(0, 2, 3, 1).reshape(map.shape[0], -1, DetectorLayers.CellChannels);

    static Tensor Through(SeparableConv[] layers, Tensor map) => layers.Aggregate(map, (m, layer) => layer.forward(m));

    static Tensor Doubled(Tensor map) => functional.interpolate(map, scale_factor: [2.0, 2.0], mode: InterpolationMode.Nearest);
}
