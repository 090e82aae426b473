using EdgeFace.Models;

namespace EdgeFace.Vision;

/// <summary>
/// Judges whether a face can be recognised, by what a recogniser's card says of it (docs/quality.md): the same judgement for enrolment, comparison
/// and search. Safe for any number of threads at once.
/// </summary>
public sealed class FaceGate
{
    readonly ModelGate? _gate;
    readonly double[] _weights = [];
    readonly float[][] _centres = [];

    /// <summary>Takes the weights, centres and limit from a recogniser's card.</summary>
    /// <exception cref="ArgumentException">The card's gate is incomplete, or a value of it is out of range.</exception>
    public FaceGate(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        if (card.Gate is not { } gate) return;
        if (gate.Fault() is { } fault) throw new ArgumentException(fault, nameof(card));
        _gate = gate;
        _weights = [.. ModelGate.FactNames.Select(name => gate.Facts[name]), gate.Nearest, .. gate.KindWeights];
        _centres = [.. Enumerable.Range(0, gate.Kinds.Count).Select(gate.Centre)];
    }

    /// <summary>Whether the card says how to judge. Where it does not, every face is recognisable.</summary>
    public bool IsFitted => _gate is not null;

    /// <summary>Scores a face, and says why where it is below the limit.</summary>
    /// <param name="embedding">Its embedding by the gate's recogniser.</param>
    /// <param name="crop">Its crop: 112 x 112 RGB bytes.</param>
    /// <param name="quality">What is known of it in its picture; null where the crop is all there is. It chooses reasons, not the score.</param>
    /// <exception cref="ArgumentException">The embedding has not 512 values, or the crop is of another size.</exception>
    public GateJudgement Judge(Embedding embedding, ReadOnlySpan<byte> crop, FaceQuality? quality = null)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        if (embedding.Vector.Length != EdgeFaceConfig.EmbeddingSize)
            throw new ArgumentException($"a recogniser's embedding has {EdgeFaceConfig.EmbeddingSize} values, not {embedding.Vector.Length}",
                nameof(embedding));
        if (crop.Length != FaceEmbedder.CropBytes)
            throw new ArgumentException($"a crop is {FaceEmbedder.CropBytes} bytes, not {crop.Length}", nameof(crop));
        if (_gate is null) return new(1, [], true);
        var facts = CropFacts.Of(crop);
        Span<double> values = stackalloc double[_weights.Length];
        Measure(embedding.Vector, facts, _centres, values);
        var score = Score(_gate.Bias, _weights, values);
        return score >= _gate.Limit ? new(score, [], true)
            : new(score, GateReasons.Of(facts, quality, _gate.Kinds, values[^_centres.Length..]), false);
    }

    /// <summary>1 / (1 + exp(-(bias + sum of weights[i] values[i]))), in [0, 1].</summary>
    internal static double Score(double bias, ReadOnlySpan<double> weights, ReadOnlySpan<double> values)
    {
        var sum = bias;
        for (var i = 0; i < values.Length; i++) sum += weights[i] * values[i];
        return 1 / (1 + Math.Exp(-sum));
    }

    /// <summary>Whether a score is well above the limit: a quarter of what the limit leaves to 1, or nearer.</summary>
    internal bool IsSure(GateJudgement judgement) => _gate is null || judgement.Score >= 1 - (1 - _gate.Limit) / 4;

    /// <summary>Writes what the regression takes: the facts, the highest cosine and the cosine to each centre.</summary>
    internal static void Measure(ReadOnlySpan<float> embedding, in CropFacts facts, float[][] centres, Span<double> values)
    {
        facts.CopyTo(values);
        var cosines = values[(ModelGate.FactNames.Count + 1)..];
        var highest = -1.0;
        for (var i = 0; i < centres.Length; i++) highest = Math.Max(highest, cosines[i] = Embedding.Dot(embedding, centres[i]));
        values[ModelGate.FactNames.Count] = highest;
    }
}
