using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>Whether the faces of two photos are one person's (1:1).</summary>
public sealed record Comparison
{
    /// <summary>The face of the first photo; an <see cref="AnalyzedFace"/> where faces are searched for.</summary>
    public required AnalyzedCrop A { get; init; }

    /// <summary>The face of the second photo.</summary>
    public required AnalyzedCrop B { get; init; }

    /// <summary>The cosine of their embeddings, in [-1, 1]; higher is more alike.</summary>
    public required float Score { get; init; }

    /// <summary>How it was decided.</summary>
    public required Decision Decision { get; init; }

    /// <summary>What was decided.</summary>
    public required MatchDecision Result { get; init; }

    internal static Comparison Of(AnalyzedCrop a, AnalyzedCrop b, Decision decision)
    {
        var score = a.Embedding.Score(b.Embedding);
        return new()
        {
            A = a, B = b, Score = score, Decision = decision,
            Result = decision.Refuses(a.Gate) || decision.Refuses(b.Gate) ? MatchDecision.CannotTell
                : score >= decision.Threshold ? MatchDecision.Same : MatchDecision.Different,
        };
    }
}
