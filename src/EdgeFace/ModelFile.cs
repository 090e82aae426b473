using EdgeFace.Models;
using EdgeFace.Onnx;
using EdgeFace.Weights;

namespace EdgeFace;

/// <summary>How weights are stored.</summary>
public enum WeightPrecision
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>16-bit floats for matrices, 32-bit for vectors.</summary>
    Float16,

    /// <summary>8-bit integers with a scale per output for matrices, 32-bit floats for vectors.</summary>
    Int8,
}

/// <summary>
/// A model: named weights and a card, from an <c>.efw</c> file, a safetensors file, a PyTorch checkpoint, YuNet's ONNX file, or
/// memory. It never changes.
/// </summary>
public sealed class ModelFile : IDisposable
{
    const int MostStreamBytes = 1 << 30;

    readonly TensorSet _tensors;
    readonly ParameterInfo[] _parameters;
    readonly Lazy<string> _identity;

    ModelFile(TensorSet tensors, ModelCard? card, Lazy<string> identity)
    {
        _tensors = tensors;
        _identity = identity;
        _parameters = [.. tensors.Tensors.Select(t => new ParameterInfo(t.Name, t.Shape.ToArray()))];
        Network = EdgeFaceVariants.Detect(name => tensors.TryGet(name, out var tensor) ? tensor.Shape.ToArray() : null);
        Card = card ?? (tensors.Card is { } json ? ModelCard.FromJson(json, tensors.Source) : CardOf(tensors, Network));
    }

