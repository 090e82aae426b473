namespace EdgeFace.Training;

// Setters, as in Recipe.
/// <summary>How much of what a network could do before a run it may forget: figures of the validation, against those of the run's start.</summary>
sealed record ForgettingGuard
{
    /// <summary>By how much the accuracy on the validation's pairs may fall, 0 to 1.</summary>
    public double AccuracyLoss { get; set; } = 0.005;

    /// <summary>By how much FNMR at FMR 1e-4 may rise, 0 to 1; where the data do not support the rate, it is passed over.</summary>
    public double FnmrRise { get; set; } = 0.02;

    /// <summary>The least agreement with the teacher that may be left, as a mean cosine; passed over without a teacher.</summary>
    public double LeastAgreement { get; set; } = 0.9;

    /// <summary>What is wrong with it, or null.</summary>
    public string? Fault() => this switch
    {
        { AccuracyLoss: not (>= 0 and <= 1) } => "guard.accuracyLoss lies in [0, 1]",
        { FnmrRise: not (>= 0 and <= 1) } => "guard.fnmrRise lies in [0, 1]",
        { LeastAgreement: not (>= -1 and <= 1) } => "guard.leastAgreement lies in [-1, 1]",
        _ => null,
    };

    /// <summary>What was forgotten beyond that, or null.</summary>
    public string? Broken(ValidationFigures start, ValidationFigures now)
    {
        if (start.Accuracy - now.Accuracy > AccuracyLoss)
            return FormattableString.Invariant($"accuracy fell from {100 * start.Accuracy:f2} to {100 * now.Accuracy:f2} %, ")
                + FormattableString.Invariant($"by more than guard.accuracyLoss, {100 * AccuracyLoss:f2}");
        if (now.Fnmr - start.Fnmr > FnmrRise)
            return FormattableString.Invariant($"FNMR at FMR 1e-4 rose from {100 * start.Fnmr:f2} to {100 * now.Fnmr:f2} %, ")
                + FormattableString.Invariant($"by more than guard.fnmrRise, {100 * FnmrRise:f2}");
        if (now.Agreement < LeastAgreement)
            return FormattableString.Invariant($"agreement with the teacher fell to {now.Agreement:f3}, ")
                + FormattableString.Invariant($"below guard.leastAgreement, {LeastAgreement}");
        return null;
    }
}
