using System.Runtime.InteropServices;

namespace EdgeFace.Vision;

/// <summary>What <see cref="GateFit"/> found.</summary>
/// <param name="Limit">The score from which a face is recognisable.</param>
/// <param name="Bias">The constant term.</param>
/// <param name="Weights">Of what <see cref="FaceGate.Measure"/> writes.</param>
/// <param name="Kinds">What each centre is of.</param>
/// <param name="Stored">The centres as a card holds them.</param>
sealed record FittedGate(double Limit, double Bias, double[] Weights, string[] Kinds, Half[][] Stored)
{
    readonly float[][] _centres = GateFit.Vectors(Stored);

    /// <summary>Whether a face's score reaches the limit.</summary>
    public bool Accepts(GateExample face) => FaceGate.Score(Bias, Weights, face.Values(_centres)) >= Limit;

    /// <summary>The gate for a card.</summary>
    public ModelGate ToModelGate(string source)
    {
        var facts = ModelGate.FactNames.Count;
        return new(Limit, Bias, ModelGate.FactNames.Zip(Weights).ToDictionary(p => p.First, p => p.Second), Weights[facts], Kinds,
            Weights[(facts + 1)..], Convert.ToBase64String(MemoryMarshal.AsBytes(Stored.SelectMany(c => c).ToArray().AsSpan())), source);
    }
}
