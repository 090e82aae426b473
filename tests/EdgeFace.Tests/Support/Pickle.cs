using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>Writes pickles opcode by opcode, good ones and bad ones.</summary>
sealed class Pickle
{
    readonly List<byte> _bytes = [];

    public Pickle() => Raw("\x80\x02");

    /// <summary>Opcodes and operands, one byte a character.</summary>
    public Pickle Raw(string latin1, int times = 1)
    {
        var bytes = Encoding.Latin1.GetBytes(latin1);
        for (var i = 0; i < times; i++) _bytes.AddRange(bytes);
        return this;
    }

    public Pickle Text(string text) => Raw("X" + Int32(Encoding.UTF8.GetByteCount(text)) + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)));

    public Pickle Global(string module, string name) => Raw($"c{module}\n{name}\n");

    public Pickle Int(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return value is >= 0 and < 256 ? Raw($"K{(char)value}") : Raw("\x8a\x08" + Encoding.Latin1.GetString(bytes));
    }

    public Pickle Double(double value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
        return Raw("G" + Encoding.Latin1.GetString(bytes));
    }

    public Pickle Ints(params ReadOnlySpan<long> values)
    {
        Raw("(");
        foreach (var value in values) Int(value);
        return Raw("t");
    }

    public Pickle Storage(string type, string key, long count)
        => Raw("(").Text("storage").Global("torch", type + "Storage").Text(key).Text("cpu").Int(count).Raw("tQ");

    public Pickle EmptyOrderedDict() => Global("collections", "OrderedDict").Raw(")R");

    public Pickle Tensor(string type, string key, long count, long offset, long[] shape, long[] strides)
        => Global("torch._utils", "_rebuild_tensor_v2").Raw("(").Storage(type, key, count).Int(offset).Ints(shape).Ints(strides)
            .Raw("\x89").EmptyOrderedDict().Raw("tR");

    public Pickle Quantised(string type, string key, long count, long[] shape, long[] strides, double scale, long zeroPoint)
        => Global("torch._utils", "_rebuild_qtensor").Raw("(").Storage(type, key, count).Int(0).Ints(shape).Ints(strides)
            .Raw("(").Global("torch", "per_tensor_affine").Double(scale).Int(zeroPoint).Raw("t\x89").EmptyOrderedDict().Raw("tR");

    public Pickle Parameter(Action<Pickle> tensor)
    {
        Global("torch._utils", "_rebuild_parameter").Raw("(");
        tensor(this);
        return Raw("\x88").EmptyOrderedDict().Raw("tR");
    }

    public Pickle Dictionary(params ReadOnlySpan<(string Name, Action<Pickle> Value)> items)
    {
        EmptyOrderedDict().Raw("(");
        foreach (var (name, value) in items) value(Text(name));
        return Raw("u");
    }

    public byte[] End() => Raw(".").ToArray();

    public byte[] ToArray() => [.. _bytes];

    public static string Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Encoding.Latin1.GetString(bytes);
    }
}
