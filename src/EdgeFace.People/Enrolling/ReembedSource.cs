namespace EdgeFace.People;

/// <summary>What a sample was embedded anew from.</summary>
public enum ReembedSource
{
    /// <summary>Nothing: it could not be.</summary>
    None,

    /// <summary>Its stored crop.</summary>
    Crop,

    /// <summary>The picture where it was.</summary>
    Picture,
}
