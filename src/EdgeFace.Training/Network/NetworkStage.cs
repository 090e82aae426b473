using EdgeFace.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>Downsampling, but for the first stage, and the blocks.</summary>
sealed class NetworkStage : Module<Tensor, Tensor>
{
    readonly Module<Tensor, Tensor>[] _downsample, _blocks;

    public NetworkStage(BankScope scope, EdgeFaceConfig config, int stage, ScalarType? products) : base(nameof(NetworkStage))
    {
        _downsample = stage == 0 ? [] : [new ChannelNorm(scope.In("downsample.0")), new PatchConv(scope.In("downsample.1"))];
        _blocks = [.. Enumerable.Range(0, config.Depths[stage]).Select(b => Block(scope.In($"blocks.{b}"), config.IsAttention(stage, b)))];
        if (stage > 0) register_module("downsample", ModuleList(_downsample));
        register_module("blocks", ModuleList(_blocks));

        Module<Tensor, Tensor> Block(BankScope block, bool attention)
            => attention ? new SplitTransposeBlock(block, stage, products) : new ConvBlock(block, products);
    }

    public override Tensor forward(Tensor map) => Trace(map, null);

    /// <summary>The stage's map, and in a list the map after each of its blocks.</summary>
    public Tensor Trace(Tensor map, List<Tensor>? blocks)
    {
        foreach (var layer in _downsample) map = layer.forward(map);
        foreach (var block in _blocks)
        {
            map = block.forward(map);
            blocks?.Add(map);
        }
        return map;
    }
}
