using System.Diagnostics;

namespace EdgeFace.Vision.Detection;

/// <summary>Pixels in memory that does not move: rows of width RGB pixels without gaps.</summary>
/// <remarks>No record: the text of one would have to show a pointer, which NativeAOT cannot generate.</remarks>
readonly unsafe struct PictureLevel(nint address, int width, int height)
{
    public int Width => width;

    public int Height => height;

    public byte* Pixels => (byte*)address;

    public int RowBytes => 3 * width;

    public byte* Row(int y)
    {
        Debug.Assert((uint)y < (uint)height, "the picture has such a row");
        return Pixels + (long)y * RowBytes;
    }
}
