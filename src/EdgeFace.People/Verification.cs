using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>Whether the face of a photo is that of one person of a gallery (1:1).</summary>
public sealed record Verification
{
    /// <summary>The person it was compared with.</summary>
    public required Person Person { get; init; }

    /// <summary>The face of the photo; an <see cref="AnalyzedFace"/> where faces are searched for.</summary>
    public required AnalyzedCrop Analyzed { get; init; }

    /// <summary>The person's sample with the highest score.</summary>
    public required long SampleId { get; init; }

    /// <summary>Its cosine to the face, in [-1, 1]; higher is more alike.</summary>
    public required double Score { get; init; }

    /// <summary>How it was decided.</summary>
    public required Decision Decision { get; init; }

    /// <summary>What was decided.</summary>
    public required MatchDecision Result { get; init; }
}
