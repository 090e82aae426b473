using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>How many pictures are enrolled.</summary>
public sealed record BulkEnrolmentOptions
{
    /// <summary>Which face where a picture shows several and its item does not say; by default such pictures are left out.</summary>
    public FaceChoice Face { get; init; } = FaceChoice.Only;

    /// <summary>Whether crops are stored, so that samples can be embedded anew for a later model.</summary>
    public bool KeepCrops { get; init; }

    /// <summary>Whether an image that another person has, and a key that comes with another name, are refused instead of told.</summary>
    public bool Strict { get; init; }

    internal EnrolOptions How(Decision decision) => new() { ResemblanceThreshold = decision.Threshold, Strict = Strict };
}
