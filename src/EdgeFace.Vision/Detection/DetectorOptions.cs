namespace EdgeFace.Vision;

/// <summary>How a <see cref="FaceDetector"/> searches.</summary>
public sealed record DetectorOptions
{
    /// <summary>The least score with which detectors are used whose card recommends none.</summary>
    public const float DefaultMinScore = 0.5f;

    /// <summary>
    /// Narrower faces, in pixels of the picture, are left out; at least 0, which leaves out none. Faces down to 24 pixels are searched for, or
    /// only down to this width where it is more, which is faster on large pictures.
    /// </summary>
    public int MinFaceSize { get; init; }

    /// <summary>The least final score, in (0, 1); null for what the detector's card recommends (<see cref="FaceDetector.MinScore"/>).</summary>
    public float? MinScore { get; init; }

    /// <summary>
    /// Searches every picture turned by 90, 180 and 270 degrees too, at every size, and takes each face as it is surest to lie; otherwise
    /// only, and at the coarse sizes, where nothing was found upright. Upright faces that are cut off or covered may then be taken for
    /// turned ones. Not for detectors without a refiner, which cannot tell which way a face is up.
    /// </summary>
    public bool AnyOrientation { get; init; }

    /// <summary>The one size, in pixels of the longer side and at least 1, at which pictures are searched; null for several.</summary>
    public int? WorkingSize { get; init; }
}
