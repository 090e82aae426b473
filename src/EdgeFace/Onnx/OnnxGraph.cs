using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeFace.Onnx;

/// <summary>A graph under construction: nodes in the order of their execution, and constants. Field numbers are those of onnx.proto.</summary>
sealed class OnnxGraph(string name)
{
    public const int Float32 = 1, Int8 = 3, Int64 = 7;

    const int IrVersion = 8, OpsetVersion = 17;

    readonly ProtobufMessage _graph = new ProtobufMessage().Text(2, name);
    readonly HashSet<string> _names = [];

    /// <summary>Adds a node with one output and returns the output's name: the scope and the operator, numbered where there are several.</summary>
    public string Node(string scope, string op, string[] inputs, params ProtobufMessage[] attributes) => Node(scope, op, inputs, 1, attributes)[0];

    public string[] Node(string scope, string op, string[] inputs, int outputs, params ProtobufMessage[] attributes)
    {
        var name = Unused($"{scope}/{op}");
        string[] names = outputs == 1 ? [name]
            : [.. Enumerable.Range(0, outputs).Select(i => string.Create(CultureInfo.InvariantCulture, $"{name}:{i}"))];
        AddNode(name, op, inputs, names, attributes);
        return names;
    }

    /// <summary>Adds a node whose output is an output of the graph.</summary>
    public void Result(string output, string op, string[] inputs, params ProtobufMessage[] attributes)
        => AddNode(output, op, inputs, [output], attributes);

    public string Constant(string name, ReadOnlySpan<long> shape, ReadOnlySpan<float> values)
        => Constant(name, Float32, shape, MemoryMarshal.AsBytes(values));

    public string Constant(string name, params ReadOnlySpan<long> values) => Constant(name, Int64, [values.Length], MemoryMarshal.AsBytes(values));

    /// <summary>A constant of that name; one that is there already is taken to be the same.</summary>
    public string Constant(string name, int type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> values)
    {
        if (!_names.Add(name)) return name;
        var tensor = new ProtobufMessage();
        foreach (var dimension in shape) tensor.Int(1, dimension);
        _graph.Message(5, tensor.Int(2, type).Text(8, name).Bytes(9, values));
        return name;
    }

    /// <summary>A float input or output; the first dimension is as large as the batch.</summary>
    public void Input(string name, params ReadOnlySpan<long> shape) => _graph.Message(11, ValueInfo(name, shape));

    public void Output(string name, params ReadOnlySpan<long> shape) => _graph.Message(12, ValueInfo(name, shape));

    /// <summary>The whole file.</summary>
    public ProtobufMessage Model(string documentation, IEnumerable<(string Key, string Value)> metadata)
    {
        var model = new ProtobufMessage().Int(1, IrVersion).Text(2, "EdgeFace for .NET").Text(6, documentation)
            .Message(8, new ProtobufMessage().Text(1, "").Int(2, OpsetVersion));
        foreach (var (key, value) in metadata) model.Message(14, new ProtobufMessage().Text(1, key).Text(2, value));
        return model.Message(7, _graph);
    }

    void AddNode(string name, string op, string[] inputs, string[] outputs, ProtobufMessage[] attributes)
    {
        var node = new ProtobufMessage();
        foreach (var input in inputs) node.Text(1, input);
        foreach (var output in outputs) node.Text(2, output);
        node.Text(3, name).Text(4, op);
        foreach (var attribute in attributes) node.Message(5, attribute);
        _graph.Message(1, node);
    }

    string Unused(string name)
    {
        var unique = name;
        for (var n = 1; !_names.Add(unique); n++) unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{n}");
        return unique;
    }

    static ProtobufMessage ValueInfo(string name, ReadOnlySpan<long> shape)
    {
        var dimensions = new ProtobufMessage().Message(1, new ProtobufMessage().Text(2, "n"));
        foreach (var dimension in shape) dimensions.Message(1, new ProtobufMessage().Int(1, dimension));
        return new ProtobufMessage().Text(1, name)
            .Message(2, new ProtobufMessage().Message(1, new ProtobufMessage().Int(1, Float32).Message(2, dimensions)));
    }
}
