using System.Numerics;

namespace EdgeFace.Evaluation;

/// <summary>Four points of a face, in pixels of its picture; left and right as seen in it.</summary>
/// <param name="LeftEye">The left eye.</param>
/// <param name="RightEye">The right eye.</param>
/// <param name="Nose">The tip of the nose.</param>
/// <param name="Mouth">The middle of the mouth; of a detector that gives its corners, the middle between them.</param>
public readonly record struct FacePoints(Vector2 LeftEye, Vector2 RightEye, Vector2 Nose, Vector2 Mouth)
{
    // Where these points lie in an aligned crop of 112 x 112, and the box that such a crop's face has (docs/detector.md).
    static readonly Complex[] Template = [new(38.2946, 51.6963), new(73.5318, 51.5014), new(56.0252, 71.7366), new(56.1396, 92.2848)];
    static readonly Complex TemplateCentre = new(56, 65);
    const double TemplateWidth = 80, TemplateHeight = 94;

    /// <summary>Distance of the eyes in pixels.</summary>
    public float EyeDistance => Vector2.Distance(LeftEye, RightEye);

    /// <summary>Whether all are finite and the eyes lie apart.</summary>
    public bool IsProper
        => float.IsFinite(EyeDistance) && EyeDistance > 0 && float.IsFinite(Nose.LengthSquared()) && float.IsFinite(Mouth.LengthSquared());

    /// <summary>
    /// The box that a face with these points has: 80 x 94 units of the template of 112 x 112 crops around its point (56, 65), laid over the face by
    /// the similarity that maps the template nearest to the points, in the sense of least squares.
    /// </summary>
    public FaceBox TemplateBox()
    {
        Complex[] points = [At(LeftEye), At(RightEye), At(Nose), At(Mouth)];
        Complex from = Mean(Template), to = Mean(points), product = 0;
        double square = 0;
        for (var i = 0; i < points.Length; i++)
        {
            product += Complex.Conjugate(Template[i] - from) * (points[i] - to);
            square += Math.Pow(Complex.Abs(Template[i] - from), 2);
        }
        // As complex numbers a similarity is z -> turn * z + shift; the modulus of turn is its scale.
        var turn = product / square;
        var centre = to + turn * (TemplateCentre - from);
        double width = TemplateWidth * turn.Magnitude, height = TemplateHeight * turn.Magnitude;
        double left = centre.Real - width / 2, top = centre.Imaginary - height / 2;
        return new((float)left, (float)top, (float)(left + width), (float)(top + height));
    }

    /// <summary>Whether all four lie in a box, its sides included.</summary>
    public bool AreInside(FaceBox box)
    {
        return Inside(LeftEye) && Inside(RightEye) && Inside(Nose) && Inside(Mouth);

        bool Inside(Vector2 p) => p.X >= box.Left && p.X <= box.Right && p.Y >= box.Top && p.Y <= box.Bottom;
    }

    /// <summary>The mean distance of four points found to these, in distances of these eyes.</summary>
    public double ErrorOf(FacePoints found)
        => (Vector2.Distance(LeftEye, found.LeftEye) + Vector2.Distance(RightEye, found.RightEye) + Vector2.Distance(Nose, found.Nose)
            + (double)Vector2.Distance(Mouth, found.Mouth)) / 4 / EyeDistance;

    static Complex At(Vector2 point) => new(point.X, point.Y);

    static Complex Mean(Complex[] values) => (values[0] + values[1] + values[2] + values[3]) / 4;
}
