using System.Globalization;
using System.Text;
using EdgeFace.Weights;

namespace EdgeFace.Onnx;

/// <summary>
/// What stands in an ONNX file, as far as a closed list of fields goes: a field that could mean something else to the network is refused. Nothing is
/// computed. Field numbers are those of onnx.proto.
/// </summary>
sealed class OnnxModel
{
    // The graphs that are read have some 130 nodes and constants.
    const int MostItems = 1000;

    readonly string _file;

    public List<OnnxNode> Nodes { get; } = [];

    public Dictionary<string, OnnxConstant> Constants { get; } = new(StringComparer.Ordinal);

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>The version of the operators.</summary>
    public long Opset { get; private set; }

    /// <exception cref="ModelFormatException">The bytes are no ONNX file, or one with more than a graph of nodes and constants.</exception>
    public OnnxModel(string file, ReadOnlySpan<byte> bytes)
    {
        _file = file;
        var graphs = 0;
        var reader = new ProtobufReader(file, bytes);
        while (reader.Next())
        {
            // Versions and names of the file and what made it say nothing of the graph.
            if (reader.Field is >= 1 and <= 6 or 14) continue;
            if (reader is { Field: 7, IsBytes: true } && graphs++ == 0) ReadGraph(reader.Bytes);
            else if (reader is { Field: 8, IsBytes: true }) ReadOpset(reader.Bytes);
            else throw Refuse("a file with one graph", $"field {reader.Field}");
        }
        if (graphs == 0) throw Refuse("a file with one graph", "none");
    }

    void ReadOpset(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(_file, bytes);
        while (reader.Next())
        {
            if (reader is { Field: 1, IsBytes: true, Bytes.IsEmpty: true }) continue;
            if (reader is { Field: 2, IsBytes: false } && Opset == 0) Opset = (long)reader.Number;
            else throw Refuse("ONNX's own operators", "others");
        }
    }

    void ReadGraph(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(_file, bytes);
        while (reader.Next())
        {
            // Its name, its documentation, and shapes of values.
            if (reader.Field is 2 or 10 or 13) continue;
            if (!reader.IsBytes || reader.Field is not (1 or 5 or 11 or 12)) throw Refuse("a graph of nodes and constants", $"field {reader.Field}");
            if (Nodes.Count + Constants.Count + Inputs.Count + Outputs.Count >= MostItems)
                throw Refuse($"at most {MostItems} nodes and constants", "more");
            switch (reader.Field)
            {
                case 1: Nodes.Add(ReadNode(reader.Bytes)); break;
                case 5: ReadConstant(reader.Bytes); break;
                case 11: Inputs.Add(ReadName(reader.Bytes)); break;
                default: Outputs.Add(ReadName(reader.Bytes)); break;
            }
        }
    }

    string ReadName(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(_file, bytes);
        while (reader.Next())
            if (reader is { Field: 1, IsBytes: true }) return Text(reader.Bytes);
        throw Refuse("a value with a name", "none");
    }

    OnnxNode ReadNode(ReadOnlySpan<byte> bytes)
    {
        var op = "";
        List<string> inputs = [], outputs = [];
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new ProtobufReader(_file, bytes);
        while (reader.Next())
        {
            // Its name and documentation; a domain must be ONNX's own.
            if (reader.Field is 3 or 6 || reader is { Field: 7, IsBytes: true, Bytes.IsEmpty: true }) continue;
            if (!reader.IsBytes || reader.Field is not (1 or 2 or 4 or 5) || inputs.Count + outputs.Count + attributes.Count >= MostItems)
                throw Refuse("a node with inputs, outputs and attributes", $"field {reader.Field}");
            switch (reader.Field)
            {
                case 1: inputs.Add(Text(reader.Bytes)); break;
                case 2: outputs.Add(Text(reader.Bytes)); break;
                case 4: op = Text(reader.Bytes); break;
                default:
                    var (name, value) = ReadAttribute(reader.Bytes);
                    if (!attributes.TryAdd(name, value)) throw Refuse($"one attribute '{name}'", "two");
                    break;
            }
        }
        return new(op, inputs, outputs, attributes);
    }

    (string Name, string Value) ReadAttribute(ReadOnlySpan<byte> bytes)
    {
        var (name, value) = ("", "");
        var numbers = new List<long>();
        var reader = new ProtobufReader(_file, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1 when reader.IsBytes: name = Text(reader.Bytes); break;
                case 2 when !reader.IsBytes:
                    value = BitConverter.UInt32BitsToSingle((uint)reader.Number).ToString(CultureInfo.InvariantCulture);
                    break;
                case 4 when reader.IsBytes: value = Text(reader.Bytes); break;
                case 3 or 8:
                    reader.AddTo(numbers);
                    if (numbers.Count > MostItems) throw Refuse($"at most {MostItems} numbers in attribute '{name}'", "more");
                    break;
                // Its kind, which the value shows, and documentation.
                case 13 or 20: break;
                default: throw Refuse("an attribute of numbers or a text", $"field {reader.Field}");
            }
        }
        return (name, numbers.Count > 0 ? string.Join(' ', numbers) : value);
    }

    void ReadConstant(ReadOnlySpan<byte> bytes)
    {
        var (name, type) = ("", 0);
        var dimensions = new List<long>();
        ReadOnlySpan<byte> data = default;
        var reader = new ProtobufReader(_file, bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.AddTo(dimensions); break;
                case 2 when !reader.IsBytes: type = (int)Math.Min(reader.Number, int.MaxValue); break;
                case 8 when reader.IsBytes: name = Text(reader.Bytes); break;
                case 9 when reader.IsBytes: data = reader.Bytes; break;
                case 12: break;
                default: throw Refuse("a constant stored as bytes in this file", $"field {reader.Field}");
            }
            if (dimensions.Count > 8) throw new ModelFormatException(_file, name, "up to 8 dimensions", "more");
        }
        var shape = new int[dimensions.Count];
        for (var i = 0; i < shape.Length; i++) shape[i] = dimensions[i] is >= 0 and <= int.MaxValue ? (int)dimensions[i] : -1;
        var size = type switch { OnnxGraph.Float32 => sizeof(float), OnnxGraph.Int64 => sizeof(long), _ => 0 };
        if (size == 0) throw new ModelFormatException(_file, name, "float32 or int64 values", $"type {type}");
        if (!Shapes.TryCount(shape, out var count) || count * size != data.Length)
            throw new ModelFormatException(_file, name, $"the bytes of shape {Shapes.Text(shape)}", $"{data.Length} bytes");
        if (!Constants.TryAdd(name, new(shape, type, data.ToArray())))
            throw new ModelFormatException(_file, name, "one constant of that name", "two");
    }

    static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    ModelFormatException Refuse(string expected, string found) => new(_file, null, expected, found);
}
