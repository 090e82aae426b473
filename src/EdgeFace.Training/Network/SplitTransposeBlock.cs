using EdgeFace.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>
/// The last block of stages 1 to 3: groups of channels through a cascade of 3x3 convolutions, attention over channels, and the MLP, whose result
/// is added to the block's input.
/// </summary>
sealed class SplitTransposeBlock : Module<Tensor, Tensor>
{
    readonly Parameter _gammaXca, _gamma;
    readonly DepthwiseConv[] _convs;
    readonly PositionProjection? _position;
    readonly ChannelNorm _normXca, _norm;
    readonly Attention _xca;
    readonly Mlp _mlp;

    public SplitTransposeBlock(BankScope scope, int stage, ScalarType? products) : base(nameof(SplitTransposeBlock))
    {
        register_parameter("gamma_xca", _gammaXca = scope["gamma_xca"]);
        register_parameter("gamma", _gamma = scope["gamma"]);
        _convs = [.. Enumerable.Range(0, EdgeFaceConfig.Scales(stage) - 1).Select(i => new DepthwiseConv(scope.In($"convs.{i}")))];
        register_module("convs", ModuleList(_convs));
        if (stage == EdgeFaceConfig.FourierStage) register_module("pos_embd", _position = new(scope.In("pos_embd"), EdgeFaceConfig.MapSize(stage)));
        register_module("norm_xca", _normXca = new(scope.In("norm_xca")));
        register_module("xca", _xca = new(scope.In("xca"), products));
        register_module("norm", _norm = new(scope.In("norm")));
        register_module("mlp", _mlp = new(scope.In("mlp"), products));
    }

    public override Tensor forward(Tensor map)
    {
        long images = map.shape[0], side = map.shape[1], channels = map.shape[3];
        var tokens = Split(map).reshape(images, side * side, channels);
        if (_position is not null) tokens = tokens + _position.Encode();
        tokens = _xca.AddTo(tokens, _normXca, _gammaXca);
        return _mlp.AddTo(map.view(tokens.shape), tokens, _norm, _gamma).view(map.shape);
    }

    Tensor Split(Tensor map)
    {
        var groups = map.chunk(_convs.Length + 1, -1);
        var done = new Tensor[groups.Length];
        for (var i = 0; i < _convs.Length; i++) done[i] = _convs[i].forward(i == 0 ? groups[0] : done[i - 1] + groups[i]);
        done[^1] = groups[^1];
        return torch.cat(done, -1);
    }
}
