namespace EdgeFace.Vision.Detection;

/// <summary>Pixels in memory that does not move: rows of width RGB pixels without gaps.</summary>
readonly unsafe record struct PictureLevel(nint Address, int Width, int Height)
{
    public byte* Pixels => (byte*)Address;

    public int RowBytes => 3 * Width;

    public byte* Row(int y) => Pixels + (long)y * RowBytes;
}
