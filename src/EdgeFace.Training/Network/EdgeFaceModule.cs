using EdgeFace.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>
/// The network of the paper over the parameters of a bank, from top to bottom. Its state dict has the names and shapes of
/// <see cref="ParameterManifest"/>. Maps are (images, height, width, channels).
/// </summary>
sealed class EdgeFaceModule : Module<Tensor, Tensor>
{
    readonly PatchConv _stem;
    readonly ChannelNorm _stemNorm, _headNorm;
    readonly NetworkStage[] _stages;
    readonly LinearLayer _head;
    readonly ScalarType? _products;
    readonly ScalarType _type;

    /// <param name="products">The type in which linear layers are computed, whose weights stay as they are; null for the bank's own.</param>
    public EdgeFaceModule(ParameterBank bank, ScalarType? products = null) : base(nameof(EdgeFaceModule))
    {
        (_products, _type) = (products, bank.Values.dtype);
        var root = new BankScope(bank, "");
        _stem = new(root.In("stem.0"));
        _stemNorm = new(root.In("stem.1"));
        register_module("stem", ModuleList<Module<Tensor, Tensor>>(_stem, _stemNorm));
        _stages = [.. Enumerable.Range(0, EdgeFaceConfig.StageCount)
            .Select(s => new NetworkStage(root.In($"stages.{s}"), bank.Config, s, products))];
        register_module("stages", ModuleList(_stages));
        _headNorm = new(root.In("head.norm"));
        _head = root.Linear("head.fc");
        var head = new NamedModules("head");
        head.register_module("norm", _headNorm);
        head.register_module("fc", _head);
        register_module("head", head);
    }

    /// <summary>Raw embeddings (images, 512) of crops (images, 112, 112, 3): bytes, RGB.</summary>
    public override Tensor forward(Tensor crops) => Head(Features(crops, null));

    /// <summary>What the head gets of crops: (images, channels).</summary>
    /// <param name="maps">Takes the map after each block, a list for each stage; null where nobody asks.</param>
    public Tensor Features(Tensor crops, List<IReadOnlyList<Tensor>>? maps)
    {
        var map = _stemNorm.forward(_stem.forward(crops.to(_type) / 127.5 - 1));
        foreach (var stage in _stages)
        {
            List<Tensor>? blocks = maps is null ? null : [];
            map = stage.Trace(map, blocks);
            if (blocks is not null) maps!.Add(blocks);
        }
        return _headNorm.forward(map.mean([1, 2]));
    }

    /// <summary>Raw embeddings (images, 512) of features.</summary>
    public Tensor Head(Tensor features) => _head.forward(_products is { } type ? features.to(type) : features).to(_type);
}
