using EdgeFace.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EdgeFace.Training.Network;

/// <summary>Matrices of one shape that lie one after another in a bank.</summary>
/// <param name="First">Where the first begins.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Rows">Their rows.</param>
/// <param name="Columns">Their columns.</param>
readonly record struct MatrixStack(long First, int Count, int Rows, int Columns)
{
    /// <summary>Their share of a tensor laid out as the bank: (Count, Rows, Columns), not copied.</summary>
    public Tensor Of(Tensor values) => values.narrow(0, First, (long)Count * Rows * Columns).view(Count, Rows, Columns);
}

/// <summary>
/// All parameters of a network in one tensor, and their gradients in another: optimisers, averages and checkpoints work on the whole at once.
/// First come the parameters that are no matrices of linear layers, then those matrices, equal shapes together. Replicas share values and have
/// gradients of their own.
/// </summary>
sealed class ParameterBank : IDisposable
{
    readonly Dictionary<string, (ParameterInfo Info, long At, Parameter Parameter)> _byName = [];
    readonly IReadOnlyList<ParameterInfo> _manifest;
    readonly EdgeFaceConfig? _config;
    readonly bool _ownsValues, _trained;

    /// <summary>The parameters of a recogniser.</summary>
    /// <param name="trained">Whether there are gradients.</param>
    public ParameterBank(EdgeFaceConfig config, ScalarType type = ScalarType.Float32, bool trained = true)
        : this(config.Name, ParameterManifest.Of(config), config, type, trained) { }

    /// <summary>The parameters of another network.</summary>
    public ParameterBank(string network, IReadOnlyList<ParameterInfo> manifest, ScalarType type = ScalarType.Float32)
        : this(network, manifest, null, type, trained: true) { }

    ParameterBank(string network, IReadOnlyList<ParameterInfo> manifest, EdgeFaceConfig? config, ScalarType type, bool trained)
        : this(network, manifest, config, zeros(manifest.Sum(p => p.Count), dtype: type).DetachFromDisposeScope(), owns: true, trained) { }

    ParameterBank(string network, IReadOnlyList<ParameterInfo> manifest, EdgeFaceConfig? config, Tensor values, bool owns, bool trained)
    {
        (Network, _manifest, _config, Values, _ownsValues, _trained) = (network, manifest, config, values, owns, trained);
        Gradients = (trained ? zeros_like(values) : zeros(0, dtype: values.dtype)).DetachFromDisposeScope();
        var stacks = new List<MatrixStack>();
        long at = 0;
        foreach (var parameter in manifest.Where(p => !IsMatrix(p))) Place(parameter, ref at);
        Vectors = at;
        foreach (var group in manifest.Where(IsMatrix).GroupBy(p => (p.Shape[0], p.Shape[1])))
        {
            stacks.Add(new(at, group.Count(), group.Key.Item1, group.Key.Item2));
            foreach (var parameter in group) Place(parameter, ref at);
        }
        Stacks = stacks;
        Names = [.. manifest.Select(p => p.Name)];
    }

    /// <summary>What the network is called.</summary>
    public string Network { get; }

    /// <summary>The recogniser it is of.</summary>
    public EdgeFaceConfig Config => _config ?? throw new InvalidOperationException($"{Network} is no recogniser");

    /// <summary>Every value, flat.</summary>
    public Tensor Values { get; }

    /// <summary>Every gradient, laid out as <see cref="Values"/>; backward passes add to it. Empty where nothing is trained.</summary>
    public Tensor Gradients { get; }

    /// <summary>How many of the first values belong to no matrix of a linear layer.</summary>
    public long Vectors { get; }

    /// <summary>The matrices of linear layers.</summary>
    public IReadOnlyList<MatrixStack> Stacks { get; }

    /// <summary>The parameters in state-dict order.</summary>
    public IReadOnlyList<string> Names { get; }

    public Parameter this[string name] => _byName[name].Parameter;

    public bool Has(string name) => _byName.ContainsKey(name);

    public ParameterInfo Info(string name) => _byName[name].Info;

    /// <summary>A parameter's share of a tensor laid out as the bank, not copied.</summary>
    public Tensor Part(Tensor values, string name)
    {
        var (info, at, _) = _byName[name];
        return values.narrow(0, at, info.Count).view([.. info.Shape.Select(d => (long)d)]);
    }

    /// <summary>Gives an action each parameter to set, by its name, in state-dict order.</summary>
    public void Set(Action<string, Tensor> set)
    {
        using var grad = no_grad();
        foreach (var name in Names)
        {
            using var scope = NewDisposeScope();
            set(name, Part(Values, name));
        }
    }

    /// <summary>The same values with gradients of their own, for another thread.</summary>
    public ParameterBank Replica() => new(Network, _manifest, _config, Values, owns: false, _trained);

    static bool IsMatrix(ParameterInfo parameter) => parameter.Shape.Count == 2;

    void Place(ParameterInfo info, ref long at)
    {
        using var scope = NewDisposeScope();
        long[] shape = [.. info.Shape.Select(d => (long)d)];
        var parameter = new Parameter(Values.narrow(0, at, info.Count).view(shape), requires_grad: _trained);
        if (_trained) parameter.grad = Gradients.narrow(0, at, info.Count).view(shape).DetachFromDisposeScope();
        parameter.DetachFromDisposeScope();
        _byName.Add(info.Name, (info, at, parameter));
        at += info.Count;
    }

    public void Dispose()
    {
        foreach (var (_, _, parameter) in _byName.Values) parameter.Dispose();
        Gradients.Dispose();
        if (_ownsValues) Values.Dispose();
    }
}
