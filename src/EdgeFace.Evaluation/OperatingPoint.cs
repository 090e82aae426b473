namespace EdgeFace.Evaluation;

/// <summary>
/// The errors at one threshold; a pair matches where its score is at least the threshold. <see cref="Fmr"/> and <see cref="Fnmr"/> count comparisons
/// (ISO/IEC 19795-1); <see cref="Far"/> and <see cref="Frr"/> count attempts and include the pairs of which an image gave no embedding, as
/// rejected: <c>FRR = FTA + FNMR (1 - FTA)</c> and <c>FAR = FMR (1 - FTA)</c>, where FTA is the share of such pairs on either side.
/// </summary>
/// <param name="Threshold">The least score that matches.</param>
/// <param name="Fmr">False match rate: impostor pairs that match, of those compared.</param>
/// <param name="Fnmr">False non-match rate: genuine pairs that do not match, of those compared.</param>
/// <param name="Far">False accept rate: impostor pairs that match, of all attempted.</param>
/// <param name="Frr">False reject rate: genuine pairs that do not match or could not be compared, of all attempted.</param>
public readonly record struct OperatingPoint(double Threshold, Proportion Fmr, Proportion Fnmr, Proportion Far, Proportion Frr);

/// <summary>The rates of a whole system from those of its parts, ISO/IEC 19795-1:2021.</summary>
public static class GeneralisedRates
{
    /// <summary>Generalised false reject rate: <c>FTE + (1 - FTE) (FTA + (1 - FTA) FNMR)</c>.</summary>
    /// <param name="fte">Failure-to-enrol rate: people of whom no sample could be enrolled.</param>
    /// <param name="fta">Failure-to-acquire rate: attempts that gave no embedding.</param>
    /// <param name="fnmr">False non-match rate of the comparisons that took place.</param>
    public static double Gfrr(double fte, double fta, double fnmr) => fte + (1 - fte) * (fta + (1 - fta) * fnmr);

    /// <summary>Generalised false accept rate: <c>(1 - FTE) (1 - FTA) FMR</c>.</summary>
    /// <param name="fte">Failure-to-enrol rate.</param>
    /// <param name="fta">Failure-to-acquire rate.</param>
    /// <param name="fmr">False match rate of the comparisons that took place.</param>
    public static double Gfar(double fte, double fta, double fmr) => (1 - fte) * (1 - fta) * fmr;

    /// <summary>
    /// The false positive identification rate to expect of a search in a gallery, <c>1 - (1 - FMR)^N</c>, as if its comparisons were independent.
    /// They are not quite, and several samples of one person count as one to N, so this is an estimate, not a bound.
    /// </summary>
    /// <param name="fmr">False match rate at the threshold of the search.</param>
    /// <param name="gallery">People in the gallery.</param>
    public static double Fpir(double fmr, long gallery)
    {
        if (!(fmr is >= 0 and <= 1)) throw new EvaluationDataException($"a false match rate lies in [0, 1], not at {fmr}");
        return SearchErrors.ExpectedFpir(fmr, gallery);
    }
}
