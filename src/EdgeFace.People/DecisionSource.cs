using EdgeFace.Evaluation;

namespace EdgeFace.People;

/// <summary>What was asked for; at most one of a rate and a threshold, and of a calibration and a threshold.</summary>
sealed record DecisionSource(double? Fmr, double? Threshold, string? Calibration)
{
    const double DefaultFmr = 1e-4;

    /// <summary>Whether nothing was asked for, so that the card decides at the default rate.</summary>
    public bool IsDefault => this is { Fmr: null, Threshold: null, Calibration: null };

    /// <summary>The threshold for the embeddings of a pipeline, and its false match rate if that is known.</summary>
    public (double Threshold, double? Fmr) For(Pipeline pipeline)
    {
        var rate = Fmr ?? DefaultFmr;
        return Threshold is { } given ? (given, null)
            : Calibration is not null ? (EdgeFace.Evaluation.Calibration.Load(Calibration).ThresholdFor(pipeline.Contract, rate), rate)
            : FromCard(pipeline.Embedder.Card, rate, pipeline.Embedder.Options.MirrorSum);
    }

    /// <summary>
    /// The threshold of the highest false match rate that is known: what scores less, looks like two people. Null where none is known.
    /// </summary>
    public double? LeastFor(Pipeline pipeline)
    {
        if (Calibration is not null)
        {
            var calibrated = EdgeFace.Evaluation.Calibration.Load(Calibration).RequireFor(pipeline.Contract).Thresholds;
            return calibrated.Where(t => t.Threshold.Value is not null).MaxBy(t => t.Fmr)?.Threshold.Value;
        }
        var entry = pipeline.Embedder.Card.Thresholds.MaxBy(t => t.Fmr);
        return pipeline.Embedder.Options.MirrorSum ? entry?.MirrorSum : entry?.OneCrop;
    }

    /// <summary>On whom the threshold was measured, and by what; null where nobody says.</summary>
    public string? MeasuredOn(Pipeline pipeline)
    {
        if (Threshold is not null) return null;
        // A card's details stand behind the semicolon.
        return Calibration is not null ? Wording.Data(EdgeFace.Evaluation.Calibration.Load(Calibration).Data)
            : pipeline.Embedder.Card.ThresholdSource?.Split(';')[0];
    }

    static (double Threshold, double? Fmr) FromCard(ModelCard card, double fmr, bool mirror)
    {
        if (card.Thresholds.Count == 0)
            throw new UsageException($"the model '{card.Name}' has no calibrated thresholds: say --threshold COSINE. "
                + "Which one is right depends on the model; calibrate it on photos like yours.");
        var entry = card.ThresholdFor(fmr)
            ?? throw new UsageException($"the card of '{card.Name}' has no threshold for FMR {Wording.Rate(fmr)}, "
                + $"only for {string.Join(", ", card.Thresholds.Select(t => Wording.Rate(t.Fmr)))}.");
        return (mirror ? entry.MirrorSum : entry.OneCrop, entry.Fmr);
    }
}
