namespace EdgeFace.Vision;

/// <summary>Whether a face can be recognised.</summary>
/// <param name="Score">How recognisable it is, in [0, 1], and 1 where the model has no gate; no probability. The limit stands in
/// the model's card.</param>
/// <param name="Reasons">Why it is not, in words, the most telling first; empty where it is recognisable.</param>
/// <param name="IsRecognisable">Whether the score reaches the limit.</param>
public sealed record GateJudgement(double Score, IReadOnlyList<string> Reasons, bool IsRecognisable);
