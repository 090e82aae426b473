namespace EdgeFace.People;

/// <summary>What a comparison of two sides (1:1) says.</summary>
public enum MatchDecision
{
    /// <summary>The score reaches the threshold: the same person.</summary>
    Same,

    /// <summary>It does not: different people.</summary>
    Different,

    /// <summary>A face cannot be recognised, so its score means nothing.</summary>
    CannotTell,
}
