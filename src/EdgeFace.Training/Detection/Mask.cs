using EdgeFace.Training.Data;
using EdgeFace.Vision;

namespace EdgeFace.Training.Detection;

/// <summary>A mask over mouth and nose of a face: one colour, a little darker towards its edge.</summary>
static class Mask
{
    // In units of the template: an oval, cut off above a curve over the nose.
    const float X = 56, Y = 84, RadiusX = 29, RadiusY = 32, Top = 66, Bend = 9;

    // Narrower faces, in pixels for each template unit, stay as they are.
    const double LeastScale = 0.12;

    public static void Draw(Span<byte> view, int side, in Landmarks face, ref SeededRandom random)
    {
        if (!FaceAligner.TryEstimate(FaceAligner.Template, face, out var at)) return;
        Span<float> colour = stackalloc float[3];
        var kind = random.Below(4);
        for (var c = 0; c < 3; c++)
            colour[c] = (float)(kind switch
            {
                0 => random.Between(200, 255),
                1 => random.Between(5, 50),
                2 => random.Between(80 + 45 * c, 160 + 40 * c),
                _ => random.Between(20, 240),
            });
        var top = Top + (float)random.Within(6);
        if (at.Scale < LeastScale) return;
        var back = at.Inverse();
        var centre = at.Apply(new(X, Y));
        var reach = (int)Math.Ceiling(at.Scale * (RadiusY + 2));
        for (var y = Math.Max(0, (int)centre.Y - reach); y < Math.Min(side, (int)centre.Y + reach + 2); y++)
            for (var x = Math.Max(0, (int)centre.X - reach); x < Math.Min(side, (int)centre.X + reach + 2); x++)
            {
                var p = back.Apply(new(x, y));
                float u = (p.X - X) / RadiusX, v = (p.Y - Y) / RadiusY, edge = u * u + v * v;
                if (edge > 1 || p.Y < top + Bend * u * u - Bend) continue;
                for (var c = 0; c < 3; c++) view[3 * (y * side + x) + c] = (byte)(colour[c] * (1 - 0.25f * edge));
            }
    }
}
