using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace EdgeFace.Onnx;

/// <summary>A message in the wire format of protocol buffers: as much of it as ONNX files need.</summary>
sealed class ProtobufMessage
{
    const int Varint = 0, LengthDelimited = 2, Fixed32 = 5;

    readonly ArrayBufferWriter<byte> _bytes = new();

    public ProtobufMessage Int(int field, long value)
    {
        Key(field, Varint);
        Write((ulong)value);
        return this;
    }

    public ProtobufMessage Float(int field, float value)
    {
        Key(field, Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    public ProtobufMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufMessage Message(int field, ProtobufMessage value) => Bytes(field, value._bytes.WrittenSpan);

    public ProtobufMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        Key(field, LengthDelimited);
        Write((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public void CopyTo(Stream stream) => stream.Write(_bytes.WrittenSpan);

    void Key(int field, int wireType) => Write((ulong)(field << 3 | wireType));

    void Write(ulong value)
    {
        for (; value >= 0x80; value >>= 7) Write((byte)(value | 0x80));
        Write((byte)value);
    }

    void Write(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
