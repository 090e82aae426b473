namespace EdgeFace.Gallery;

/// <summary>What can be said of how well a face was seen. Null where it was not measured.</summary>
public sealed record SampleQuality
{
    /// <summary>Width of the face's box, in pixels of the picture.</summary>
    public double? FaceWidth { get; init; }

    /// <summary>The detector's score, in [0, 1].</summary>
    public double? DetectorScore { get; init; }

    /// <summary>Variance of the Laplacian of the crop's luminance; higher is sharper, the scale is that of 8-bit levels squared.</summary>
    public double? Sharpness { get; init; }

    /// <summary>Turn to the side, in degrees, estimated from the landmarks; 0 is frontal.</summary>
    public double? Yaw { get; init; }

    /// <summary>Nod, in degrees, estimated from the landmarks; 0 is frontal.</summary>
    public double? Pitch { get; init; }

    /// <summary>Tilt in the picture, in degrees, from the landmarks; 0 is upright.</summary>
    public double? Roll { get; init; }
}

/// <summary>One stored embedding of a person.</summary>
/// <param name="Id">The gallery's number for it; never used twice in one gallery.</param>
/// <param name="PersonId">Whose it is.</param>
/// <param name="Created">When it was enrolled, UTC.</param>
/// <param name="Source">Where the picture came from, in the caller's words, or null.</param>
/// <param name="SourceSha256">SHA-256 of the picture's bytes, lower-case hexadecimal, or null.</param>
/// <param name="Quality">How well the face was seen.</param>
/// <param name="HasCrop">Whether the crop is stored too.</param>
public sealed record Sample(long Id, long PersonId, DateTimeOffset Created, string? Source, string? SourceSha256,
    SampleQuality Quality, bool HasCrop);

/// <summary>A sample to be enrolled.</summary>
/// <param name="Embedding">Of the contract that the gallery is bound to.</param>
public sealed record NewSample(Embedding Embedding)
{
    /// <summary>Most bytes of <see cref="Crop"/>.</summary>
    public const int MostCropBytes = 1 << 20;

    /// <summary>Where the picture came from, e.g. a path; at most 4096 characters.</summary>
    public string? Source { get; init; }

    /// <summary>SHA-256 of the picture's bytes, lower-case hexadecimal.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>How well the face was seen.</summary>
    public SampleQuality Quality { get; init; } = new();

    /// <summary>
    /// The aligned crop as a PNG of 112 x 112 pixels, to be kept for a later model; at most 1 MiB. Null or empty, the default, keeps none.
    /// </summary>
    public ReadOnlyMemory<byte>? Crop { get; init; }

    /// <summary>When it was enrolled, for samples that come from another gallery; null is now. Stores keep milliseconds at least.</summary>
    public DateTimeOffset? Created { get; init; }
}
