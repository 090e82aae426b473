using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>The sum of a map and one of half its size, each of whose pixels is taken for 2 x 2.</summary>
sealed unsafe class UpsampledSumMap : RowMap
{
    readonly KernelSet _kernels;
    readonly RowMap _fine, _coarse;

    public UpsampledSumMap(KernelSet kernels, RowMap fine, RowMap coarse) : base(fine.Step)
    {
        (_kernels, _fine, _coarse) = (kernels, fine, coarse);
        fine.Readers++;
        coarse.Readers++;
    }

    public override void Resize() => (Height, Width) = (_fine.Height, _fine.Width);

    protected override void Make(int y, float* row)
    {
        _coarse.Ensure(y / 2);
        _fine.Ensure(y);
        new ReadOnlySpan<float>(_fine.Row(y), Width * Step).CopyTo(new Span<float>(row, Width * Step));
        _kernels.AddDoubledRow(_coarse.Row(y / 2), row, Width, Step);
    }
}
