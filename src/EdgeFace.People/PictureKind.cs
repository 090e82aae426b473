namespace EdgeFace.People;

/// <summary>What the pictures of a pipeline show.</summary>
public enum PictureKind
{
    /// <summary>Photos, in which faces are searched for.</summary>
    Photo,

    /// <summary>Aligned crops of 112 x 112 pixels: nothing is searched for.</summary>
    Crop,

    /// <summary>Photos whose faces' landmarks the caller knows: faces are aligned there, and nothing is searched for.</summary>
    PhotoWithLandmarks,
}
