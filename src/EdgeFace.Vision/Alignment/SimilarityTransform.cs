namespace EdgeFace.Vision;

/// <summary>A rotation, uniform scaling and shift: x' = A x - B y + Tx, y' = B x + A y + Ty. It never mirrors.</summary>
public readonly record struct SimilarityTransform(double A, double B, double Tx, double Ty)
{
    /// <summary>How much longer distances become.</summary>
    public double Scale => Math.Sqrt(A * A + B * B);

    /// <summary>Where a point goes.</summary>
    public Point Apply(Point p) => new((float)(A * p.X - B * p.Y + Tx), (float)(B * p.X + A * p.Y + Ty));

    /// <summary>This transform of what another one gives.</summary>
    internal SimilarityTransform After(SimilarityTransform first)
        => new(A * first.A - B * first.B, A * first.B + B * first.A, A * first.Tx - B * first.Ty + Tx, B * first.Tx + A * first.Ty + Ty);

    /// <summary>The same to the pixels of a copy at 1 / 2^level.</summary>
    internal SimilarityTransform At(int level)
    {
        var s = 1.0 / (1 << level);
        return level == 0 ? this : new(A * s, B * s, (Tx + 0.5) * s - 0.5, (Ty + 0.5) * s - 0.5);
    }

    /// <summary>The transform that undoes this one; its scale must not be 0.</summary>
    public SimilarityTransform Inverse()
    {
        var square = A * A + B * B;
        double a = A / square, b = -B / square;
        return new(a, b, -(a * Tx - b * Ty), -(b * Tx + a * Ty));
    }
}
