using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>What came of embedding one sample anew.</summary>
public sealed record ReembeddedSample
{
    /// <summary>The sample.</summary>
    public required Sample Sample { get; init; }

    /// <summary>What its new embedding was made from.</summary>
    public ReembedSource From { get; init; }

    /// <summary>What the new recogniser's gate says of the face; null where there is no new embedding.</summary>
    public GateJudgement? Gate { get; init; }

    /// <summary>Why there is no new embedding, in one line that names sample and person; null where there is one.</summary>
    public string? Reason => Problem?.Message;

    /// <summary>What was thrown; null where there is a new embedding.</summary>
    public Exception? Error => Problem?.Cause;

    internal Problem? Problem { get; init; }
}
