namespace EdgeFace.Vision;

/// <summary>A face that was found in a picture, its aligned crop and its embedding.</summary>
public sealed record AnalyzedFace : AnalyzedCrop
{
    /// <summary>Where it is in the picture.</summary>
    public required Face Face { get; init; }

    /// <summary>How well it was seen.</summary>
    public required FaceQuality Quality { get; init; }

    /// <summary>
    /// How many other faces of the picture are at least half as wide, where one was chosen of several: from 1 on it is a group photo rather than a
    /// portrait.
    /// </summary>
    public int Beside { get; init; }
}
