using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeFace.Kernels;

/// <summary>
/// A vector of 32-bit sums, one an output, and how the hardware adds products of bytes to them: by pairs of inputs of 16 bits, or by quads
/// of 8. A step takes 4 bytes of each row: Group inputs. All ways give the same integers.
/// </summary>
unsafe interface IDot<TSelf> where TSelf : unmanaged, IDot<TSelf>
{
    static abstract int Lanes { get; }

    /// <summary>Inputs a step takes: 2 of 16 bits or 4 of 8 bits.</summary>
    static abstract int Group { get; }

    static abstract TSelf Load(float* source);

    /// <summary>What sums start from, so that the zero in the row's bytes cancels; sums are those of the weights.</summary>
    static abstract TSelf Start(int* sums, int zero);

    /// <summary>Lanes * Group weights.</summary>
    static abstract TSelf LoadWeights(sbyte* source);

    /// <summary>The same 4 bytes in every lane.</summary>
    static abstract TSelf Broadcast(byte* source);

    static abstract TSelf Add(TSelf sums, TSelf inputs, TSelf weights);

    /// <summary>c = sums * (rowScale * scale) + bias, rounded twice, as all kernel sets do.</summary>
    static abstract void Store(TSelf sums, float rowScale, float* scale, float* bias, float* c, TileEnd end);

    static abstract TSelf MaxSigned(TSelf a, TSelf b);
    static abstract TSelf MaxUnsigned(TSelf a, TSelf b);
    static abstract int LargestSigned(TSelf value);
    static abstract uint LargestUnsigned(TSelf value);

    /// <summary>
    /// Writes Lanes values as inputs of <see cref="Add"/>: times the factor, rounded to even, and plus zero unless there are 16 bits for them.
    /// </summary>
    static abstract void Round(float* source, float factor, int zero, byte* target);
}

