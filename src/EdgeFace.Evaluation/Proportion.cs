namespace EdgeFace.Evaluation;

/// <summary>An error rate as it was counted: so many of so many.</summary>
/// <param name="Count">Errors.</param>
/// <param name="Total">Trials.</param>
public readonly record struct Proportion(long Count, long Total)
{
    /// <summary><c>Count / Total</c>; not a number where there was no trial.</summary>
    public double Value => Total == 0 ? double.NaN : (double)Count / Total;

    /// <summary>
    /// The 95 % interval for independent trials: Clopper-Pearson, and the rule of three where all trials or none were errors. Null without trials.
    /// Pairs that share images or people are not independent; where people are known, <see cref="PersonBootstrap"/> gives the wider, truer interval.
    /// </summary>
    public Interval? Interval() => Total == 0 ? null
        : Count == 0 ? new(0, Intervals.RuleOfThree(Total))
        : Count == Total ? new(1 - Intervals.RuleOfThree(Total), 1)
        : Intervals.ClopperPearson(Count, Total);

    /// <summary>The rate with that interval; not supported without trials.</summary>
    /// <param name="trials">What was counted, for the reason: "impostor pairs".</param>
    public Estimate ToEstimate(string trials) => Total == 0 ? Estimate.NotSupported("there are no " + trials) : new(Value, Interval());
}
