namespace EdgeFace.Weights;

/// <summary>The tensors of one file, in file order, with what the file says about itself.</summary>
sealed class TensorSet : IDisposable
{
    /// <summary>The most bytes of UTF-8 JSON a model card may have.</summary>
    public const int MaxCardBytes = 1 << 16;

    readonly Dictionary<string, Tensor> _byName = new(StringComparer.Ordinal);
    readonly IDisposable? _owner;
    readonly IReadOnlyList<Tensor> _tensors;
    bool _disposed;

    /// <param name="source">File name for messages.</param>
    /// <param name="owner">What keeps the tensors' memory, disposed with the set.</param>
    /// <exception cref="ModelFormatException">Two tensors of the same name.</exception>
    public TensorSet(string source, IReadOnlyList<Tensor> tensors, byte[]? card = null, string? weightsSha256 = null, IDisposable? owner = null)
    {
        (Source, _tensors, Card, WeightsSha256, _owner) = (source, tensors, card, weightsSha256, owner);
        foreach (var tensor in tensors)
            if (!_byName.TryAdd(tensor.Name, tensor)) throw new ModelFormatException(source, tensor.Name, "one tensor of that name", "two");
    }

    public string Source { get; }
    /// <exception cref="ObjectDisposedException">The file that holds them is closed.</exception>
    public IReadOnlyList<Tensor> Tensors
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _tensors;
        }
    }

    /// <summary>The model card, UTF-8 JSON, or null.</summary>
    public byte[]? Card { get; }

    /// <summary>The identity of the weights the file states, or null.</summary>
    public string? WeightsSha256 { get; }

    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Tensor? tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _byName.TryGetValue(name, out tensor);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _owner?.Dispose();
    }
}
