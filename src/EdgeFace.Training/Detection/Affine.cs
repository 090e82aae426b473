using EdgeFace.Vision;

namespace EdgeFace.Training.Detection;

/// <summary>A map of points: turned, scaled, shifted, perhaps mirrored.</summary>
readonly record struct Affine(double Xx, double Xy, double X0, double Yx, double Yy, double Y0)
{
    /// <summary>Takes a point to another; distances grow by the scale; clockwise by an angle, after mirroring.</summary>
    public static Affine Around((double X, double Y) from, (double X, double Y) to, double scale, double angle, bool mirrored)
    {
        double a = scale * Math.Cos(angle), b = scale * Math.Sin(angle), m = mirrored ? -1 : 1;
        return new(m * a, -b, to.X - m * a * from.X + b * from.Y, m * b, a, to.Y - m * b * from.X - a * from.Y);
    }

    /// <summary>How much longer distances become.</summary>
    public double Scale => Math.Sqrt(Xx * Xx + Yx * Yx);

    public Point Apply(double x, double y) => new((float)(Xx * x + Xy * y + X0), (float)(Yx * x + Yy * y + Y0));

    public Point Apply(Point p) => Apply(p.X, p.Y);

    /// <summary>The map back.</summary>
    public Affine Inverse()
    {
        var d = Xx * Yy - Xy * Yx;
        double xx = Yy / d, xy = -Xy / d, yx = -Yx / d, yy = Xx / d;
        return new(xx, xy, -xx * X0 - xy * Y0, yx, yy, -yx * X0 - yy * Y0);
    }

    /// <summary>Whether left and right change places.</summary>
    public bool IsMirrored => Xx * Yy - Xy * Yx < 0;

    /// <summary>Where landmarks go; left and right stay as they are seen.</summary>
    public Landmarks Apply(in Landmarks l)
        => IsMirrored ? new(Apply(l.RightEye), Apply(l.LeftEye), Apply(l.Nose), Apply(l.RightMouth), Apply(l.LeftMouth))
        : new(Apply(l.LeftEye), Apply(l.RightEye), Apply(l.Nose), Apply(l.LeftMouth), Apply(l.RightMouth));
}
