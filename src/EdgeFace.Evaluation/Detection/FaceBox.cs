namespace EdgeFace.Evaluation;

/// <summary>An upright box around a face, in pixels of its picture. It may reach beyond the picture.</summary>
/// <param name="Left">x of the left side.</param>
/// <param name="Top">y of the upper side.</param>
/// <param name="Right">x of the right side.</param>
/// <param name="Bottom">y of the lower side.</param>
public readonly record struct FaceBox(float Left, float Top, float Right, float Bottom)
{
    /// <summary>Width in pixels.</summary>
    public float Width => Right - Left;

    /// <summary>Height in pixels.</summary>
    public float Height => Bottom - Top;

    /// <summary>Whether all sides are finite and width and height are above 0.</summary>
    public bool IsProper => float.IsFinite(Width) && float.IsFinite(Height) && Width > 0 && Height > 0;

    /// <summary>Area shared by two boxes over the area of both together, in [0, 1].</summary>
    public double IntersectionOverUnion(FaceBox other)
    {
        double width = Math.Min(Right, other.Right) - Math.Max(Left, other.Left), height = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
        var shared = Math.Max(0, width) * Math.Max(0, height);
        var union = (double)Width * Height + (double)other.Width * other.Height - shared;
        return union > 0 ? shared / union : 0;
    }
}
