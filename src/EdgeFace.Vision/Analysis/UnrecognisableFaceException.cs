namespace EdgeFace.Vision;

/// <summary>The face that is meant cannot be recognised.</summary>
public sealed class UnrecognisableFaceException(string source, GateJudgement judgement)
    : EdgeFaceException($"{source}: the face cannot be recognised: {string.Join(", ", judgement.Reasons)}", ErrorKind.NoAnswer)
{
    /// <summary>The picture.</summary>
    public string Picture { get; } = source;

    /// <summary>Why.</summary>
    public GateJudgement Judgement { get; } = judgement;
}
