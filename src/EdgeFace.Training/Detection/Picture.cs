namespace EdgeFace.Training.Detection;

/// <summary>A decoded picture in memory that does not move, and the faces that are known to be in it.</summary>
readonly unsafe struct Picture(nint pixels, int width, int height, KnownFace[] faces)
{
    /// <summary>Rows of width RGB pixels.</summary>
    public byte* Pixels => (byte*)pixels;

    public int Width => width;

    public int Height => height;

    public KnownFace[] Faces => faces;
}
