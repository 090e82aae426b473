using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>A pointwise convolution.</summary>
sealed unsafe class PointwiseMap : RowMap
{
    readonly KernelSet _kernels;
    readonly RowMap _input;
    readonly PackedMatrix _weight;
    readonly Activation _activation;

    public PointwiseMap(KernelSet kernels, RowMap input, PackedMatrix weight, Activation activation) : base(KernelSet.Stride(weight.Outputs))
    {
        (_kernels, _input, _weight, _activation) = (kernels, input, weight, activation);
        input.Readers++;
    }

    public override void Resize() => (Height, Width) = (_input.Height, _input.Width);

    protected override void Make(int y, float* row)
    {
        _input.Ensure(y);
        _kernels.Gemm(_input.Row(y), _input.Step, _weight, row, Step, Width, _activation);
    }
}
