using System.Buffers.Binary;

namespace EdgeFace.Onnx;

/// <summary>The fields of a message in the wire format of protocol buffers, one after another. What does not fit is an error.</summary>
ref struct ProtobufReader(string file, ReadOnlySpan<byte> bytes)
{
    const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    ReadOnlySpan<byte> _rest = bytes;

    /// <summary>The field's number in its message.</summary>
    public int Field { get; private set; }

    /// <summary>Whether the field is bytes, a text or a message; otherwise it is a number.</summary>
    public bool IsBytes { get; private set; }

    /// <summary>The value of a number, or the bits of a float.</summary>
    public ulong Number { get; private set; }

    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Moves to the next field; false at the end.</summary>
    /// <exception cref="ModelFormatException">The bytes are no such message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty) return false;
        var key = TakeVarint();
        (Field, IsBytes) = ((int)Math.Min(key >> 3, int.MaxValue), (key & 7) == LengthDelimited);
        Bytes = default;
        switch ((int)(key & 7))
        {
            case Varint: Number = TakeVarint(); break;
            case Fixed64: Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8)); break;
            case Fixed32: Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4)); break;
            case LengthDelimited: Bytes = Take(TakeVarint()); break;
            default: throw Broken($"wire type {key & 7}");
        }
        return true;
    }

    /// <summary>A list of numbers: of packed ones all, of others the one of this field.</summary>
    public readonly void AddTo(List<long> numbers)
    {
        if (!IsBytes)
        {
            numbers.Add((long)Number);
            return;
        }
        var packed = new ProtobufReader(file, Bytes);
        while (!packed._rest.IsEmpty) numbers.Add((long)packed.TakeVarint());
    }

    ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length) throw Broken($"{count} bytes where {_rest.Length} are left");
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    ulong TakeVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw Broken("a number of more than 10 bytes");
    }

    readonly ModelFormatException Broken(string found) => new(file, null, "a whole ONNX file", found);
}
