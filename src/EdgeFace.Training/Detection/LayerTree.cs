using EdgeFace.Training.Network;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Detection;

/// <summary>Makes layers over a bank and registers them in a module under their dotted names.</summary>
sealed class LayerTree(Module root, ParameterBank bank)
{
    readonly Dictionary<string, Module> _groups = [];

    /// <summary>A convolution over all channels.</summary>
    public ConvLayer Dense(string name, int stride = 1, bool relu = true, bool padded = true)
        => Placed(name, new ConvLayer(ScopeOf(name), stride, relu: relu, padded: padded));

    /// <summary>Separable convolutions one after another: a name and a stride each.</summary>
    public SeparableConv[] Chain(params ReadOnlySpan<(string Name, int Stride)> layers)
    {
        var chain = new SeparableConv[layers.Length];
        for (var i = 0; i < chain.Length; i++) chain[i] = Placed(layers[i].Name, new SeparableConv(ScopeOf(layers[i].Name), layers[i].Stride));
        return chain;
    }

    BankScope ScopeOf(string name) => new BankScope(bank, "").In(name);

    T Placed<T>(string name, T layer) where T : Module
    {
        if (name.Split('.') is not [var group, var last])
        {
            root.register_module(name, layer);
            return layer;
        }
        if (!_groups.TryGetValue(group, out var parent))
        {
            _groups.Add(group, parent = new NamedModules(group));
            root.register_module(group, parent);
        }
        parent.register_module(last, layer);
        return layer;
    }
}
