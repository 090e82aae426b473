using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeFace.Kernels;

namespace EdgeFace.Bench;

/// <summary>
/// 8 sums by quads with the byte products of AVX2. They overflow their 16 bits, so this is no kernel: it tells how fast one would be that
/// avoided it.
/// </summary>
readonly unsafe struct SaturatingBytes(Quads256 quads) : IDot<SaturatingBytes>
{
    readonly Quads256 _quads = quads;

    public static int Lanes => Quads256.Lanes;
    public static int Group => Quads256.Group;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SaturatingBytes Load(float* source) => new(Quads256.Load(source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SaturatingBytes Start(int* sums, int zero) => new(Quads256.Start(sums, zero));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SaturatingBytes LoadWeights(sbyte* source) => new(Quads256.LoadWeights(source));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SaturatingBytes Broadcast(byte* source) => new(Quads256.Broadcast(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SaturatingBytes Add(SaturatingBytes sums, SaturatingBytes inputs, SaturatingBytes weights)
    {
        var pairs = Avx2.MultiplyAddAdjacent(Vector(inputs).AsByte(), Vector(weights).AsSByte());
        return Unsafe.BitCast<Vector256<int>, SaturatingBytes>(Vector(sums) + Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SaturatingBytes sums, float rowScale, float* scale, float* bias, float* c, TileEnd end)
        => Quads256.Store(sums._quads, rowScale, scale, bias, c, end);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SaturatingBytes MaxSigned(SaturatingBytes a, SaturatingBytes b) => new(Quads256.MaxSigned(a._quads, b._quads));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SaturatingBytes MaxUnsigned(SaturatingBytes a, SaturatingBytes b) => new(Quads256.MaxUnsigned(a._quads, b._quads));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestSigned(SaturatingBytes value) => Quads256.LargestSigned(value._quads);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LargestUnsigned(SaturatingBytes value) => Quads256.LargestUnsigned(value._quads);
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Round(float* source, float factor, int zero, byte* target) => Quads256.Round(source, factor, zero, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Vector(SaturatingBytes value) => Unsafe.BitCast<SaturatingBytes, Vector256<int>>(value);
}
