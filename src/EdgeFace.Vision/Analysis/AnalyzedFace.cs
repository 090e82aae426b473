namespace EdgeFace.Vision;

/// <summary>A face that was found in a picture, its aligned crop and its embedding.</summary>
public sealed record AnalyzedFace : AnalyzedCrop
{
    /// <summary>Box and landmarks in pixels of the picture, and the detector's score.</summary>
    public required Face Face { get; init; }

    /// <summary>Facts of how well it was seen, which decide nothing.</summary>
    public required FaceQuality Quality { get; init; }

    /// <summary>
    /// How many other faces of the picture are at least half as wide, where one was chosen of several: from 1 on it is a group photo rather than a
    /// portrait.
    /// </summary>
    public int Beside { get; init; }
}
