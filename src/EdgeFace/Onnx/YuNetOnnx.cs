using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EdgeFace.Weights;

namespace EdgeFace.Onnx;

/// <summary>
/// Reads the face detector YuNet from its ONNX file: not by running the graph, but by walking through the one that is expected, node after
/// node, and taking the weights on the way. Whatever is otherwise than expected is refused. The tensors get the names of the network's layers.
/// </summary>
sealed class YuNetOnnx
{
    const int MostBytes = 1 << 20;
    const int Opset = 11;
    const string OnlyOne = "YuNet, the only ONNX file that is read";

    // The file that was compared with ONNX Runtime.
    const string May2026 = "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0";

    readonly string _file;
    readonly OnnxModel _model;
    readonly List<Tensor> _tensors = [];
    readonly List<string> _results = [];
    readonly HashSet<string> _used = new(StringComparer.Ordinal);
    int _next;

    YuNetOnnx(string file, ReadOnlySpan<byte> bytes) => (_file, _model) = (file, new OnnxModel(file, bytes));

    /// <summary>Opens the file if it is an ONNX file; null if its first bytes are those of something else.</summary>
    /// <exception cref="ModelFormatException">It cannot be read, or is an ONNX file of another network.</exception>
    public static TensorSet? TryOpen(string path)
    {
        using var stream = MappedFile.OpenRead(path);
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !Begins(start)) return null;
        if (stream.Length > MostBytes)
            throw new ModelFormatException(path, null, $"{OnlyOne}, in at most {MostBytes >> 20} MB", $"{stream.Length} bytes");
        stream.Position = 0;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Read(bytes, path);
    }

    /// <summary>The same of bytes; path stands for them in messages.</summary>
    public static TensorSet? TryOpen(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < 8 || !Begins(bytes[..8])) return null;
        if (bytes.Length > MostBytes)
            throw new ModelFormatException(path, null, $"{OnlyOne}, in at most {MostBytes >> 20} MB", $"{bytes.Length} bytes");
        return Read(bytes.ToArray(), path);
    }

    static TensorSet Read(byte[] bytes, string path)
    {
        var reader = new YuNetOnnx(path, bytes);
        reader.Walk();
        return new TensorSet(path, reader._tensors, Encoding.UTF8.GetBytes(CardOf(Convert.ToHexStringLower(SHA256.HashData(bytes))).ToJson()));
    }

    // A version of one byte as field 1; safetensors, whose length may begin so, has three zeros in the end.
    static bool Begins(ReadOnlySpan<byte> start) => start[0] == 0x08 && start[1] is > 0 and < 0x80 && start[5..].ContainsAnyExcept((byte)0);

    static ModelCard CardOf(string sha256) => new()
    {
        Name = "yunet",
        Version = sha256 == May2026 ? "2026may" : "unknown",
        Kind = "detector",
        Architecture = "docs/detector.md#yunet",
        Description = "YuNet: a single-shot face detector, 53 k parameters: a picture to boxes, scores and five landmarks. It needs no refiner.",
        Training = "By its authors (Wu, Peng and Yu, YuNet: A Tiny Millisecond-level Face Detector, 2023); taken from OpenCV Zoo's ONNX file.",
        Licence = "MIT, as OpenCV Zoo states for its YuNet files",
        NonCommercial = false,
        SourceSha256 = sha256,
    };

    void Walk()
    {
        if (_model.Opset != Opset) throw Refuse($"operators of version {Opset}", $"version {_model.Opset}");
        if (_model.Inputs is not ["input"]) throw Refuse("the one input 'input'", string.Join(", ", _model.Inputs.Take(4)));
        var x = Relu(Conv("backbone.model0.conv1", "input", 3, 16, 3, stride: 2));
        x = MaxPool(Unit("backbone.model0.conv2", x, 16, 16));
        x = Stage(2, Stage(1, x, 16, 32), 32, 64);
        string c3 = Stage(3, MaxPool(x), 64, 64), c4 = Stage(4, MaxPool(c3), 64, 64), c5 = Stage(5, MaxPool(c4), 64, 64);
        var p5 = Unit("neck.lateral_convs.2", c5, 64, 64);
        var p4 = Unit("neck.lateral_convs.1", Add(c4, Upsample(p5)), 64, 64);
        var p3 = Unit("neck.lateral_convs.0", Add(c3, Upsample(p4)), 64, 64);
        var heads = new Dictionary<string, string[]>();
        foreach (var (kind, outputs) in ((string, int)[])[("cls", 1), ("bbox", 4), ("obj", 1), ("kps", 10)])
            heads[kind] = [Head(kind, 0, p3, outputs), Head(kind, 1, p4, outputs), Head(kind, 2, p5, outputs)];
        foreach (var (kind, outputs, sigmoid) in ((string, int, bool)[])[("cls", 1, true), ("obj", 1, true), ("bbox", 4, false), ("kps", 10, false)])
            for (var i = 0; i < 3; i++) Result($"{kind}_{8 << i}", heads[kind][i], outputs, sigmoid);
        if (_next != _model.Nodes.Count) throw Refuse($"{_next} nodes", $"{_model.Nodes.Count}");
        if (!_model.Outputs.Order(StringComparer.Ordinal).SequenceEqual(_results.Order(StringComparer.Ordinal)))
            throw Refuse("YuNet's twelve outputs", string.Join(", ", _model.Outputs.Take(12)));
        if (_model.Constants.Keys.FirstOrDefault(c => !_used.Contains(c)) is { } unused) throw Refuse("constants that nodes use", $"'{unused}'");
    }

    string Stage(int i, string input, int inputs, int outputs)
        => Unit($"backbone.model{i}.conv2", Unit($"backbone.model{i}.conv1", input, inputs, inputs), inputs, outputs);

    /// <summary>A pointwise convolution, a depthwise one, ReLU.</summary>
    string Unit(string name, string input, int inputs, int outputs)
        => Relu(Conv(name + ".conv2", Conv(name + ".conv1", input, inputs, outputs, 1), outputs, outputs, 3, depthwise: true));

    string Head(string kind, int level, string input, int outputs)
    {
        var name = $"bbox_head.multi_level_{kind}.{level}";
        return Conv(name + ".conv2", Conv(name + ".conv1", input, 64, outputs, 1), outputs, outputs, 3, depthwise: true);
    }

    string Conv(string name, string input, int inputs, int outputs, int kernel, int stride = 1, bool depthwise = false)
    {
        var (pad, groups) = (kernel / 2, depthwise ? outputs : 1);
        var node = Take("Conv", 3, [input],
        [
            ("dilations", "1 1"), ("group", $"{groups}"), ("kernel_shape", $"{kernel} {kernel}"),
            ("pads", $"{pad} {pad} {pad} {pad}"), ("strides", $"{stride} {stride}"),
        ]);
        AddTensor(name + ".weight", node.Inputs[1], [outputs, inputs / groups, kernel, kernel]);
        AddTensor(name + ".bias", node.Inputs[2], [outputs]);
        return node.Outputs[0];
    }

    string Relu(string input) => Take("Relu", 1, [input], []).Outputs[0];

    string MaxPool(string input)
        => Take("MaxPool", 1, [input], [("ceil_mode", "0"), ("kernel_shape", "2 2"), ("pads", "0 0 0 0"), ("strides", "2 2")]).Outputs[0];

    string Add(string a, string b) => Take("Add", 2, [a, b], []).Outputs[0];

    /// <summary>Each pixel for 2 x 2.</summary>
    string Upsample(string input)
    {
        var node = Take("Resize", 3, [input],
            [("coordinate_transformation_mode", "asymmetric"), ("cubic_coeff_a", "-0.75"), ("mode", "nearest"), ("nearest_mode", "floor")]);
        RequireValues<float>(node.Inputs[1], OnnxGraph.Float32, []);
        RequireValues<float>(node.Inputs[2], OnnxGraph.Float32, [1, 1, 2, 2]);
        return node.Outputs[0];
    }

    /// <summary>An output: cells in rows, a sigmoid over scores.</summary>
    void Result(string output, string input, int channels, bool sigmoid)
    {
        var cells = Take("Reshape", 2, [Take("Transpose", 1, [input], [("perm", "0 2 3 1")]).Outputs[0]], []);
        RequireValues<long>(cells.Inputs[1], OnnxGraph.Int64, [1, -1, channels]);
        var result = sigmoid ? Take("Sigmoid", 1, [cells.Outputs[0]], []) : cells;
        _results.Add(output);
        if (result.Outputs[0] != output) throw Refuse($"the output '{output}'", $"'{result.Outputs[0]}'");
    }

    /// <summary>The next node, which must be this one; inputs are those that come from other nodes.</summary>
    OnnxNode Take(string op, int count, ReadOnlySpan<string> inputs, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        if (_next == _model.Nodes.Count) throw Refuse($"node {_next} to be {op}", "no more nodes");
        var node = _model.Nodes[_next];
        if (node.Operator != op || node.Inputs.Count != count || node.Outputs.Count != 1)
            throw Unlike(op, $"{node.Operator} with {node.Inputs.Count} inputs and {node.Outputs.Count} outputs");
        for (var i = 0; i < inputs.Length; i++)
            if (node.Inputs[i] != inputs[i]) throw Unlike($"{op} of '{inputs[i]}'", $"'{node.Inputs[i]}'");
        if (node.Attributes.Count != attributes.Length) throw Unlike($"{op} with {attributes.Length} attributes", $"{node.Attributes.Count}");
        foreach (var (name, value) in attributes)
            if (!node.Attributes.TryGetValue(name, out var found) || found != value) throw Unlike($"{op} with {name} {value}", found ?? "none");
        if (_model.Constants.ContainsKey(node.Outputs[0]) || node.Outputs[0] == "input" || !_used.Add(node.Outputs[0]))
            throw Unlike("a value of its own", $"'{node.Outputs[0]}' again");
        _next++;
        return node;
    }

    ModelFormatException Unlike(string expected, string found) => Refuse($"{OnlyOne}: node {_next} to be {expected}", found);

    void AddTensor(string name, string constant, int[] shape)
    {
        var found = Constant(constant);
        if (found.Type != OnnxGraph.Float32 || !found.Shape.AsSpan().SequenceEqual(shape))
            throw new ModelFormatException(_file, name, $"floats of shape {Shapes.Text(shape)}", Shapes.Text(found.Shape));
        _tensors.Add(new Tensor(name, shape, TensorType.Float32, found.Bytes));
    }

    void RequireValues<T>(string constant, int type, ReadOnlySpan<T> values) where T : unmanaged, IEquatable<T>
    {
        var found = Constant(constant);
        if (found.Type != type || !MemoryMarshal.Cast<byte, T>(found.Bytes).SequenceEqual(values))
            throw new ModelFormatException(_file, constant, $"the values {string.Join(", ", values.ToArray())}", "others");
    }

    OnnxConstant Constant(string name)
    {
        _used.Add(name);
        return _model.Constants.TryGetValue(name, out var found) ? found : throw new ModelFormatException(_file, name, "a constant", "none");
    }

    ModelFormatException Refuse(string expected, string found) => new(_file, null, expected, found);
}
