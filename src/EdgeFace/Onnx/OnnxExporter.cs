using System.Globalization;
using EdgeFace.Files;
using EdgeFace.Models;
using static EdgeFace.Onnx.OnnxAttribute;

namespace EdgeFace.Onnx;

/// <summary>
/// Writes a network as an ONNX file: the graph that PyTorch's exporter makes of the reference implementation, without its
/// bookkeeping of shapes. Input N x 3 x 112 x 112, output N x 512, for any N. Linear layers in floats, or as ONNX Runtime's dynamic
/// quantisation writes them.
/// </summary>
sealed unsafe class OnnxExporter
{
    const float NormEpsilon = 1e-6f, AttentionEpsilon = 1e-12f;
    // ONNX Runtime's reduced range: where the processor has no VNNI, it adds two products of bytes in 16 bits, which larger weights overflow.
    const int Int8Range = 64;
    const string Documentation = "Input: aligned RGB crops, byte / 127.5 - 1. Output: embeddings, not scaled to length 1.";

    readonly OnnxGraph _graph;
    readonly EdgeFaceConfig _config;
    readonly Func<string, float[]> _parameter;
    readonly bool _int8;
    readonly Dictionary<string, ParameterInfo> _manifest;
    readonly HashSet<string> _left;

    OnnxExporter(EdgeFaceConfig config, Func<string, float[]> parameter, bool int8)
    {
        (_config, _parameter, _int8, _graph) = (config, parameter, int8, new(config.Name));
        _manifest = ParameterManifest.Of(config).ToDictionary(p => p.Name, StringComparer.Ordinal);
        _left = [.. _manifest.Keys];
    }

    /// <param name="parameter">The values of a parameter of the manifest.</param>
    /// <param name="int8">Whether the weights of linear layers are int8 with one scale an output, and what enters them is
    /// quantised as it comes.</param>
    /// <param name="metadata">What is kept in the file beside the graph.</param>
    public static void Write(string path, EdgeFaceConfig config, Func<string, float[]> parameter,
        bool int8, IEnumerable<(string Key, string Value)> metadata)
    {
        var exporter = new OnnxExporter(config, parameter, int8);
        exporter.Network();
        if (exporter._left.Count > 0)
            throw new InvalidOperationException($"{config.Name}: the graph does not use {string.Join(", ", exporter._left)}");
        var model = exporter._graph.Model(Documentation, metadata);
        AtomicFile.Write(path, model.CopyTo);
    }

    void Network()
    {
        _graph.Input("input", 3, EdgeFaceConfig.CropSize, EdgeFaceConfig.CropSize);
        _graph.Output("embedding", EdgeFaceConfig.EmbeddingSize);
        var x = MapNorm("stem.1", Conv("stem.0", "input"));
        for (var stage = 0; stage < EdgeFaceConfig.StageCount; stage++)
        {
            if (stage > 0) x = Conv($"stages.{stage}.downsample.1", MapNorm($"stages.{stage}.downsample.0", x));
            for (var block = 0; block < _config.Depths[stage]; block++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.blocks.{block}");
                x = _config.IsAttention(stage, block) ? AttentionBlock(stage, name, x) : ConvBlock(name, x);
            }
        }
        x = MapNorm("head.norm", _graph.Node("head", "GlobalAveragePool", [x]));
        Head(_graph.Node("head", "Flatten", [x], Int("axis", 1)));
    }

    string ConvBlock(string name, string x)
    {
        var y = Transpose(name, Conv($"{name}.conv_dw", x), 0, 2, 3, 1);
        return Mlp(name, y, x);
    }

    string AttentionBlock(int stage, string name, string x)
    {
        long c = _config.Dims[stage], side = EdgeFaceConfig.MapSize(stage);
        var y = _graph.Node(name, "Concat", SplitConvs(stage, name, x), Int("axis", 1));
        y = Transpose(name, Reshape(name, y, 0, c, side * side), 0, 2, 1);
        if (stage == EdgeFaceConfig.FourierStage) y = _graph.Node(name, "Add", [y, Position(stage, name)]);
        var attention = CrossCovarianceAttention(stage, $"{name}.xca", LayerNorm($"{name}.norm_xca", y));
        y = _graph.Node(name, "Add", [y, LayerScale($"{name}.gamma_xca", attention)]);
        return Mlp(name, Reshape(name, y, 0, side, side, c), x);
    }

