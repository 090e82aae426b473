using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Tests.Support;

/// <summary>A tensor of shape (1, 3, height, width) as rows of pixels.</summary>
sealed unsafe class PlaneRows(float[] planes, int height, int width) : PixelRows
{
    public int Height { get; } = height;

    public int Width { get; } = width;

    public override void Read(int y, float* row)
    {
        for (var i = 0; i < 3 * Width; i++) row[i] = planes[(i % 3 * Height + y) * Width + i / 3];
    }
}
