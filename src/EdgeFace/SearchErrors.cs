namespace EdgeFace;

/// <summary>What follows for a search among many people from the error rate of one comparison.</summary>
public static class SearchErrors
{
    /// <summary>
    /// The false positive identification rate to expect of a search in a gallery, <c>1 - (1 - FMR)^N</c>, as if its comparisons were independent (ISO/IEC 19795-1).
    /// They are not quite, and several samples of one person count as one to N, so this is an estimate, not a bound.
    /// </summary>
    /// <param name="fmr">False match rate at the threshold of the search, in [0, 1].</param>
    /// <param name="persons">People in the gallery.</param>
    public static double ExpectedFpir(double fmr, long persons)
    {
        if (!(fmr is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fmr), fmr, "a false match rate lies in [0, 1]");
        ArgumentOutOfRangeException.ThrowIfNegative(persons);
        if (persons == 0) return 0;
        // Both series avoid the cancellation of 1 - (1 - 1e-9).
        return fmr >= 0.5 ? 1 - Math.Pow(1 - fmr, persons) : -Expm1(persons * Log1p(-fmr));
    }

    static double Log1p(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1;
}
