using EdgeFace.Weights;

namespace EdgeFace.Evaluation.Data;

/// <summary>A type of numpy's: b1 (bool) or u1 (byte).</summary>
sealed record NumpyType(bool IsBool);

/// <summary>An array of numpy's of one dimension; its values stay in the file.</summary>
sealed class NumpyArray
{
    public NumpyType? Type { get; set; }

    /// <summary><see cref="PickleBytes"/>, or a short text with a character for each byte.</summary>
    public object? Values { get; set; }
}

/// <summary>
/// The pickles of InsightFace's .bin files: lists, tuples, byte strings, bools, and one-dimensional arrays and scalars of bytes and bools
/// as numpy 1 and 2 write them under Python 2 and 3. Under protocol 2 Python 3 writes bytes as a call of _codecs.encode with a text.
/// </summary>
sealed class NumpyPickle : PickleDialect
{
    public static NumpyPickle Dialect { get; } = new();

    public override string Expected => "a pickle of images and labels as InsightFace's .bin files hold it";
    public override string? Part => null;
    public override string Kind => "a .bin data set";

    // Enough for names; a longer text can only be bytes in disguise.
    public override int MaxText => 32;
    public override bool HasBytes => true;

    public override bool Allows(string global)
        => Plain(global) is "ndarray" or "dtype" or "_reconstruct" or "scalar" or "_frombuffer" or "_codecs.encode";

    static string? Plain(string global) => global switch
    {
        "numpy.ndarray" => "ndarray",
        "numpy.dtype" => "dtype",
        "numpy.core.multiarray._reconstruct" or "numpy._core.multiarray._reconstruct" => "_reconstruct",
        "numpy.core.multiarray.scalar" or "numpy._core.multiarray.scalar" => "scalar",
        "numpy.core.numeric._frombuffer" or "numpy._core.numeric._frombuffer" => "_frombuffer",
        "_codecs.encode" => "_codecs.encode",
        _ => null,
    };

    public override object Reduce(string global, object?[] arguments, ReadBudget budget)
    {
        budget.Spend(64);
        return (Plain(global), arguments) switch
        {
            // A short text is "b", the type code that numpy hands to _reconstruct, or the value of a scalar or a short array.
            ("_codecs.encode", [string text, "latin1" or "latin-1"]) => text,
            ("_codecs.encode", [PickleBytes { Latin1Text: true } text, "latin1" or "latin-1"]) => text,
            ("dtype", [var name, ..]) => Short(name) switch
            {
                "b1" or "bool" => new NumpyType(IsBool: true),
                "u1" or "uint8" => new NumpyType(IsBool: false),
                var other => throw new PickleRefusal($"numpy type '{other ?? "?"}': only b1 and u1 are read"),
            },
            ("_reconstruct", [PickleGlobal { Name: "numpy.ndarray" }, PickleTuple { Items: [0L] }, _]) => new NumpyArray(),
            ("_frombuffer", [PickleBytes values, NumpyType type, PickleTuple shape, "C" or "F"]) => Filled(new(), type, values, shape),
            ("scalar", [NumpyType { IsBool: true }, var value]) when Short(value) is [var flag] => flag != 0,
            _ => throw new PickleRefusal($"a call of '{global}' with other arguments than numpy writes for bytes and bools"),
        };
    }

    public override object PersistentId(object? id) => throw new PickleRefusal("a persistent id");

    public override void Build(object? target, object? state)
    {
        if (target is NumpyType && state is PickleTuple { Items: [long, var order, null, ..] } && Short(order) == "|") return;
        if (target is not NumpyArray { Type: null } array
            || state is not PickleTuple { Items: [long, PickleTuple shape, NumpyType type, bool or long, (PickleBytes or string) and var values] })
            throw new PickleRefusal("a state that numpy does not write");
        Filled(array, type, values, shape);
    }

    static NumpyArray Filled(NumpyArray array, NumpyType type, object values, PickleTuple shape)
    {
        if (shape.Items is not [long count])
            throw new PickleRefusal($"an array of {shape.Items.Length} dimensions: pixels instead of an encoded picture");
        // A text of bytes above 127 is longer than their number, which shows when it is read.
        var (bytes, exact) = values switch { PickleBytes b => (b.Length, !b.Latin1Text), string s => (s.Length, true), _ => (-1, true) };
        if (exact ? count != bytes : count > bytes) throw new PickleRefusal($"an array of {count} values with {bytes} bytes");
        (array.Type, array.Values) = (type, values);
        return array;
    }

    // Names and single values come as texts, or as byte strings from Python 2.
    static string? Short(object? value) => value switch { string text => text, PickleBytes bytes => bytes.Short, _ => null };
}
