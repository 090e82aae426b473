using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Weights;

/// <summary>A global that a pickle names. It is only ever compared with the closed list; nothing is looked up or called.</summary>
sealed record PickleGlobal(string Name);

/// <summary>
/// Bytes inside the pickle, left where they are. <paramref name="Latin1Text"/>: the bytes are a UTF-8 text whose characters stand for one byte each.
/// <paramref name="Short"/>: a copy, one character a byte, of up to eight bytes, since Python 2 writes names so.
/// </summary>
sealed record PickleBytes(int Offset, int Length, bool Latin1Text, string? Short);

sealed class PickleTuple(object?[] items)
{
    public static PickleTuple Empty { get; } = new([]);

    public object?[] Items { get; } = items;
}

sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    public object? this[string key] => Items.FirstOrDefault(i => i.Key is string name && name == key).Value;
}

/// <summary>
/// Reads pickles of a dialect, and nothing else: a closed list of opcodes and globals, no type resolution, every length checked
/// against the bytes that are there, and bounds on everything that a pickle could make grow.
/// </summary>
ref struct PickleReader
{
    const int MaxSteps = 2_000_000;
    const int MaxStack = 4096;
    const int MaxName = 4096;
    const int MaxShort = 8;

    readonly ReadOnlySpan<byte> _bytes;
    readonly string _source;
    readonly ReadBudget _budget;
    readonly PickleDialect _dialect;
    readonly List<object?> _stack = [];
    readonly List<int> _marks = [];
    readonly Dictionary<int, object?> _memo = [];
    int _at, _opcodeAt;

    PickleReader(ReadOnlySpan<byte> bytes, string source, ReadBudget budget, PickleDialect dialect)
    {
        _bytes = bytes;
        _source = source;
        _budget = budget;
        _dialect = dialect;
    }

    /// <summary>The value a pickle describes.</summary>
    /// <exception cref="ModelFormatException">An opcode or global outside the closed list, or bytes that are no pickle.</exception>
    public static object? Read(ReadOnlySpan<byte> bytes, string source, ReadBudget budget, PickleDialect dialect)
    {
        var reader = new PickleReader(bytes, source, budget, dialect);
        try
        {
            return reader.Run();
        }
        catch (PickleRefusal e)
        {
            throw reader.Error(e.Message);
        }
    }

    object? Run()
    {
        for (var steps = 0; steps < MaxSteps; steps++)
        {
            if (_stack.Count > MaxStack) throw Error($"more than {MaxStack} values are on the stack");
            _opcodeAt = _at;
            switch ((char)Byte())
            {
                case '\x80': if (Byte() is var protocol and (< 2 or > 5)) throw Error($"pickle protocol {protocol} is not 2 to 5"); break;
                case '\x95': Take(8); break; // FRAME: a length that says nothing we need
                case '}': _budget.Spend(64); _stack.Add(new PickleDictionary()); break;
                case ']': _budget.Spend(64); _stack.Add(new PickleList()); break;
                case ')': _stack.Add(PickleTuple.Empty); break;
                case '(': _marks.Add(_stack.Count); if (_marks.Count > MaxStack) throw Error("too many marks"); break;
                case 't': _stack.Add(new PickleTuple(PopToMark())); break;
                case '\x85': _stack.Add(new PickleTuple(Pop(1))); break;
                case '\x86': _stack.Add(new PickleTuple(Pop(2))); break;
                case '\x87': _stack.Add(new PickleTuple(Pop(3))); break;
                case 'N': _stack.Add(null); break;
                case '\x88': _stack.Add(true); break;
                case '\x89': _stack.Add(false); break;
                case 'K': Push(Byte()); break;
                case 'M': Push(BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case 'J': Push(BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case '\x8a': Push(Long()); break;
                case 'G': _budget.Spend(24); _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case 'X': _stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case 'C' or 'U' when _dialect.HasBytes: _stack.Add(Bytes(Byte())); break;
                case 'B' or 'T' when _dialect.HasBytes: _stack.Add(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case '\x8e' or '\x96' when _dialect.HasBytes: _stack.Add(Bytes(BinaryPrimitives.ReadUInt64LittleEndian(Take(8)))); break;
                case '\x8c': _stack.Add(Text(Byte())); break;
                case 'c': _stack.Add(Global(Line(), Line())); break;
                case '\x93': { var names = Pop(2); _stack.Add(Global(names[0] as string ?? "?", names[1] as string ?? "?")); break; }
                case 'q': Memoise(Byte()); break;
                case 'r': Memoise(BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case '\x94': Memoise(_memo.Count); break;
                case 'h': Recall(Byte()); break;
                case 'j': Recall(BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case 'Q': _budget.Spend(128); _stack.Add(_dialect.PersistentId(Pop(1)[0])); break;
                case 'R': { var call = Pop(2); _stack.Add(Reduce(call[0], call[1])); break; }
                case 'a': { var item = Pop(1); Append(item); break; }
                case 'e': Append(PopToMark()); break;
                case 's': { var pair = Pop(2); SetItems(pair); break; }
                case 'u': SetItems(PopToMark()); break;
                case 'b': { var state = Pop(1); _dialect.Build(Peek(), state[0]); break; }
                case '.': return _stack is [var result] && _marks.Count == 0 ? result : throw Error("the pickle ends with values left over");
                default: throw Error($"opcode 0x{_bytes[_opcodeAt]:x2} is not allowed in {_dialect.Kind}");
            }
        }
        throw Error($"the pickle has more than {MaxSteps} steps");
    }

    readonly PickleGlobal Global(string module, string name)
        => _dialect.Allows($"{module}.{name}")
            ? new($"{module}.{name}")
            : throw Error($"global '{Shorten(module)}.{Shorten(name)}' is not allowed: "
                + "only tensors and plain containers are read, nothing is executed");

    readonly object Reduce(object? function, object? arguments)
        => function is PickleGlobal global && arguments is PickleTuple { Items: var items } ? _dialect.Reduce(global.Name, items, _budget)
            : throw Error("a call of something that is no function");

    readonly void Append(object?[] items)
    {
        if (Peek() is not PickleList list) throw Error("items appended to something that is no list");
        _budget.Spend(64 + 32 * items.Length);
        list.Items.AddRange(items);
    }

    readonly void SetItems(object?[] items)
    {
        if (Peek() is not PickleDictionary dictionary || items.Length % 2 != 0) throw Error("pairs set in something that is no dictionary");
        _budget.Spend(96 + 32 * items.Length);
        for (var i = 0; i < items.Length; i += 2) dictionary.Items.Add(new(items[i], items[i + 1]));
    }

    readonly void Memoise(int index)
    {
        if (index < 0) throw Error($"memo {index}");
        _budget.Spend(112);
        _memo[index] = Peek();
    }

    readonly void Recall(int index) => _stack.Add(_memo.TryGetValue(index, out var value) ? value : throw Error($"memo {index} was never stored"));

    readonly object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Error("the stack is empty");

    readonly int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    readonly object?[] Pop(int count)
    {
        if (_stack.Count - Floor < count) throw Error("the stack is empty");
        _budget.Spend(56 + 8 * count);
        var items = new object?[count];
        _stack.CopyTo(_stack.Count - count, items, 0, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    readonly object?[] PopToMark()
    {
        if (_marks.Count == 0) throw Error("a mark is missing");
        var items = Pop(_stack.Count - Floor);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    byte Byte() => Take(1)[0];

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at) throw Error("the pickle ends early");
        _at += count;
        return _bytes.Slice(_at - count, count);
    }

    long Long()
    {
        var bytes = Take(Byte());
        if (bytes.Length > 8) throw Error($"an integer of {bytes.Length} bytes");
        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (var i = bytes.Length - 1; i >= 0; i--) value = value << 8 | bytes[i];
        return value;
    }

    readonly void Push(long value)
    {
        _budget.Spend(24);
        _stack.Add(value);
    }

    object Text(uint length)
    {
        if (length > _dialect.MaxText) return _dialect.HasBytes ? Bytes(length, latin1Text: true) : throw Error($"a text of {length} bytes");
        var bytes = Take((int)length);
        _budget.Spend(32 + 2 * bytes.Length);
        return Encoding.UTF8.GetString(bytes);
    }

    PickleBytes Bytes(ulong length, bool latin1Text = false)
    {
        if (length > (ulong)(_bytes.Length - _at)) throw Error("the pickle ends early");
        _budget.Spend(48 + (length <= MaxShort ? 32 : 0));
        var bytes = Take((int)length);
        return new(_at - bytes.Length, bytes.Length, latin1Text, bytes.Length <= MaxShort ? Encoding.Latin1.GetString(bytes) : null);
    }

    string Line()
    {
        var length = _bytes[_at..].IndexOf((byte)'\n');
        if (length is < 0 or > MaxName) throw Error("a name that does not end");
        _budget.Spend(64 + 4 * length);
        var line = Encoding.UTF8.GetString(Take(length));
        _at++;
        return line;
    }

    static string Shorten(string text) => text.Length > 80 ? text[..80] + "..." : text;

    readonly ModelFormatException Error(string what)
        => new(_source, null, _dialect.Expected, $"at byte {_opcodeAt}{(_dialect.Part is { } part ? " of " + part : "")}: {what}");
}
