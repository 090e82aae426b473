namespace EdgeFace.People;

/// <summary>Where a <see cref="Decision"/> takes its threshold from: the model's card, unless a calibration or a number is given.</summary>
public sealed record DecisionOptions
{
    /// <summary>The false match rate to decide at, one that the card or the calibration has a threshold for.</summary>
    public double Fmr { get; init; } = 1e-4;

    /// <summary>A file that <see cref="Evaluation.Calibration"/> wrote, for the same models; null takes the card's thresholds.</summary>
    public string? Calibration { get; init; }

    /// <summary>The cosine itself, in [-1, 1], instead of a rate; then no rate is known. Not together with <see cref="Calibration"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>Whether faces that cannot be recognised are decided about all the same.</summary>
    public bool TakesUnrecognisable { get; init; }

    /// <summary>Whether nothing else was asked for, so that the card decides at the default rate.</summary>
    internal bool IsDefault => this == new DecisionOptions { TakesUnrecognisable = TakesUnrecognisable };
}
