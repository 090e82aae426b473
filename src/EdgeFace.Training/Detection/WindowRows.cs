using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Training.Detection;

/// <summary>Rows of a window of bytes as the teacher takes them.</summary>
sealed unsafe class WindowRows : PixelRows
{
    byte* _pixels;
    int _side;

    public void Set(byte* pixels, int side)
    {
        _pixels = pixels;
        _side = side;
    }

    public override void Read(int y, float* row)
    {
        for (var i = 0; i < 3 * _side; i++) row[i] = _pixels[3L * y * _side + i];
    }
}
