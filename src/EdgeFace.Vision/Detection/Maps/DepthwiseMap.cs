using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>A depthwise 3 x 3 convolution, with ReLU if asked for.</summary>
sealed unsafe class DepthwiseMap : RowMap
{
    readonly KernelSet _kernels;
    readonly RowMap _input;
    readonly PackedDepthwise _weight;
    readonly bool _relu;

    public DepthwiseMap(KernelSet kernels, RowMap input, PackedDepthwise weight, bool relu) : base(input.Step)
    {
        (_kernels, _input, _weight, _relu) = (kernels, input, weight, relu);
        input.Readers++;
    }

    public override void Resize() => (Height, Width) = (_input.Height / _weight.Stride, _input.Width / _weight.Stride);

    protected override void Make(int y, float* row)
    {
        var centre = y * _weight.Stride;
        EnsureAround(_input, centre);
        _kernels.DepthwiseRow(_input.Padded(centre - 1), _input.Padded(centre), _input.Padded(centre + 1), _weight, row, Width, _relu);
    }
}
