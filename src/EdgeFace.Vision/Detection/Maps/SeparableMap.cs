using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>A depthwise 3 x 3 convolution with ReLU and a pointwise one; between them lies one row.</summary>
sealed unsafe class SeparableMap : RowMap
{
    readonly KernelSet _kernels;
    readonly RowMap _input;
    readonly PackedDepthwise _depthwise;
    readonly PackedMatrix _pointwise;
    readonly Activation _activation;

    public SeparableMap(KernelSet kernels, RowMap input, PackedDepthwise depthwise, PackedMatrix pointwise, Activation activation)
        : base(KernelSet.Stride(pointwise.Outputs))
    {
        (_kernels, _input, _depthwise, _pointwise, _activation) = (kernels, input, depthwise, pointwise, activation);
        input.Readers++;
    }

    public override void Resize() => (Height, Width) = (_input.Height / _depthwise.Stride, _input.Width / _depthwise.Stride);

    public override long ScratchFloats => (long)Width * _input.Step;

    protected override void Make(int y, float* row)
    {
        var centre = y * _depthwise.Stride;
        EnsureAround(_input, centre);
        _kernels.DepthwiseRow(_input.Padded(centre - 1), _input.Padded(centre), _input.Padded(centre + 1), _depthwise, Scratch, Width, relu: true);
        _kernels.Gemm(Scratch, _input.Step, _pointwise, row, Step, Width, _activation);
    }
}
