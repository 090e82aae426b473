namespace EdgeFace.Vision;

/// <summary>How the bytes of a pixel lie in memory, the first named first; alpha says nothing, as in the frames of a camera.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue: 3 bytes.</summary>
    Rgb,

    /// <summary>Blue, green, red: 3 bytes.</summary>
    Bgr,

    /// <summary>Red, green, blue, alpha: 4 bytes.</summary>
    Rgba,

    /// <summary>Blue, green, red, alpha: 4 bytes.</summary>
    Bgra,

    /// <summary>One byte for all three colours.</summary>
    Grey,
}
