using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>A linear layer, or LoRaLin as two chained products: in -> rank -> out.</summary>
sealed unsafe class Linear(Product? reduce, Product expand) : IDisposable
{
    // Where the rows between the two products lie.
    readonly int _rankStride = reduce is null ? 0 : KernelSet.Stride(reduce.Outputs);

    public void Run(KernelSet kernels, float* x, int ldx, float* y, int ldy, int rows, Scratch scratch, Activation activation = Activation.None)
    {
        if (reduce is null)
        {
            expand.Run(kernels, x, ldx, y, ldy, rows, scratch, activation);
        }
        else
        {
            reduce.Run(kernels, x, ldx, scratch.Rank, _rankStride, rows, scratch, Activation.None);
            expand.Run(kernels, scratch.Rank, _rankStride, y, ldy, rows, scratch, activation);
        }
    }

    /// <summary>y += layer(x).</summary>
    public void RunAdd(KernelSet kernels, float* x, int ldx, float* y, int ldy, int rows, Scratch scratch)
    {
        if (reduce is null)
        {
            expand.RunAdd(kernels, x, ldx, y, ldy, rows, scratch);
        }
        else
        {
            reduce.Run(kernels, x, ldx, scratch.Rank, _rankStride, rows, scratch, Activation.None);
            expand.RunAdd(kernels, scratch.Rank, _rankStride, y, ldy, rows, scratch);
        }
    }

    public void Dispose()
    {
        reduce?.Dispose();
        expand.Dispose();
    }
}

/// <summary>One matrix product, in floats or in bytes.</summary>
sealed unsafe class Product : IDisposable
{
    readonly PackedMatrix? _floats;
    readonly PackedMatrix8? _bytes;

    public Product(PackedMatrix floats) => _floats = floats;

    public Product(PackedMatrix8 bytes) => _bytes = bytes;

    public int Outputs => _floats?.Outputs ?? _bytes!.Outputs;

    public void Run(KernelSet kernels, float* x, int ldx, float* y, int ldy, int rows, Scratch scratch, Activation activation)
    {
        if (_floats is not null) kernels.Gemm(x, ldx, _floats, y, ldy, rows, activation);
        else kernels.Gemm8(x, ldx, _bytes!, y, ldy, rows, activation, scratch.Quantised);
    }

    /// <summary>y += product.</summary>
    public void RunAdd(KernelSet kernels, float* x, int ldx, float* y, int ldy, int rows, Scratch scratch)
    {
        if (_floats is not null) kernels.GemmAdd(x, ldx, _floats, y, ldy, rows);
        else kernels.GemmAdd8(x, ldx, _bytes!, y, ldy, rows, scratch.Quantised);
    }

    public void Dispose()
    {
        _floats?.Dispose();
        _bytes?.Dispose();
    }
}
