namespace EdgeFace;

/// <summary>What a threshold means for a search of many people.</summary>
public static class SearchRates
{
    /// <summary>
    /// The false positive identification rate to expect of a search in a gallery, <c>1 - (1 - FMR)^N</c>: how often a stranger is taken for
    /// somebody, as if the comparisons of a search were independent. They are not quite, and several samples of one person count as one to
    /// N, so this is an estimate, not a bound.
    /// </summary>
    /// <param name="fmr">False match rate at the threshold of the search, in [0, 1]: that of <see cref="ModelThreshold.Fmr"/>
    /// or of a calibration.</param>
    /// <param name="people">People in the gallery.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate lies outside [0, 1], or the number is negative.</exception>
    public static double Fpir(double fmr, long people)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(people);
        if (!(fmr is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fmr), fmr, "a false match rate lies in [0, 1]");
        if (people == 0) return 0;
        // Both series avoid the cancellation of 1 - (1 - 1e-9).
        return fmr >= 0.5 ? 1 - Math.Pow(1 - fmr, people) : -Expm1(people * Log1p(-fmr));
    }

    static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1;
}
