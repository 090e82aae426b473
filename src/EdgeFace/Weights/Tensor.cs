using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgeFace.Weights;

/// <summary>How a tensor's values are stored. The numbers stand in files: they never change meaning.</summary>
enum TensorType : byte
{
    Float32 = 0,
    Float16 = 1,
    BFloat16 = 2,
    Int8 = 3,
}

/// <summary>
/// One named array, row-major and little-endian, in managed memory or in memory that its <see cref="TensorSet"/> keeps alive. Int8 values stand for
/// (q - ZeroPoint) * scale, with one scale for all or one per output channel (the first dimension).
/// </summary>
sealed unsafe class Tensor
{
    readonly byte[]? _managed;
    readonly byte* _memory;
    readonly long _bytes;
    readonly int[] _shape;
    readonly float[] _scales;

    public Tensor(string name, int[] shape, TensorType type, byte[] data, float[]? scales = null, int zeroPoint = 0)
        : this(name, shape, type, data.LongLength, scales, zeroPoint) => _managed = data;

    /// <summary>Data in memory that outlives the tensor.</summary>
    public Tensor(string name, int[] shape, TensorType type, byte* data, long bytes, float[]? scales = null, int zeroPoint = 0)
        : this(name, shape, type, bytes, scales, zeroPoint) => _memory = data;

    public Tensor(string name, int[] shape, ReadOnlySpan<float> values)
        : this(name, shape, TensorType.Float32, MemoryMarshal.AsBytes(values).ToArray()) { }

    Tensor(string name, int[] shape, TensorType type, long bytes, float[]? scales, int zeroPoint)
    {
        (Name, _shape, Type, _bytes, _scales, ZeroPoint) = (name, shape, type, bytes, scales ?? [], zeroPoint);
        Count = shape.Aggregate(1L, (product, d) => checked(product * d));
        if (bytes != Count * Size(type))
            throw new ArgumentException($"tensor '{name}': {Count} values of {type} are {Count * Size(type)} bytes, not {bytes}");
        if (type == TensorType.Int8 && _scales.Length != 1 && (shape.Length == 0 || _scales.Length != shape[0]))
            throw new ArgumentException($"tensor '{name}': int8 values need one scale or one per output, not {_scales.Length}");
    }

    public string Name { get; }
    public ReadOnlySpan<int> Shape => _shape;
    public TensorType Type { get; }

    /// <summary>Number of values.</summary>
    public long Count { get; }

    public ReadOnlySpan<float> Scales => _scales;
    public int ZeroPoint { get; }
    public ReadOnlySpan<byte> Data => _managed ?? new ReadOnlySpan<byte>(_memory, checked((int)_bytes));

    public static int Size(TensorType type) => type switch { TensorType.Float32 => 4, TensorType.Int8 => 1, _ => 2 };

    /// <summary>The values as floats; int8 is de-quantised.</summary>
    public void CopyTo(Span<float> destination)
    {
        var data = Data;
        switch (Type)
        {
            case TensorType.Float32:
                MemoryMarshal.Cast<byte, float>(data).CopyTo(destination);
                break;
            case TensorType.Float16:
                var halves = MemoryMarshal.Cast<byte, Half>(data);
                for (var i = 0; i < halves.Length; i++) destination[i] = (float)halves[i];
                break;
            case TensorType.BFloat16:
                for (var i = 0; i < Count; i++)
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * i)..]) << 16);
                break;
            default:
                var perScale = (int)(Count / Math.Max(1, _scales.Length));
                for (var s = 0; s < _scales.Length; s++)
                    Widen(data.Slice(s * perScale, perScale), _scales[s], destination.Slice(s * perScale, perScale));
                break;
        }
    }

    void Widen(ReadOnlySpan<byte> data, float scale, Span<float> destination)
    {
        var values = MemoryMarshal.Cast<byte, sbyte>(data);
        Vector<int> zero = new(ZeroPoint);
        var i = 0;
        for (; i <= values.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(values[i..]), out var low, out var high);
            Widen(low, destination[i..]);
            Widen(high, destination[(i + Vector<short>.Count)..]);
        }
        for (; i < values.Length; i++) destination[i] = (values[i] - ZeroPoint) * scale;

        void Widen(Vector<short> part, Span<float> target)
        {
            Vector.Widen(part, out var low, out var high);
            (Vector.ConvertToSingle(low - zero) * scale).CopyTo(target);
            (Vector.ConvertToSingle(high - zero) * scale).CopyTo(target[Vector<int>.Count..]);
        }
    }

    public float[] ToFloats()
    {
        var values = new float[Count];
        CopyTo(values);
        return values;
    }

    public Tensor Rename(string name)
        => name == Name ? this
            : _managed is not null ? new(name, _shape, Type, _managed, _scales, ZeroPoint)
            : new(name, _shape, Type, _memory, _bytes, _scales, ZeroPoint);

    /// <summary>The tensor stored otherwise. Vectors stay 32-bit floats; int8 is symmetric with one scale per output, rounded to nearest.</summary>
    public Tensor Convert(TensorType type)
    {
        if (_shape.Length < 2) type = TensorType.Float32;
        if (type == Type) return this;
        var values = ToFloats();
        switch (type)
        {
            case TensorType.Float32:
                return new(Name, _shape, values);
            case TensorType.Float16:
                var halves = new Half[values.Length];
                for (var i = 0; i < values.Length; i++) halves[i] = (Half)values[i];
                return new(Name, _shape, type, MemoryMarshal.AsBytes<Half>(halves).ToArray());
            case TensorType.Int8:
                return Quantise(values);
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "weights are stored as float32, float16 or int8");
        }
    }

    Tensor Quantise(float[] values)
    {
        var outputs = _shape[0];
        var perOutput = outputs == 0 ? 0 : values.Length / outputs;
        var scales = new float[outputs];
        var data = new byte[values.Length];
        for (var o = 0; o < outputs; o++)
        {
            var row = values.AsSpan(o * perOutput, perOutput);
            var most = 0f;
            foreach (var v in row) most = Math.Max(most, Math.Abs(v));
            scales[o] = most == 0 ? 1 : most / 127;
            for (var i = 0; i < perOutput; i++) data[o * perOutput + i] = (byte)(sbyte)Math.Clamp(MathF.Round(row[i] / scales[o]), -127, 127);
        }
        return new(Name, _shape, TensorType.Int8, data, scales);
    }
}
