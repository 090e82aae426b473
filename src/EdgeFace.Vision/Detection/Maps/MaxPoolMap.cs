using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>The largest of each 2 x 2 pixels, channel by channel.</summary>
sealed unsafe class MaxPoolMap : RowMap
{
    readonly KernelSet _kernels;
    readonly RowMap _input;

    public MaxPoolMap(KernelSet kernels, RowMap input) : base(input.Step)
    {
        (_kernels, _input) = (kernels, input);
        input.Readers++;
    }

    public override void Resize() => (Height, Width) = (_input.Height / 2, _input.Width / 2);

    protected override void Make(int y, float* row)
    {
        _input.Ensure(2 * y + 1);
        _kernels.MaxPoolRow(_input.Row(2 * y), _input.Row(2 * y + 1), row, Width, Step);
    }
}
