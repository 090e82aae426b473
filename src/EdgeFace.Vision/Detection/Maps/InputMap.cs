namespace EdgeFace.Vision.Detection.Maps;

/// <summary>What a network sees: pixels of 3 floats.</summary>
sealed unsafe class InputMap() : RowMap(3)
{
    PixelRows? _pixels;

    public void Set(PixelRows pixels, int height, int width) => (_pixels, Height, Width) = (pixels, height, width);

    public override void Resize() { }

    protected override void Make(int y, float* row) => _pixels!.Read(y, row);
}