    /// <summary>The groups of channels after their convolutions; each gets what the one before it gave added, and the last stays as it is.</summary>
    string[] SplitConvs(int stage, string name, string x)
    {
        int groups = EdgeFaceConfig.Scales(stage), width = _config.SplitWidth(stage);
        long[] widths = [.. Enumerable.Repeat((long)width, groups - 1), _config.Dims[stage] - (groups - 1) * width];
        var parts = _graph.Node(name, "Split", [x, _graph.Constant($"{name}/split", widths)], groups, Int("axis", 1));
        for (var g = 0; g < groups - 1; g++)
            parts[g] = Conv(string.Create(CultureInfo.InvariantCulture, $"{name}.convs.{g}"),
                g == 0 ? parts[g] : _graph.Node(name, "Add", [parts[g - 1], parts[g]]));
        return parts;
    }

    string Position(int stage, string name)
    {
        const int hidden = 2 * EdgeFaceConfig.FourierHidden;
        int side = EdgeFaceConfig.MapSize(stage), pixels = side * side;
        // The Fourier features are the encoding that an identity projects.
        var identity = new float[hidden * hidden];
        for (var i = 0; i < hidden; i++) identity[i * hidden + i] = 1;
        using var encoding = PositionEncoding.Compute(side, hidden, identity, new float[hidden]);
        var features = Transposed(new ReadOnlySpan<float>(encoding.Pointer, pixels * hidden), pixels, hidden);
        var projected = Conv($"{name}.pos_embd.token_projection", _graph.Constant($"{name}.pos_embd/features", [1, hidden, side, side], features));
        return Transpose(name, Reshape(name, projected, 0, _config.Dims[stage], pixels), 0, 2, 1);
    }

    /// <summary>The attention map is channels x channels; q and k are normalised along the tokens.</summary>
    string CrossCovarianceAttention(int stage, string name, string x)
    {
        long c = _config.Dims[stage], heads = _config.Heads;
        var qkv = Transpose(name, Reshape(name, Linear($"{name}.qkv", x), 0, 0, 3, heads, c / heads), 2, 0, 3, 4, 1);
        var parts = _graph.Node(name, "Split", [qkv, _graph.Constant("thirds", 1, 1, 1)], 3, Int("axis", 0));
        for (var i = 0; i < 3; i++) parts[i] = _graph.Node(name, "Squeeze", [parts[i], _graph.Constant("zero", 0)]);
        var scores = _graph.Node(name, "MatMul", [Normalised(name, parts[0]), Transpose(name, Normalised(name, parts[1]), 0, 1, 3, 2)]);
        var map = _graph.Node(name, "Softmax", [_graph.Node(name, "Mul", [scores, Parameter($"{name}.temperature")])], Int("axis", -1));
        var merged = Transpose(name, _graph.Node(name, "MatMul", [map, parts[2]]), 0, 3, 1, 2);
        return Linear($"{name}.proj", Reshape(name, merged, 0, 0, c));
    }

    string Normalised(string name, string x)
    {
        var length = _graph.Node(name, "ReduceL2", [x], Ints("axes", -1), Int("keepdims", 1));
        return _graph.Node(name, "Div", [x, _graph.Node(name, "Clip", [length, _graph.Constant("attention_epsilon", [], [AttentionEpsilon])])]);
    }

    /// <summary>x + gamma * fc2(gelu(fc1(norm(y)))), y and the layers in NHWC, x and the result in NCHW.</summary>
    string Mlp(string name, string y, string x)
    {
        y = Linear($"{name}.mlp.fc2", Gelu($"{name}.mlp", Linear($"{name}.mlp.fc1", LayerNorm($"{name}.norm", y))));
        return _graph.Node(name, "Add", [x, Transpose(name, LayerScale($"{name}.gamma", y), 0, 3, 1, 2)]);
    }

    /// <summary>x * (1 + erf(x / sqrt 2)) * 0.5, in the steps by which runtimes recognise GELU.</summary>
    string Gelu(string name, string x)
    {
        var erf = _graph.Node(name, "Erf", [_graph.Node(name, "Div", [x, Scalar("sqrt_2", MathF.Sqrt(2))])]);
        var product = _graph.Node(name, "Mul", [x, _graph.Node(name, "Add", [erf, Scalar("one", 1)])]);
        return _graph.Node(name, "Mul", [product, Scalar("half", 0.5f)]);
    }

    string Linear(string name, string x)
        => _config.Gamma is null ? Bias(name, Product($"{name}.weight", x))
            : Bias($"{name}.linear2", Product($"{name}.linear2.weight", Product($"{name}.linear1.weight", x)));

    string Bias(string layer, string x) => _graph.Node(layer, "Add", [x, Parameter($"{layer}.bias")]);

    void Head(string x)
    {
        var layer = "head.fc";
        if (_config is { Gamma: not null, PlainHead: false })
        {
            x = Product("head.fc.linear1.weight", x);
            layer = "head.fc.linear2";
        }
        if (_int8) _graph.Result("embedding", "Add", [Product($"{layer}.weight", x), Parameter($"{layer}.bias")]);
        else _graph.Result("embedding", "Gemm", [x, Parameter($"{layer}.weight"), Parameter($"{layer}.bias")], Int("transB", 1));
    }

