namespace EdgeFace.Tests.Support;

/// <summary>Mathematics that the tests trust: written independently of the code under test, in double precision.</summary>
static class Reference
{
    /// <summary>x * Phi(x), Phi integrated from its density by Simpson's rule.</summary>
    public static double Gelu(double x)
    {
        if (double.IsNaN(x)) return x;
        var end = Math.Min(Math.Abs(x), 10);
        const int steps = 400;
        double h = end / steps, sum = Density(0) + Density(end);
        for (var i = 1; i < steps; i++) sum += Density(i * h) * (i % 2 == 1 ? 4 : 2);
        var half = sum * h / 3;
        return x * (0.5 + (x < 0 ? -half : half));
    }

    static double Density(double t) => Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI);

    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (var i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            aa += (double)a[i] * a[i];
            bb += (double)b[i] * b[i];
        }
        return dot / Math.Sqrt(aa * bb);
    }
}
