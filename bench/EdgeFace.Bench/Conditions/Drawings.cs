using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>Flat drawings of faces: ovals, lines and dots, no two alike, drawn from a seed.</summary>
static class Drawings
{
    const int Side = 320;

    public static IEnumerable<RgbImage> Make(int count, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++) yield return One(random);
    }

    static RgbImage One(Random random)
    {
        byte[] paper = Colour(random, 150, 255), skin = Colour(random, 90, 255), ink = Colour(random, 0, 90),
            hair = Colour(random, 0, 200), iris = Colour(random, 0, 160), lips = Colour(random, 60, 220);
        double Between(double low, double high) => low + random.NextDouble() * (high - low);
        double cx = Side / 2.0 + Between(-20, 20), cy = Side / 2.0 + Between(-10, 20), a = Between(75, 100), b = Between(95, 125);
        double eyeX = a * Between(0.36, 0.48), eyeY = cy - b * Between(0.12, 0.25), eyeA = Between(10, 18), eyeB = Between(5, 13),
            pupil = Between(3, 7);
        double brow = eyeY - eyeB - Between(6, 14), browB = Between(2, 5), noseY = cy + b * Between(0.12, 0.25), noseA = Between(5, 14),
            mouthY = cy + b * Between(0.45, 0.6), mouthA = Between(18, 40), mouthB = Between(4, 12);
        var hairLine = cy - b * Between(0.45, 0.7);
        return Distortion.Make(Side, Side, (x, y, rgb) =>
        {
            var face = Ellipse(x, y, cx, cy, a, b);
            var colour = face > 1 ? (Ellipse(x, y, cx, cy - 15, a + 14, b + 10) < 1 && y < cy ? hair : paper)
                : face > 0.95 ? ink
                : y < hairLine ? hair : skin;
            foreach (var side in (int[])[-1, 1])
            {
                if (Ellipse(x, y, cx + side * eyeX, eyeY, eyeA, eyeB) < 1) colour = [250, 250, 250];
                if (Ellipse(x, y, cx + side * eyeX, eyeY, pupil, pupil) < 1) colour = iris;
                if (Ellipse(x, y, cx + side * eyeX, brow, eyeA + 4, browB) < 1) colour = ink;
            }
            if (Ellipse(x, y, cx, noseY, noseA, 3) < 1 || Math.Abs(x - cx - (noseY - y) * 0.1) < 1.5 && y > eyeY && y < noseY) colour = ink;
            if (Ellipse(x, y, cx, mouthY, mouthA, mouthB) < 1) colour = lips;
            colour.CopyTo(rgb);
        });
    }

    static byte[] Colour(Random random, int low, int high)
        => [(byte)random.Next(low, high), (byte)random.Next(low, high), (byte)random.Next(low, high)];

    static double Ellipse(double x, double y, double cx, double cy, double a, double b)
        => (x - cx) * (x - cx) / (a * a) + (y - cy) * (y - cy) / (b * b);
}