    /// <summary>x times a matrix of the manifest, which is (out, in) there and (in, out) in the file.</summary>
    string Product(string weight, string x)
    {
        int outputs = _manifest[weight].Shape[0], inputs = _manifest[weight].Shape[1];
        var scope = weight[..^".weight".Length];
        if (!_int8)
            return _graph.Node(scope, "MatMul",
                [x, _graph.Constant($"{weight}.transposed", [inputs, outputs], Transposed<float>(Take(weight), outputs, inputs))]);
        var (bytes, factors) = Quantised(Take(weight), outputs, inputs);
        var matrix = _graph.Constant($"{weight}_quantized", OnnxGraph.Int8, [inputs, outputs], Transposed<byte>(bytes, outputs, inputs));
        var scales = _graph.Constant($"{weight}_scale", [outputs], factors);
        var zeros = _graph.Constant($"{weight}_zero_point", OnnxGraph.Int8, [outputs], new byte[outputs]);
        var quantised = _graph.Node(scope, "DynamicQuantizeLinear", [x], 3);
        var product = _graph.Node(scope, "MatMulInteger", [quantised[0], matrix, quantised[2], zeros]);
        return _graph.Node(scope, "Mul",
            [_graph.Node(scope, "Cast", [product], Int("to", OnnxGraph.Float32)), _graph.Node(scope, "Mul", [quantised[1], scales])]);
    }

    /// <summary>Symmetric, one scale an output, to the nearest step.</summary>
    static (byte[] Values, float[] Scales) Quantised(float[] weight, int outputs, int inputs)
    {
        var (values, scales) = (new byte[weight.Length], new float[outputs]);
        for (var o = 0; o < outputs; o++)
        {
            var most = 0f;
            foreach (var value in weight.AsSpan(o * inputs, inputs)) most = Math.Max(most, Math.Abs(value));
            scales[o] = most == 0 ? 1 : most / Int8Range;
            for (var i = 0; i < inputs; i++)
                values[o * inputs + i] = (byte)(sbyte)Math.Clamp(MathF.Round(weight[o * inputs + i] / scales[o]), -Int8Range, Int8Range);
        }
        return (values, scales);
    }

    /// <summary>Depthwise with "same" padding where each channel has its own kernel; else kernels side by side.</summary>
    string Conv(string name, string x)
    {
        var shape = _manifest[$"{name}.weight"].Shape;
        var depthwise = shape[1] == 1;
        long kernel = shape[2], stride = depthwise ? 1 : kernel, pad = depthwise ? kernel / 2 : 0;
        return _graph.Node(name, "Conv", [x, Parameter($"{name}.weight"), Parameter($"{name}.bias")], Int("group", depthwise ? shape[0] : 1),
            Ints("dilations", 1, 1), Ints("kernel_shape", kernel, kernel), Ints("pads", pad, pad, pad, pad), Ints("strides", stride, stride));
    }

    /// <summary>LayerNorm over the channels of an NCHW map.</summary>
    string MapNorm(string name, string x) => Transpose(name, LayerNorm(name, Transpose(name, x, 0, 2, 3, 1)), 0, 3, 1, 2);

    string LayerNorm(string name, string x)
        => _graph.Node(name, "LayerNormalization", [x, Parameter($"{name}.weight"), Parameter($"{name}.bias")],
            Int("axis", -1), OnnxAttribute.Float("epsilon", NormEpsilon));

    string LayerScale(string name, string x) => _graph.Node(name, "Mul", [Parameter(name), x]);

    string Transpose(string name, string x, params ReadOnlySpan<long> order) => _graph.Node(name, "Transpose", [x], Ints("perm", order));

    /// <summary>0 stands for the size that the dimension has already.</summary>
    string Reshape(string name, string x, params ReadOnlySpan<long> shape)
        => _graph.Node(name, "Reshape", [x, _graph.Constant("shape_" + string.Join('_', shape.ToArray()), shape)]);

    string Scalar(string name, float value) => _graph.Constant(name, [], [value]);

    string Parameter(string name) => _graph.Constant(name, [.. _manifest[name].Shape.Select(d => (long)d)], Take(name));

    float[] Take(string name)
    {
        _left.Remove(name);
        return _parameter(name);
    }

    static T[] Transposed<T>(ReadOnlySpan<T> values, int rows, int columns)
    {
        var transposed = new T[values.Length];
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < columns; c++)
                transposed[c * rows + r] = values[r * columns + c];
        return transposed;
    }
}
