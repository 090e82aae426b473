namespace EdgeFace.Vision.Detection;

/// <summary>A part of a scaled picture, in its pixels.</summary>
readonly record struct Region(int Left, int Top, int Right, int Bottom)
{
    // What the sides of a network's input are multiples of.
    const int Step = 32;

    public int Width => Right - Left;

    public int Height => Bottom - Top;

    public long Area => (long)Width * Height;

    /// <summary>All of a picture scaled by s.</summary>
    public static Region Whole(PictureLevel picture, double s)
        => new(0, 0, ImagePyramid.Scaled(picture.Width, s), ImagePyramid.Scaled(picture.Height, s));

    /// <summary>A side as the network takes it.</summary>
    public static int Padded(int side) => (side + Step - 1) / Step * Step;

    public bool IsLargerThan(int side) => Width > side || Height > side;

    /// <summary>The smallest that holds both.</summary>
    public Region With(Region other)
        => new(Math.Min(Left, other.Left), Math.Min(Top, other.Top), Math.Max(Right, other.Right), Math.Max(Bottom, other.Bottom));

    /// <summary>Larger by a margin at each side and up to what the network takes, within the whole as far as it is large enough.</summary>
    public Region Widened(int margin, Region whole)
    {
        var (left, right) = Widened(Left - margin, Right + margin, whole.Right);
        var (top, bottom) = Widened(Top - margin, Bottom + margin, whole.Bottom);
        return new(left, top, right, bottom);
    }

    static (int From, int To) Widened(int from, int to, int side)
    {
        var all = Padded(side);
        (from, to) = (Math.Max(0, from), Math.Min(all, to));
        var length = Padded(to - from);
        from = Math.Min(from, all - length);
        return (from, from + length);
    }
}