/// <summary>What the widths share.</summary>
static unsafe class Dot
{
    // 1.5 * 2^23: after adding it the low bits of a float are its value rounded to even, for magnitudes below 2^22.
    const float Rounder = 12582912;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Rounded256(float* source, float factor)
        => (Vector256.Load(source) * Vector256.Create(factor) + Vector256.Create(Rounder)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Rounded128(float* source, float factor)
        => (Vector128.Load(source) * Vector128.Create(factor) + Vector128.Create(Rounder)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Largest(Vector128<int> value)
    {
        value = Vector128.Max(value, Vector128.Shuffle(value, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(value, Vector128.Shuffle(value, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Largest(Vector128<uint> value)
    {
        value = Vector128.Max(value, Vector128.Shuffle(value, Vector128.Create(2u, 3, 0, 1)));
        return Vector128.Max(value, Vector128.Shuffle(value, Vector128.Create(1u, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
    {
        var v = Vector256.ConvertToSingle(sums) * (Vector256.Create(rowScale) * Vector256.Load(scale)) + Vector256.Load(bias);
        if (end == TileEnd.Add) v += Vector256.Load(c);
        else if (end == TileEnd.Relu) v = Vector256.Max(v, Vector256<float>.Zero);
        v.Store(c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
    {
        var v = Vector128.ConvertToSingle(sums) * (Vector128.Create(rowScale) * Vector128.Load(scale)) + Vector128.Load(bias);
        if (end == TileEnd.Add) v += Vector128.Load(c);
        else if (end == TileEnd.Relu) v = Vector128.Max(v, Vector128<float>.Zero);
        v.Store(c);
    }

    /// <summary>The quads' sums without the instruction.</summary>
    public static void AddQuads(int* sums, byte* inputs, sbyte* weights, int lanes, bool unsigned)
    {
        for (var i = 0; i < 4 * lanes; i++) sums[i / 4] += (unsigned ? inputs[i] : (sbyte)inputs[i]) * weights[i];
    }
}

/// <summary>8 sums by pairs: AVX2. The instruction that multiplies bytes directly would overflow its 16-bit sums.</summary>
readonly unsafe struct Pairs256(Vector256<int> value) : IDot<Pairs256>
{
    readonly Vector256<int> _value = value;

    public static int Lanes => 8;
    public static int Group => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs256 Load(float* source) => new(Vector256.Load((int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs256 Start(int* sums, int zero) => default;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs256 LoadWeights(sbyte* source) => new(Avx2.ConvertToVector256Int16(source).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs256 Broadcast(byte* source) => new(Vector256.Create(*(int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs256 Add(Pairs256 sums, Pairs256 inputs, Pairs256 weights)
        => new(sums._value + Avx2.MultiplyAddAdjacent(inputs._value.AsInt16(), weights._value.AsInt16()));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Pairs256 sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
        => Dot.Store(sums._value, rowScale, scale, bias, c, end);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs256 MaxSigned(Pairs256 a, Pairs256 b) => new(Vector256.Max(a._value, b._value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs256 MaxUnsigned(Pairs256 a, Pairs256 b) => new(Vector256.Max(a._value.AsUInt32(), b._value.AsUInt32()).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestSigned(Pairs256 value) => Dot.Largest(Vector128.Max(value._value.GetLower(), value._value.GetUpper()));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LargestUnsigned(Pairs256 value)
        => Dot.Largest(Vector128.Max(value._value.GetLower().AsUInt32(), value._value.GetUpper().AsUInt32()));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(float* source, float factor, int zero, byte* target)
    {
        var rounded = Dot.Rounded256(source, factor);
        Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store((short*)target);
    }
}

/// <summary>16 sums by pairs: AVX-512, for processors of which .NET does not use the byte products.</summary>
readonly unsafe struct Pairs512(Vector512<int> value) : IDot<Pairs512>
{
    readonly Vector512<int> _value = value;

    public static int Lanes => 16;
    public static int Group => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs512 Load(float* source) => new(Vector512.Load((int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs512 Start(int* sums, int zero) => default;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs512 LoadWeights(sbyte* source) => new(Avx512BW.ConvertToVector512Int16(Vector256.Load(source)).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs512 Broadcast(byte* source) => new(Vector512.Create(*(int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs512 Add(Pairs512 sums, Pairs512 inputs, Pairs512 weights)
        => new(sums._value + Avx512BW.MultiplyAddAdjacent(inputs._value.AsInt16(), weights._value.AsInt16()));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Pairs512 sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
    {
        Dot.Store(sums._value.GetLower(), rowScale, scale, bias, c, end);
        Dot.Store(sums._value.GetUpper(), rowScale, scale + 8, bias + 8, c + 8, end);
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs512 MaxSigned(Pairs512 a, Pairs512 b) => new(Vector512.Max(a._value, b._value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs512 MaxUnsigned(Pairs512 a, Pairs512 b) => new(Vector512.Max(a._value.AsUInt32(), b._value.AsUInt32()).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestSigned(Pairs512 value) => Pairs256.LargestSigned(new(Vector256.Max(value._value.GetLower(), value._value.GetUpper())));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LargestUnsigned(Pairs512 value)
        => Pairs256.LargestUnsigned(new(Vector256.Max(value._value.GetLower().AsUInt32(), value._value.GetUpper().AsUInt32()).AsInt32()));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(float* source, float factor, int zero, byte* target)
    {
        Pairs256.Round(source, factor, zero, target);
        Pairs256.Round(source + 8, factor, zero, target + 16);
    }
}

/// <summary>8 sums by quads: AVX-VNNI, which wants unsigned inputs.</summary>
readonly unsafe struct Quads256(Vector256<int> value) : IDot<Quads256>
{
    readonly Vector256<int> _value = value;

    public static int Lanes => 8;
    public static int Group => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Quads256 Load(float* source) => new(Vector256.Load((int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Start(int* sums, int zero) => new(Vector256.Load(sums) * Vector256.Create(-zero));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Quads256 LoadWeights(sbyte* source) => new(Vector256.Load((int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Quads256 Broadcast(byte* source) => new(Vector256.Create(*(int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 Add(Quads256 sums, Quads256 inputs, Quads256 weights)
    {
        if (AvxVnni.IsSupported) return new(AvxVnni.MultiplyWideningAndAdd(sums._value, inputs._value.AsByte(), weights._value.AsSByte()));
        Dot.AddQuads((int*)&sums, (byte*)&inputs, (sbyte*)&weights, Lanes, unsigned: true);
        return sums;
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Quads256 sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
        => Dot.Store(sums._value, rowScale, scale, bias, c, end);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 MaxSigned(Quads256 a, Quads256 b) => new(Vector256.Max(a._value, b._value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads256 MaxUnsigned(Quads256 a, Quads256 b) => new(Vector256.Max(a._value.AsUInt32(), b._value.AsUInt32()).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestSigned(Quads256 value) => Dot.Largest(Vector128.Max(value._value.GetLower(), value._value.GetUpper()));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LargestUnsigned(Quads256 value)
        => Dot.Largest(Vector128.Max(value._value.GetLower().AsUInt32(), value._value.GetUpper().AsUInt32()));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(float* source, float factor, int zero, byte* target)
    {
        var rounded = Dot.Rounded256(source, factor);
        var words = Vector128.Narrow(rounded.GetLower(), rounded.GetUpper());
        *(long*)target = (Vector128.Narrow(words, words) + Vector128.Create((sbyte)zero)).AsInt64().ToScalar();
    }
}

/// <summary>4 sums by pairs: any hardware.</summary>
readonly unsafe struct Pairs128(Vector128<int> value) : IDot<Pairs128>
{
    readonly Vector128<int> _value = value;

    public static int Lanes => 4;
    public static int Group => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs128 Load(float* source) => new(Vector128.Load((int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs128 Start(int* sums, int zero) => default;
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs128 LoadWeights(sbyte* source) => new(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)source).AsSByte()).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Pairs128 Broadcast(byte* source) => new(Vector128.Create(*(int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs128 Add(Pairs128 sums, Pairs128 inputs, Pairs128 weights)
    {
        Vector128<short> a = inputs._value.AsInt16(), b = weights._value.AsInt16();
        if (Sse2.IsSupported) return new(sums._value + Sse2.MultiplyAddAdjacent(a, b));
        // A product, at most 255 * 127, fits 16 bits.
        if (AdvSimd.IsSupported) return new(AdvSimd.AddPairwiseWideningAndAdd(sums._value, a * b));
        var products = (a * b).AsInt32();
        return new(sums._value + ((products << 16) >> 16) + (products >> 16));
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Pairs128 sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
        => Dot.Store(sums._value, rowScale, scale, bias, c, end);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs128 MaxSigned(Pairs128 a, Pairs128 b) => new(Vector128.Max(a._value, b._value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pairs128 MaxUnsigned(Pairs128 a, Pairs128 b) => new(Vector128.Max(a._value.AsUInt32(), b._value.AsUInt32()).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static int LargestSigned(Pairs128 value) => Dot.Largest(value._value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint LargestUnsigned(Pairs128 value) => Dot.Largest(value._value.AsUInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(float* source, float factor, int zero, byte* target)
    {
        var rounded = Dot.Rounded128(source, factor);
        *(long*)target = Vector128.Narrow(rounded, rounded).AsInt64().ToScalar();
    }
}

/// <summary>4 sums by quads: the dot products of ARM, whose inputs are signed: 128 less.</summary>
readonly unsafe struct Quads128(Vector128<int> value) : IDot<Quads128>
{
    readonly Vector128<int> _value = value;

    public static int Lanes => 4;
    public static int Group => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Quads128 Load(float* source) => new(Vector128.Load((int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Start(int* sums, int zero) => new(Vector128.Load(sums) * Vector128.Create(128 - zero));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Quads128 LoadWeights(sbyte* source) => new(Vector128.Load((int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Quads128 Broadcast(byte* source) => new(Vector128.Create(*(int*)source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 Add(Quads128 sums, Quads128 inputs, Quads128 weights)
    {
        if (Dp.IsSupported) return new(Dp.DotProduct(sums._value, inputs._value.AsSByte(), weights._value.AsSByte()));
        Dot.AddQuads((int*)&sums, (byte*)&inputs, (sbyte*)&weights, Lanes, unsigned: false);
        return sums;
    }
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Quads128 sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
        => Dot.Store(sums._value, rowScale, scale, bias, c, end);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 MaxSigned(Quads128 a, Quads128 b) => new(Vector128.Max(a._value, b._value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quads128 MaxUnsigned(Quads128 a, Quads128 b) => new(Vector128.Max(a._value.AsUInt32(), b._value.AsUInt32()).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static int LargestSigned(Quads128 value) => Dot.Largest(value._value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint LargestUnsigned(Quads128 value) => Dot.Largest(value._value.AsUInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(float* source, float factor, int zero, byte* target)
    {
        var rounded = Dot.Rounded128(source, factor);
        var words = Vector128.Narrow(rounded, rounded);
        *(int*)target = (Vector128.Narrow(words, words) + Vector128.Create((sbyte)(zero - 128))).AsInt32().ToScalar();
    }
}
