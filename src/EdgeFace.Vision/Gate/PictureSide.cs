namespace EdgeFace.Vision;

/// <summary>A side of a picture.</summary>
public enum PictureSide
{
    /// <summary>Where x is smallest.</summary>
    Left,

    /// <summary>Where y is smallest.</summary>
    Top,

    /// <summary>Where x is largest.</summary>
    Right,

    /// <summary>Where y is largest.</summary>
    Bottom,
}
