namespace EdgeFace.Vision;

/// <summary>The face that is meant cannot be recognised.</summary>
public sealed class UnrecognisableFaceException(string source, GateJudgement judgement)
    : EdgeFaceException($"{source}: the face cannot be recognised: {string.Join(", ", judgement.Reasons)}", ErrorKind.NoAnswer)
{
    /// <summary>What the picture was called by whoever gave it: a path or a name.</summary>
    public string Picture { get; } = source;

    /// <summary>The gate's score, below its limit, and the reasons.</summary>
    public GateJudgement Judgement { get; } = judgement;
}
