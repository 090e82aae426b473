namespace EdgeFace.Evaluation;

/// <summary>
/// Intervals for a proportion of independent trials, and the two rules of thumb of ISO/IEC 19795-1 for how much data a rate needs.
/// </summary>
public static class Intervals
{
    /// <summary>The errors that a rate must rest on: see <see cref="RuleOfThirty"/>.</summary>
    public const int LeastErrors = 30;

    /// <summary>
    /// The rule of three: after n trials without an error, the rate is at most <c>3 / n</c> with 95 % confidence, as
    /// <c>(1 - p)^n = 0.05</c> at <c>p = -ln 0.05 / n</c>. (Jovanovic and Levy, The American Statistician 51, 1997; ISO/IEC 19795-1.)
    /// </summary>
    public static double RuleOfThree(long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        return Math.Min(1, 3.0 / trials);
    }

    /// <summary>
    /// The rule of thirty: with at least 30 errors the true rate lies within 30 % of the measured one with 90 % confidence. (Doddington, Przybocki,
    /// Martin and Reynolds, Speech Communication 31, 2000; ISO/IEC 19795-1.) A figure at a given rate is supported where the trials let 30 errors be
    /// expected: FMR 1e-5 needs three million impostor pairs.
    /// </summary>
    /// <param name="rate">The rate aimed at.</param>
    /// <param name="trials">The trials there are.</param>
    public static bool RuleOfThirty(double rate, long trials) => rate * trials >= LeastErrors * (1 - 1e-12);

    /// <summary>
    /// The exact interval of Clopper and Pearson, Biometrika 26, 1934: the rates at which the count seen, or a more extreme one, has the
    /// probability <c>(1 - confidence) / 2</c>. They are quantiles of the beta distribution.
    /// </summary>
    /// <param name="confidence">0.95 by default.</param>
    public static Interval ClopperPearson(long count, long total, double confidence = 0.95)
    {
        Check(count, total, confidence);
        var tail = (1 - confidence) / 2;
        return new(count == 0 ? 0 : BetaQuantile(tail, count, total - count + 1),
            count == total ? 1 : BetaQuantile(1 - tail, count + 1, total - count));
    }

    static void Check(long count, long total, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(total);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, total);
        if (!(confidence is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "a confidence lies between 0 and 1");
    }

    // Bisection: monotone, and 200 halvings reach the precision of a double even near 0.
    static double BetaQuantile(double probability, double a, double b)
    {
        double low = 0, high = 1;
        for (var i = 0; i < 200 && high - low > 1e-15 * high; i++)
        {
            var middle = (low + high) / 2;
            if (IncompleteBeta(middle, a, b) < probability) low = middle; else high = middle;
        }
        return (low + high) / 2;
    }

    // The regularised incomplete beta function by Lentz's continued fraction (Numerical Recipes, 6.4).
    static double IncompleteBeta(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x));
        return x < (a + 1) / (a + b + 2) ? front * Fraction(x, a, b) / a : 1 - front * Fraction(1 - x, b, a) / b;
    }

    static double Fraction(double x, double a, double b)
    {
        const double Tiny = 1e-300;
        double c = 1, d = Away(1 - (a + b) * x / (a + 1)), h;
        d = 1 / d;
        h = d;
        // It takes about the square root of the larger parameter; the limit only guards against parameters beyond any data.
        for (var m = 1; m <= 1_000_000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / Away(1 + even * d);
            c = Away(1 + even / c);
            h *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / Away(1 + odd * d);
            c = Away(1 + odd / c);
            h *= d * c;
            if (Math.Abs(d * c - 1) < 1e-15) break;
        }
        return h;

        static double Away(double v) => Math.Abs(v) < Tiny ? Tiny : v;
    }

    // Stirling's series after shifting the argument above 15, where its terms fall fast.
    static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 15; x++) shift += Math.Log(x);
        double r = 1 / x, r2 = r * r;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI)
            + r * (1 / 12.0 - r2 * (1 / 360.0 - r2 * (1 / 1260.0 - r2 / 1680.0))) - shift;
    }
}
