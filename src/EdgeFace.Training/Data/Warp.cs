using System.Buffers;

namespace EdgeFace.Training.Data;

/// <summary>Other proportions and places: stretch, shear, turn, scale and shift, and a smooth field over them; bilinear, black outside.</summary>
static class Warp
{
    const int Side = FaceEmbedder.CropSize;
    const int Knots = 5; // of the smooth field, a side
    const double Middle = (Side - 1) / 2.0;

    public static void Apply(Span<byte> view, double strength, ref SeededRandom random)
    {
        double angle = random.Within(0.14 * strength), scale = 1 + random.Within(0.1 * strength), stretch = Math.Exp(random.Within(0.14 * strength));
        double shear = random.Within(0.14 * strength), shiftX = random.Within(5 * strength), shiftY = random.Within(5 * strength);
        Span<double> field = stackalloc double[Knots * Knots * 2];
        if (random.Chance(0.6))
            for (var i = 0; i < field.Length; i++) field[i] = random.Within(5 * strength);
        double cos = Math.Cos(angle) / scale, sin = Math.Sin(angle) / scale;
        double xx = cos * stretch, xy = (shear * cos - sin) / stretch, yx = sin * stretch, yy = (shear * sin + cos) / stretch;

        var source = ArrayPool<byte>.Shared.Rent(view.Length);
        view.CopyTo(source);
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                double dx = x - Middle, dy = y - Middle;
                var (fx, fy) = Field(field, x, y);
                double sourceX = Middle + xx * dx + xy * dy + shiftX + fx, sourceY = Middle + yx * dx + yy * dy + shiftY + fy;
                Sample(source, sourceX, sourceY, view.Slice((y * Side + x) * 3, 3));
            }
        ArrayPool<byte>.Shared.Return(source);
    }

    /// <summary>The field between its knots, with a slope of zero at each, so that it has no edges.</summary>
    static (double X, double Y) Field(ReadOnlySpan<double> field, int x, int y)
    {
        double u = x * (Knots - 1.0) / Side, v = y * (Knots - 1.0) / Side;
        int i = (int)u, j = (int)v;
        double a = Smooth(u - i), b = Smooth(v - j);
        var at = (j * Knots + i) * 2;
        return (Blend(field, at, a, b), Blend(field, at + 1, a, b));

        static double Smooth(double t) => t * t * (3 - 2 * t);

        static double Blend(ReadOnlySpan<double> f, int at, double a, double b)
            => (f[at] * (1 - a) + f[at + 2] * a) * (1 - b) + (f[at + 2 * Knots] * (1 - a) + f[at + 2 * Knots + 2] * a) * b;
    }

    static void Sample(ReadOnlySpan<byte> source, double x, double y, Span<byte> pixel)
    {
        int left = (int)Math.Floor(x), top = (int)Math.Floor(y);
        if (left < -1 || top < -1 || left >= Side || top >= Side)
        {
            pixel.Clear();
            return;
        }
        float a = (float)(x - left), b = (float)(y - top);
        for (var c = 0; c < 3; c++)
            pixel[c] = (byte)((At(source, left, top, c) * (1 - a) + At(source, left + 1, top, c) * a) * (1 - b)
                + (At(source, left, top + 1, c) * (1 - a) + At(source, left + 1, top + 1, c) * a) * b + 0.5f);

        static float At(ReadOnlySpan<byte> source, int x, int y, int c) => (uint)x < Side && (uint)y < Side ? source[(y * Side + x) * 3 + c] : 0;
    }
}