    /// <summary>Opens a model file; its content, not its name, says which format it has.</summary>
    /// <exception cref="ModelFormatException">The file cannot be read, or is damaged, hostile, or of another kind.</exception>
    public static ModelFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var tensors = YuNetOnnx.TryOpen(path) ?? WeightFile.Open(path);
        return Wrap(tensors, new(() => Identify(tensors)));
    }

    /// <summary>
    /// Opens an <c>.efw</c> model in memory without copying it; the memory must outlive the model. It is taken for the program's own: the identity
    /// it states is believed, where that of a file is computed.
    /// </summary>
    /// <exception cref="ModelFormatException">The memory does not hold a whole model.</exception>
    public static unsafe ModelFile Open(UnmanagedMemoryStream memory, string name)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var tensors = EfwFile.Read(memory.PositionPointer, memory.Length - memory.Position, name);
        return Wrap(tensors, new(() => tensors.WeightsSha256 ?? Identify(tensors)));
    }

    /// <summary>Opens a model whose bytes are in memory, in any format that files have; they are copied.</summary>
    /// <param name="bytes">The whole of it.</param>
    /// <param name="name">Stands for it in messages, and names a model that has no card.</param>
    /// <exception cref="ModelFormatException">They are damaged, hostile, or of another kind.</exception>
    public static ModelFile Open(ReadOnlyMemory<byte> bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var tensors = YuNetOnnx.TryOpen(bytes.Span, name) ?? WeightFile.Open(bytes.Span, name);
        return Wrap(tensors, new(() => Identify(tensors)));
    }

    /// <summary>Reads a model from a stream to its end, in any format that files have; the stream stays open.</summary>
    /// <param name="stream">At most 1 GiB from where it stands.</param>
    /// <param name="name">Stands for it in messages, and names a model that has no card.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ModelFormatException">It is longer, or damaged, hostile, or of another kind.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<ModelFile> OpenAsync(Stream stream, string name, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        using var bytes = new MemoryStream();
        var part = new byte[1 << 16];
        while (await stream.ReadAsync(part, cancellation).ConfigureAwait(false) is var read and > 0)
        {
            if (bytes.Length + read > MostStreamBytes)
                throw new ModelFormatException(name, null, $"a model of at most {MostStreamBytes} bytes", "a longer stream");
            bytes.Write(part, 0, read);
        }
        return Open(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), name);
    }

    /// <summary>Opens a model file as <see cref="Open(string)"/> does, without holding up the caller.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the waiting at once; a model that is opened nevertheless is disposed.</param>
    /// <exception cref="ModelFormatException">The file cannot be read, or is damaged, hostile, or of another kind.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<ModelFile> OpenAsync(string path, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var opening = Task.Run(() => Open(path), cancellation);
        try
        {
            return await opening.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = opening.ContinueWith(static t => t.Result.Dispose(), CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    static ModelFile Wrap(TensorSet tensors, Lazy<string> identity)
    {
        try
        {
            return new(tensors, null, identity);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    /// <summary>Where it was read from: a path, or the name of embedded memory.</summary>
    public string Source => _tensors.Source;

    /// <summary>Its card; one that says only what can be seen from the weights where the file has none.</summary>
    public ModelCard Card { get; }

    /// <summary>The EdgeFace network its tensors form, or null.</summary>
    internal EdgeFaceConfig? Network { get; }

    /// <summary>Name of the EdgeFace network its tensors form, e.g. <c>edgeface_xs_gamma_06</c>, or null.</summary>
    public string? Variant => Network?.Name;

    /// <summary>Multiplications with addition that one crop takes in that network, or null.</summary>
    public long? MultiplyAdds => Network?.MultiplyAdds;

    /// <summary>Identity of the weights, lower-case hexadecimal; docs/file-format.md says over what.</summary>
    /// <exception cref="ModelFormatException">The file states another one than its weights have.</exception>
    public string WeightsSha256 => _identity.Value;

    static string Identify(TensorSet tensors)
    {
        var found = WeightIdentity.Sha256(tensors.Tensors);
        return tensors.WeightsSha256 is null || tensors.WeightsSha256 == found ? found
            : throw new ModelFormatException(tensors.Source, null, $"weights with SHA-256 {tensors.WeightsSha256}", found);
    }

    /// <summary>Names and shapes of its tensors, in file order.</summary>
    internal IReadOnlyList<ParameterInfo> Parameters => _parameters;

    /// <summary>Number of values in all tensors.</summary>
    public long ParameterCount => _parameters.Sum(p => p.Count);

    /// <summary>How the first matrix is stored, e.g. <c>Float32</c>.</summary>
    public string Storage
        => _tensors.Tensors.FirstOrDefault(t => t.Shape.Length >= 2 && t.Name.Contains("fc", StringComparison.Ordinal))?.Type.ToString()
            ?? (_tensors.Tensors.Count > 0 ? _tensors.Tensors[0].Type.ToString() : "none");

    /// <summary>
    /// Checks everything there is to check: shapes against the manifest, finite values, a stored identity against the weights, and of a recogniser
    /// that it embeds a few patterns: finite, not all alike, and the same when run twice.
    /// </summary>
    /// <exception cref="ModelFormatException">Something does not hold; the message names the tensor, or what is wrong with
    /// the embeddings.</exception>
    public void Verify()
    {
        var recognises = Card.Kind == "recogniser";
        if (recognises) RequireNetwork();
        foreach (var parameter in _parameters) _ = Read(parameter.Name);
        _ = Identify(_tensors);
        if (recognises) RecogniserCheck.Run(this);
    }

    /// <summary>The same weights under another card. The two share the file: disposing one closes both.</summary>
    public ModelFile WithCard(ModelCard card) => new(_tensors, card, _identity);

    /// <summary>
    /// Writes the model; the extension, <c>.efw</c>, <c>.safetensors</c>, <c>.pt</c> or <c>.onnx</c>, chooses the format. The file appears
    /// whole or not at all. A <c>.pt</c> file has the layout of the official checkpoints, for <c>torch.load</c>: EdgeFace networks only, in
    /// floats, and without the card. An ONNX file is for other programs (docs/models.md): EdgeFace networks only, in floats or dynamic
    /// int8, and not read here.
    /// </summary>
    /// <exception cref="ArgumentException">Another extension, ONNX as float16, <c>.pt</c> as int8, or a card of more than 64 KiB.</exception>
    /// <exception cref="ModelFormatException">A value is not finite, or too large for the precision; or what is to be ONNX or <c>.pt</c> is
    /// no EdgeFace network.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path, WeightPrecision precision = WeightPrecision.Float32)
    {
        var type = precision switch
        {
            WeightPrecision.Int8 => TensorType.Int8,
            WeightPrecision.Float16 => TensorType.Float16,
            _ => TensorType.Float32,
        };
        var card = RequireCard(path, Card);
        if (string.Equals(Path.GetExtension(path), ".onnx", StringComparison.OrdinalIgnoreCase))
        {
            if (precision == WeightPrecision.Float16)
                throw new ArgumentException($"'{path}': ONNX files are written as float32 or int8, not float16", nameof(precision));
            OnnxExporter.Write(path, RequireNetwork(), Read, precision == WeightPrecision.Int8, [("card", card)]);
            return;
        }
        if (IsPyTorch(path) && precision == WeightPrecision.Int8)
            throw new ArgumentException($"'{path}': .pt files are written as float32 or float16, not int8", nameof(precision));
        Write(path, card, type);
    }

    static bool IsPyTorch(string path) => string.Equals(Path.GetExtension(path), ".pt", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Writes the model as <c>.efw</c> or <c>.safetensors</c> with every tensor stored as it is, so that the weights keep their identity.
    /// </summary>
    internal void SaveAsStored(string path) => Write(path, RequireCard(path, Card), null);

    static string RequireCard(string path, ModelCard card)
    {
        var json = card.ToJson();
        return System.Text.Encoding.UTF8.GetByteCount(json) <= TensorSet.MaxCardBytes ? json
            : throw new ArgumentException($"'{path}': a model card has at most {TensorSet.MaxCardBytes} bytes", nameof(path));
    }

    void Write(string path, string card, TensorType? type)
        => Write(path, IsPyTorch(path) ? ParameterManifest.Of(RequireNetwork()).Select(p => Find(p.Name)) : _tensors.Tensors, card, Source, type);

    /// <summary>Writes tensors as a new model: <c>.efw</c>, <c>.safetensors</c> or, with those of an EdgeFace network in state-dict order,
    /// <c>.pt</c>. The file appears whole or not at all.</summary>
    /// <exception cref="ArgumentException">Another extension, or a card of more than 64 KiB.</exception>
    /// <exception cref="ModelFormatException">A value is not finite.</exception>
    internal static void Write(string path, IEnumerable<Tensor> tensors, ModelCard card)
        => Write(path, tensors, RequireCard(path, card), path, null);

    static void Write(string path, IEnumerable<Tensor> from, string card, string source, TensorType? type)
    {
        var tensors = new List<Tensor>();
        foreach (var tensor in from)
        {
            RequireFinite(source, tensor.Name, tensor.ToFloats(), "finite values");
            tensors.Add(type is { } other ? tensor.Convert(other) : tensor);
            if (type is not null) RequireFinite(source, tensor.Name, tensors[^1].ToFloats(), $"values within the range of {type}");
        }
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".efw":
                EfwFile.Write(path, tensors, System.Text.Encoding.UTF8.GetBytes(card));
                break;
            case ".safetensors":
                SafeTensors.Write(path, tensors, new Dictionary<string, string> { ["card"] = card });
                break;
            case ".pt":
                PyTorchWriter.Write(path, tensors, KeyRemap.Prefix);
                break;
            default:
                throw new ArgumentException($"'{path}': models are written as .efw, .safetensors, .pt or .onnx", nameof(path));
        }
    }

    /// <summary>Whether a parameter is stored as int8, symmetric, with one scale an output: what the kernels can compute in bytes.</summary>
    internal bool IsInt8(string name)
        => _tensors.TryGet(name, out var tensor) && tensor.Type == TensorType.Int8 && tensor.ZeroPoint == 0
            && tensor.Shape.Length == 2 && tensor.Scales.Length == tensor.Shape[0];

    /// <summary>The values of a parameter as floats, all finite.</summary>
    /// <exception cref="ModelFormatException">It is missing or holds NaN or infinity.</exception>
    internal float[] Read(string name)
    {
        var values = new float[Find(name).Count];
        ReadTo(name, values);
        return values;
    }

    /// <summary>Writes the values of a parameter as floats, all finite.</summary>
    /// <exception cref="ModelFormatException">It is missing or holds NaN or infinity.</exception>
    internal void ReadTo(string name, Span<float> values)
    {
        Find(name).CopyTo(values);
        RequireFinite(Source, name, values, "finite values");
    }

    Tensor Find(string name) => _tensors.TryGet(name, out var tensor) ? tensor : throw new ModelFormatException(Source, name, "a tensor", "none");

    static void RequireFinite(string source, string name, ReadOnlySpan<float> values, string expected)
    {
        var at = Finite.IndexOfOther(values);
        if (at >= 0) throw new ModelFormatException(source, name, expected, values[at].ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The values of a parameter that must have the given shape.</summary>
    internal float[] Read(string name, params ReadOnlySpan<int> shape)
    {
        if (_tensors.TryGet(name, out var tensor) && !tensor.Shape.SequenceEqual(shape))
            throw new ModelFormatException(Source, name, Shapes.Text(shape), Shapes.Text(tensor.Shape));
        return Read(name);
    }

    /// <summary>The network, or an error that names the first tensor that does not fit the nearest variant.</summary>
    internal EdgeFaceConfig RequireNetwork()
    {
        if (Network is { } network)
        {
            var known = ParameterManifest.Of(network).Select(p => p.Name).ToHashSet();
            foreach (var parameter in _parameters)
                if (!known.Contains(parameter.Name))
                    throw new ModelFormatException(Source, parameter.Name, $"only the {known.Count} tensors of {network.Name}", "one more");
            return network;
        }
        if (!_tensors.TryGet("stem.0.weight", out var stem))
            throw new ModelFormatException(Source, "stem.0.weight", "an EdgeFace network", "no such tensor");
        var nearest = EdgeFaceVariants.All.FirstOrDefault(v => stem.Shape.Length > 0 && v.Dims[0] == stem.Shape[0])
            ?? throw new ModelFormatException(Source, "stem.0.weight", "24, 32, 48 or 80 channels", Shapes.Text(stem.Shape));
        var plainHead = _tensors.TryGet("head.fc.weight", out _);
        var low = !plainHead || _tensors.TryGet("stages.0.blocks.0.mlp.fc1.linear1.weight", out _);
        nearest = nearest.WithGamma(low ? GammaOf(nearest) : null) with { PlainHead = plainHead };
        foreach (var parameter in ParameterManifest.Of(nearest))
        {
            if (!_tensors.TryGet(parameter.Name, out var tensor))
                throw new ModelFormatException(Source, parameter.Name, $"{parameter.ShapeText} as in {nearest.Name}", "no such tensor");
            if (!tensor.Shape.SequenceEqual([.. parameter.Shape]))
                throw new ModelFormatException(Source, parameter.Name, $"{parameter.ShapeText} as in {nearest.Name}", Shapes.Text(tensor.Shape));
        }
        throw new ModelFormatException(Source, null, "an EdgeFace network", "tensors of no known variant");
    }

    double GammaOf(EdgeFaceConfig nearest)
        => _tensors.TryGet("head.fc.linear1.weight", out var tensor) && tensor.Shape.Length == 2 && tensor.Shape[0] is var rank && rank > 0
            && Math.Min(nearest.Dims[3], EdgeFaceConfig.EmbeddingSize) is var width && rank <= width
            ? Math.Min(1, (rank + 0.5) / width) : nearest.Gamma ?? 1;

    static ModelCard CardOf(TensorSet tensors, EdgeFaceConfig? network) => new()
    {
        Name = network is null ? Path.GetFileNameWithoutExtension(tensors.Source)
            : Path.GetFileNameWithoutExtension(tensors.Source) is var stem && stem.Length > 0 ? stem : network.Name,
        Kind = network is not null ? "recogniser"
            : tensors.TryGet("lat32.weight", out _) || tensors.TryGet("neck.lateral_convs.2.conv1.weight", out _) ? "detector"
            : tensors.TryGet("pool.weight", out _) ? "refiner" : "unknown",
        Architecture = network?.Name,
    };

    /// <summary>Releases the file.</summary>
    public void Dispose() => _tensors.Dispose();
}
