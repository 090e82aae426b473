using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeFace.Kernels;

sealed unsafe partial class SimdKernels<V>
{
    // .NET has no byte products wider than 256 bits, and of AVX-512's own none at all; products of pairs it has in any width.
    static bool Wide => V.Lanes >= 8 && Avx2.IsSupported;

    static bool Widest => V.Lanes >= 16 && Avx512BW.IsSupported && !AvxVnni.IsSupported;

    public override PackedMatrix8 Pack8(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int n, int k)
        => Widest ? ByteGemm<Pairs512>.Pack(weight, bias, n, k)
            : Wide ? AvxVnni.IsSupported ? ByteGemm<Quads256>.Pack(weight, bias, n, k) : ByteGemm<Pairs256>.Pack(weight, bias, n, k)
            : Dp.IsSupported ? ByteGemm<Quads128>.Pack(weight, bias, n, k) : ByteGemm<Pairs128>.Pack(weight, bias, n, k);

    public override void Gemm8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, Activation activation, float* scratch)
        => Gemm8(a, lda, weight, c, ldc, rows, activation == Activation.Relu ? TileEnd.Relu : TileEnd.Store, activation == Activation.Gelu, scratch);

    public override void GemmAdd8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, float* scratch)
        => Gemm8(a, lda, weight, c, ldc, rows, TileEnd.Add, false, scratch);

    static void Gemm8(float* a, int lda, PackedMatrix8 weight, float* c, int ldc, int rows, TileEnd end, bool gelu, float* scratch)
    {
        if (Widest) ByteGemm<Pairs512>.Run<V>(a, lda, weight, c, ldc, rows, end, gelu, scratch);
        else if (Wide && AvxVnni.IsSupported) ByteGemm<Quads256>.Run<V>(a, lda, weight, c, ldc, rows, end, gelu, scratch);
        else if (Wide) ByteGemm<Pairs256>.Run<V>(a, lda, weight, c, ldc, rows, end, gelu, scratch);
        else if (Dp.IsSupported) ByteGemm<Quads128>.Run<V>(a, lda, weight, c, ldc, rows, end, gelu, scratch);
        else ByteGemm<Pairs128>.Run<V>(a, lda, weight, c, ldc, rows, end, gelu, scratch);
    }
}
