namespace EdgeFace;

/// <summary>Where the crops of a contract come from.</summary>
public enum AlignerKind
{
    /// <summary>The caller brought the crops.</summary>
    CropsGiven,

    /// <summary>They were aligned to landmarks that the caller listed.</summary>
    LandmarksListed,

    /// <summary>They were aligned to landmarks that a detector found.</summary>
    Detector,

    /// <summary>Another aligner's name, which says no more.</summary>
    Other,
}
