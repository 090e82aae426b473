using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>A linear layer, or LoRaLin as two chained products: in -> rank -> out.</summary>
sealed unsafe class Linear(PackedMatrix? reduce, PackedMatrix expand) : IDisposable
{
    /// <summary>Floats of scratch a row needs between the two products.</summary>
    public int RankStride { get; } = reduce is null ? 0 : KernelSet.Stride(reduce.Outputs);

    public void Run(KernelSet kernels, float* x, int ldx, float* y, int ldy, int rows, float* rank, Activation activation = Activation.None)
    {
        if (reduce is null)
        {
            kernels.Gemm(x, ldx, expand, y, ldy, rows, activation);
        }
        else
        {
            kernels.Gemm(x, ldx, reduce, rank, RankStride, rows, Activation.None);
            kernels.Gemm(rank, RankStride, expand, y, ldy, rows, activation);
        }
    }

    /// <summary>y += layer(x).</summary>
    public void RunAdd(KernelSet kernels, float* x, int ldx, float* y, int ldy, int rows, float* rank)
    {
        if (reduce is null)
        {
            kernels.GemmAdd(x, ldx, expand, y, ldy, rows);
        }
        else
        {
            kernels.Gemm(x, ldx, reduce, rank, RankStride, rows, Activation.None);
            kernels.GemmAdd(rank, RankStride, expand, y, ldy, rows);
        }
    }

    public void Dispose()
    {
        reduce?.Dispose();
        expand.Dispose();
    }
}
