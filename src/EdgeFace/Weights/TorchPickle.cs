namespace EdgeFace.Weights;

/// <summary>A storage that a checkpoint's persistent id names.</summary>
sealed record PickleStorage(string Type, string Key, long Count);

/// <summary>A tensor as its pickle describes it: a view of a storage.</summary>
sealed record PickleTensor(PickleStorage Storage, long Offset, int[] Shape, long[] Strides, double Scale, int ZeroPoint);

/// <summary>The pickles that torch.save writes.</summary>
sealed class TorchPickle : PickleDialect
{
    const int MaxRank = 8;
    const string Quantised = "QInt8Storage";

    public static TorchPickle Dialect { get; } = new();

    public override string Expected => "a pickle as torch.save writes it";
    public override string? Part => "data.pkl";
    public override string Kind => "a checkpoint";
    public override int MaxText => 4096;

    public override bool Allows(string global) => global
        is "collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_qtensor" or "torch._utils._rebuild_parameter"
            or "torch.per_tensor_affine" or "torch.qint8"
            or "torch.FloatStorage" or "torch.HalfStorage" or "torch.BFloat16Storage" or "torch.DoubleStorage" or "torch.QInt8Storage"
            or "torch.LongStorage" or "torch.IntStorage" or "torch.ShortStorage"
            or "torch.CharStorage" or "torch.ByteStorage" or "torch.BoolStorage";

    public override object Reduce(string global, object?[] arguments, ReadBudget budget)
        => (global, arguments) switch
        {
            ("collections.OrderedDict", []) => new PickleDictionary(),
            ("torch._utils._rebuild_parameter", [PickleTensor tensor, bool, _]) => tensor,
            ("torch._utils._rebuild_tensor_v2",
                [PickleStorage { Type: not Quantised } storage, long offset, PickleTuple size, PickleTuple stride, bool, _, ..])
                => View(budget, storage, offset, size, stride, 1, 0),
            ("torch._utils._rebuild_qtensor",
                [PickleStorage { Type: Quantised } storage, long offset, PickleTuple size, PickleTuple stride,
                    PickleTuple { Items: [PickleGlobal { Name: "torch.per_tensor_affine" }, double scale, long zero] }, bool, _])
                => View(budget, storage, offset, size, stride, scale,
                    zero is >= sbyte.MinValue and <= sbyte.MaxValue ? (int)zero : throw new PickleRefusal($"a zero point of {zero}")),
            _ => throw new PickleRefusal($"a call of '{global}' with other arguments than torch.save writes"),
        };

    public override object PersistentId(object? id)
        => id is PickleTuple { Items: ["storage", PickleGlobal type, string key, string, long count] } && count >= 0
            && type.Name.EndsWith("Storage", StringComparison.Ordinal)
            ? new PickleStorage(type.Name["torch.".Length..], key, count)
            : throw new PickleRefusal("a persistent id that is no storage");

    public override void Build(object? target, object? state)
    {
        if (target is not PickleDictionary) throw new PickleRefusal("only a dictionary may be given attributes");
    }

    static PickleTensor View(ReadBudget budget, PickleStorage storage, long offset, PickleTuple size, PickleTuple stride,
        double scale, int zeroPoint)
    {
        if (size.Items.Length != stride.Items.Length || size.Items.Length > MaxRank)
            throw new PickleRefusal($"a tensor of {size.Items.Length} dimensions and {stride.Items.Length} strides");
        budget.Spend(256);
        var shape = new int[size.Items.Length];
        var strides = new long[shape.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = size.Items[i] is long and >= 0 and <= int.MaxValue ? (int)(long)size.Items[i]!
                : throw new PickleRefusal("a dimension that is no size");
            strides[i] = stride.Items[i] is long and >= 0 and <= int.MaxValue ? (long)stride.Items[i]!
                : throw new PickleRefusal("a stride that is no size");
        }
        if (offset < 0 || !double.IsFinite(scale)) throw new PickleRefusal("a tensor with a negative offset or a scale that is not finite");
        return new(storage, offset, shape, strides, scale, zeroPoint);
    }
}
