using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>A dense 3 x 3 convolution of stride 2 over pixels, then ReLU.</summary>
sealed unsafe class StemMap : RowMap
{
    readonly KernelSet _kernels;
    readonly RowMap _input;
    readonly PackedMatrix _weight;

    public StemMap(KernelSet kernels, RowMap input, PackedMatrix weight) : base(KernelSet.Stride(weight.Outputs))
    {
        (_kernels, _input, _weight) = (kernels, input, weight);
        input.Readers++;
    }

    public override void Resize() => (Height, Width) = (_input.Height / 2, _input.Width / 2);

    protected override void Make(int y, float* row)
    {
        EnsureAround(_input, 2 * y);
        _kernels.StemRow(_input.Padded(2 * y - 1), _input.Padded(2 * y), _input.Padded(2 * y + 1), _weight, row, Width);
    }
}
