using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>How one photo is enrolled.</summary>
public sealed record EnrolPhotoOptions
{
    /// <summary>Which face where the photo shows several; by default several are refused.</summary>
    public FaceChoice Face { get; init; } = FaceChoice.Only;

    /// <summary>Whether the crop is stored, so that the sample can be embedded anew for a later model.</summary>
    public bool KeepCrop { get; init; }

    /// <summary>Whether an image that another person has, and a key that comes with another name, are refused.</summary>
    public bool Strict { get; init; }
}
