using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeFace.Gallery.Search;

/// <summary>A vector of one 32-bit sum, or one pair of 16-bit values, for each of several rows.</summary>
unsafe interface IRowVector<TSelf> where TSelf : unmanaged, IRowVector<TSelf>
{
    static abstract int Rows { get; }
    static abstract TSelf Zero { get; }

    /// <summary>Two bytes of each row, widened to 16 bits.</summary>
    static abstract TSelf Load(sbyte* codes);

    static abstract TSelf Repeat(int value);

    /// <summary>sum + first of row x first of pair + second of row x second of pair.</summary>
    static abstract TSelf MultiplyAdd(TSelf rows, TSelf pair, TSelf sum);

    static abstract void Store(TSelf value, int* destination);
    static abstract bool AnyAbove(TSelf a, TSelf b);
}

readonly unsafe struct Rows128(Vector128<int> value) : IRowVector<Rows128>
{
    readonly Vector128<int> _value = value;

    public static bool Runs => Sse2.IsSupported || AdvSimd.Arm64.IsSupported;
    public static int Rows => 4;
    public static Rows128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows128 Load(sbyte* codes) => new(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)codes).AsSByte()).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows128 Repeat(int value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows128 MultiplyAdd(Rows128 rows, Rows128 pair, Rows128 sum)
    {
        Vector128<short> a = rows._value.AsInt16(), b = pair._value.AsInt16();
        if (Sse2.IsSupported) return new(sum._value + Sse2.MultiplyAddAdjacent(a, b));
        return new(sum._value + AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()), AdvSimd.MultiplyWideningUpper(a, b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Rows128 value, int* destination) => value._value.Store(destination);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool AnyAbove(Rows128 a, Rows128 b) => Vector128.GreaterThanAny(a._value, b._value);
}

readonly unsafe struct Rows256(Vector256<int> value) : IRowVector<Rows256>
{
    readonly Vector256<int> _value = value;

    public static bool Runs => Avx2.IsSupported;
    public static int Rows => 8;
    public static Rows256 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows256 Load(sbyte* codes) => new(Avx2.ConvertToVector256Int16(codes).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows256 Repeat(int value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows256 MultiplyAdd(Rows256 rows, Rows256 pair, Rows256 sum) => new(sum._value + Avx2.MultiplyAddAdjacent(rows._value.AsInt16(), pair._value.AsInt16()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Rows256 value, int* destination) => value._value.Store(destination);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool AnyAbove(Rows256 a, Rows256 b) => Vector256.GreaterThanAny(a._value, b._value);
}

/// <summary>Without AVX-512 made of two halves, so that tests can run it.</summary>
readonly unsafe struct Rows512(Vector512<int> value) : IRowVector<Rows512>
{
    readonly Vector512<int> _value = value;

    public static bool Runs => Avx2.IsSupported;
    public static int Rows => 16;
    public static Rows512 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows512 Load(sbyte* codes)
        => new((Avx512BW.IsSupported ? Avx512BW.ConvertToVector512Int16(Vector256.Load(codes)) : Vector512.Create(Avx2.ConvertToVector256Int16(codes), Avx2.ConvertToVector256Int16(codes + 16))).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows512 Repeat(int value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows512 MultiplyAdd(Rows512 rows, Rows512 pair, Rows512 sum)
    {
        Vector512<short> a = rows._value.AsInt16(), b = pair._value.AsInt16();
        return new(sum._value + (Avx512BW.IsSupported ? Avx512BW.MultiplyAddAdjacent(a, b)
            : Vector512.Create(Avx2.MultiplyAddAdjacent(a.GetLower(), b.GetLower()), Avx2.MultiplyAddAdjacent(a.GetUpper(), b.GetUpper()))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Rows512 value, int* destination) => value._value.Store(destination);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool AnyAbove(Rows512 a, Rows512 b) => Vector512.GreaterThanAny(a._value, b._value);
}
