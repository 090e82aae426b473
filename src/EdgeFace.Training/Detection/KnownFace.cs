using System.Numerics;
using EdgeFace.Evaluation;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Training.Detection;

/// <summary>A face that is known to be in a picture or view.</summary>
/// <param name="Box">Its box.</param>
/// <param name="Landmarks">Where they are, or, of a face annotated by a box, where they are in the box of the template.</param>
/// <param name="HasPoints">Whether the landmarks are annotated.</param>
readonly record struct KnownFace(Box Box, Landmarks Landmarks, bool HasPoints)
{
    // Half the mouth of the template, in distances of its eyes.
    const float HalfMouth = 0.414f;

    // The template's box (docs/detector.md).
    const float Left = 16, Top = 18, Width = 80, Height = 94;

    /// <summary>A face as it is annotated; null where it does not count.</summary>
    public static KnownFace? Of(AnnotatedFace face)
    {
        if (face.IsIgnored) return null;
        if (face.Points is { } p)
        {
            var half = (p.RightEye - p.LeftEye) * HalfMouth;
            var landmarks = new Landmarks(At(p.LeftEye), At(p.RightEye), At(p.Nose), At(p.Mouth - half), At(p.Mouth + half));
            return FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var at) ? new(FaceRefinement.BoxOf(at), landmarks, true) : null;
        }
        var b = face.Extent();
        var box = new Box(b.Left, b.Top, b.Right, b.Bottom);
        return new(box, InBox(box), false);

        static Point At(Vector2 p) => new(p.X, p.Y);
    }

    /// <summary>The same face where a map takes it.</summary>
    public KnownFace Moved(Affine map)
    {
        var landmarks = map.Apply(Landmarks);
        if (HasPoints && FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var at)) return new(FaceRefinement.BoxOf(at), landmarks, true);
        var centre = map.Apply((Box.Left + Box.Right) / 2, (Box.Top + Box.Bottom) / 2);
        float x = (float)(Box.Width / 2 * map.Scale), y = (float)(Box.Height / 2 * map.Scale);
        return new(new(centre.X - x, centre.Y - y, centre.X + x, centre.Y + y), landmarks, false);
    }

    static Landmarks InBox(Box box)
    {
        var t = FaceAligner.Template;
        return new(At(t.LeftEye), At(t.RightEye), At(t.Nose), At(t.LeftMouth), At(t.RightMouth));

        Point At(Point p) => new(box.Left + (p.X - Left) / Width * box.Width, box.Top + (p.Y - Top) / Height * box.Height);
    }
}
