using EdgeFace.Evaluation;
using EdgeFace.Gallery;
using EdgeFace.Vision;

namespace EdgeFace.People;

/// <summary>When two faces are taken for one person's: from which score on, and what is known of that score.</summary>
public sealed record Decision
{
    /// <summary>The lowest cosine that means the same person.</summary>
    public required double Threshold { get; init; }

    /// <summary>The false match rate that the threshold stands for, in (0, 1); null where it is not known.</summary>
    public double? Fmr { get; init; }

    /// <summary>On whom the threshold was measured, and by what; null where nobody says.</summary>
    public string? MeasuredOn { get; init; }

    /// <summary>
    /// The threshold of the highest false match rate that is known: what scores less, looks like two people. Null where none is known.
    /// </summary>
    public double? UnlikeBelow { get; init; }

    /// <summary>Whether faces that cannot be recognised are decided about all the same.</summary>
    public bool TakesUnrecognisable { get; init; }

    /// <summary>Finds the threshold for the embeddings of a pipeline.</summary>
    /// <param name="pipeline">Whose model and contract count.</param>
    /// <param name="options">Where to take it from; the card at an FMR of 1e-4 unless given.</param>
    /// <exception cref="EdgeFaceException">Neither card nor calibration has a threshold for that rate, or the calibration cannot be read or is of
    /// other embeddings.</exception>
    public static Decision For(FacePipeline pipeline, DecisionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        options ??= new();
        if (options.Threshold is not null && options.Calibration is not null)
            throw new UsageException("a threshold and a calibration exclude each other: give one.");
        if (options.Threshold is { } given)
        {
            return given is >= -1 and <= 1 ? From(pipeline.Embedder, options) with { Threshold = given }
                : throw new UsageException(FormattableString.Invariant($"a threshold is a cosine between -1 and 1, not {given}."));
        }
        return options.Calibration is { } file ? From(Calibration.Load(file), pipeline.Contract, options) : FromCard(pipeline.Embedder, options);
    }

    /// <summary>Whether a face is left out, because it cannot be recognised.</summary>
    internal bool Refuses(GateJudgement gate) => !TakesUnrecognisable && !gate.IsRecognisable;

    internal IdentifyOptions Identifying(int candidates) => new(Threshold, Fmr) { Candidates = candidates };

    /// <summary>What is known besides the threshold where that is given.</summary>
    static Decision From(FaceEmbedder embedder, DecisionOptions options) => new()
    {
        Threshold = double.NaN, TakesUnrecognisable = options.TakesUnrecognisable, UnlikeBelow = LeastOf(embedder),
    };

    static double? LeastOf(FaceEmbedder embedder) => embedder.Card.Thresholds.MaxBy(t => t.Fmr) is not { } entry ? null
        : embedder.Options.MirrorSum ? entry.MirrorSum : entry.OneCrop;

    static Decision From(Calibration calibration, EmbeddingContract contract, DecisionOptions options)
    {
        var highest = calibration.RequireFor(contract).Thresholds.Where(t => t.Threshold.Value is not null).MaxBy(t => t.Fmr);
        return new()
        {
            Threshold = calibration.ThresholdFor(contract, options.Fmr), Fmr = options.Fmr, MeasuredOn = Wording.Data(calibration.Data),
            UnlikeBelow = highest?.Threshold.Value, TakesUnrecognisable = options.TakesUnrecognisable,
        };
    }

    static Decision FromCard(FaceEmbedder embedder, DecisionOptions options)
    {
        var card = embedder.Card;
        if (card.Thresholds.Count == 0) throw new NoThresholdException(card);
        var entry = card.ThresholdFor(options.Fmr)
            ?? throw new UsageException($"the card of '{card.Name}' has no threshold for FMR {Wording.Rate(options.Fmr)}, "
                + $"only for {string.Join(", ", card.Thresholds.Select(t => Wording.Rate(t.Fmr)))}.");
        return From(embedder, options) with
        {
            // A card's details stand behind the semicolon.
            Threshold = embedder.Options.MirrorSum ? entry.MirrorSum : entry.OneCrop, Fmr = entry.Fmr,
            MeasuredOn = card.ThresholdSource?.Split(';')[0],
        };
    }
}
