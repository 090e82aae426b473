using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeFace.Gallery.Search;

/// <summary>A vector of 32 bits for each of several rows: four codes, two 16-bit sums of a run, or one sum.</summary>
unsafe interface IRowVector<TSelf> where TSelf : unmanaged, IRowVector<TSelf>
{
    static abstract int Rows { get; }
    static abstract TSelf Zero { get; }

    /// <summary>Four codes of each row.</summary>
    static abstract TSelf LoadCodes(byte* codes);

    static abstract TSelf Load(int* sums);
    static abstract TSelf Repeat(int value);

    /// <summary>What the sums of a run begin with.</summary>
    /// <param name="negated">Two 16-bit halves: the negated sums of the bytes by which the run multiplies. Where codes are multiplied as they are
    /// stored, they are too high by <see cref="RowChunk.Zero"/>.</param>
    static abstract TSelf Start(int negated);

    /// <summary>The sums of a run and the products of four codes of each row with four bytes.</summary>
    static abstract TSelf MultiplyAdd(TSelf codes, TSelf four, TSelf run);

    /// <summary>sums + what the run adds to each row, in 32 bits.</summary>
    static abstract TSelf AddWide(TSelf sums, TSelf run);

    static abstract void Store(TSelf value, int* destination);
    static abstract bool AnyAbove(TSelf a, TSelf b);
}

readonly unsafe struct Rows128(Vector128<int> value) : IRowVector<Rows128>
{
    readonly Vector128<int> _value = value;

    public static bool Runs => Ssse3.IsSupported || AdvSimd.Arm64.IsSupported;
    public static int Rows => 4;
    public static Rows128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows128 LoadCodes(byte* codes)
        => new((Ssse3.IsSupported ? Vector128.Load(codes) : Vector128.Load(codes) ^ Vector128.Create(RowChunk.Zero)).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows128 Load(int* sums) => new(Vector128.Load(sums));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows128 Repeat(int value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows128 Start(int negated)
        => Ssse3.IsSupported ? new((Vector128.Create(negated).AsInt16() << RowChunk.ZeroBit).AsInt32()) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows128 MultiplyAdd(Rows128 codes, Rows128 four, Rows128 run)
    {
        if (Ssse3.IsSupported)
            return new((run._value.AsInt16() + Ssse3.MultiplyAddAdjacent(codes._value.AsByte(), four._value.AsSByte())).AsInt32());
        Vector128<sbyte> a = codes._value.AsSByte(), b = four._value.AsSByte();
        return new((run._value.AsInt16() + AdvSimd.Arm64.AddPairwise(
            AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()), AdvSimd.MultiplyWideningUpper(a, b))).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows128 AddWide(Rows128 sums, Rows128 run)
        => new(sums._value + (Ssse3.IsSupported
            ? Sse2.MultiplyAddAdjacent(run._value.AsInt16(), Vector128<short>.One)
            : AdvSimd.AddPairwiseWidening(run._value.AsInt16())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Rows128 value, int* destination) => value._value.Store(destination);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool AnyAbove(Rows128 a, Rows128 b)
        => Vector128.GreaterThanAny(a._value, b._value);
}

/// <summary>With the dot product of Arm, which adds in 32 bits.</summary>
readonly unsafe struct DotRows128(Vector128<int> value) : IRowVector<DotRows128>
{
    readonly Vector128<int> _value = value;

    public static int Rows => 4;
    public static DotRows128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static DotRows128 LoadCodes(byte* codes)
        => new((Vector128.Load(codes) ^ Vector128.Create(RowChunk.Zero)).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static DotRows128 Load(int* sums) => new(Vector128.Load(sums));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static DotRows128 Repeat(int value) => new(Vector128.Create(value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static DotRows128 Start(int negated) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DotRows128 MultiplyAdd(DotRows128 codes, DotRows128 four, DotRows128 run)
        => new(Dp.DotProduct(run._value, codes._value.AsSByte(), four._value.AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static DotRows128 AddWide(DotRows128 sums, DotRows128 run)
        => new(sums._value + run._value);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(DotRows128 value, int* destination)
        => value._value.Store(destination);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool AnyAbove(DotRows128 a, DotRows128 b)
        => Vector128.GreaterThanAny(a._value, b._value);
}

readonly unsafe struct Rows256(Vector256<int> value) : IRowVector<Rows256>
{
    readonly Vector256<int> _value = value;

    public static bool Runs => Avx2.IsSupported;
    public static int Rows => 8;
    public static Rows256 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows256 LoadCodes(byte* codes) => new(Vector256.Load(codes).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows256 Load(int* sums) => new(Vector256.Load(sums));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows256 Repeat(int value) => new(Vector256.Create(value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows256 Start(int negated)
        => new((Vector256.Create(negated).AsInt16() << RowChunk.ZeroBit).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows256 MultiplyAdd(Rows256 codes, Rows256 four, Rows256 run)
        => new((run._value.AsInt16() + Avx2.MultiplyAddAdjacent(codes._value.AsByte(), four._value.AsSByte())).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows256 AddWide(Rows256 sums, Rows256 run)
        => new(sums._value + Avx2.MultiplyAddAdjacent(run._value.AsInt16(), Vector256<short>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Rows256 value, int* destination) => value._value.Store(destination);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool AnyAbove(Rows256 a, Rows256 b)
        => Vector256.GreaterThanAny(a._value, b._value);
}

/// <summary>Without AVX-512 made of two halves, so that tests can run it.</summary>
readonly unsafe struct Rows512(Vector512<int> value) : IRowVector<Rows512>
{
    readonly Vector512<int> _value = value;

    public static bool Runs => Avx2.IsSupported;
    public static int Rows => 16;
    public static Rows512 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows512 LoadCodes(byte* codes) => new(Vector512.Load(codes).AsInt32());
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows512 Load(int* sums) => new(Vector512.Load(sums));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows512 Repeat(int value) => new(Vector512.Create(value));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Rows512 Start(int negated)
        => new((Vector512.Create(negated).AsInt16() << RowChunk.ZeroBit).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows512 MultiplyAdd(Rows512 codes, Rows512 four, Rows512 run)
    {
        var (a, b) = (codes._value.AsByte(), four._value.AsSByte());
        return new((run._value.AsInt16() + (Avx512BW.IsSupported ? Avx512BW.MultiplyAddAdjacent(a, b)
            : Vector512.Create(
                Avx2.MultiplyAddAdjacent(a.GetLower(), b.GetLower()), Avx2.MultiplyAddAdjacent(a.GetUpper(), b.GetUpper())))).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rows512 AddWide(Rows512 sums, Rows512 run)
    {
        var (a, one) = (run._value.AsInt16(), Vector256<short>.One);
        return new(sums._value + (Avx512BW.IsSupported ? Avx512BW.MultiplyAddAdjacent(a, Vector512<short>.One)
            : Vector512.Create(Avx2.MultiplyAddAdjacent(a.GetLower(), one), Avx2.MultiplyAddAdjacent(a.GetUpper(), one))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(Rows512 value, int* destination) => value._value.Store(destination);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static bool AnyAbove(Rows512 a, Rows512 b)
        => Vector512.GreaterThanAny(a._value, b._value);
}
