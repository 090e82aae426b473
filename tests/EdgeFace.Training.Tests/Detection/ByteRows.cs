using EdgeFace.Vision.Detection.Maps;

namespace EdgeFace.Training.Tests.Detection;

/// <summary>A square of bytes as the detector's networks see it: byte / 127.5 - 1.</summary>
sealed unsafe class ByteRows(byte[] pixels, int side) : PixelRows
{
    public override void Read(int y, float* row)
    {
        for (var i = 0; i < 3 * side; i++) row[i] = pixels[3 * y * side + i] / 127.5f - 1;
    }
}
