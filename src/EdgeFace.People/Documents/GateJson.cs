using EdgeFace.Vision;

namespace EdgeFace.People.Documents;

/// <param name="Score">In [0, 1]; null of a model without a gate.</param>
sealed record GateJson(double? Score, bool Recognisable, IReadOnlyList<string> Reasons)
{
    public static GateJson Of(GateJudgement g, FaceGate gate) => new(gate.IsFitted ? Math.Round(g.Score, 4) : null, g.IsRecognisable, g.Reasons);
}
