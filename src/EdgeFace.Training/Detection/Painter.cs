using EdgeFace.Kernels;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Training.Detection;

/// <summary>Draws parts of pictures into a square window, turned, scaled and mirrored, without aliasing. One thread at a time.</summary>
sealed unsafe class Painter : IDisposable
{
    // A step over so many pixels is sampled from a copy of half the size, as the engine's search does.
    const double MostStep = 1.5;

    readonly ImagePyramid _pyramid = new(KernelSet.Default);

    /// <summary>A rectangle of the window: from left and top up to right and bottom.</summary>
    public readonly record struct Part(int Left, int Top, int Right, int Bottom)
    {
        public bool Holds(float x, float y) => x >= Left && y >= Top && x < Right && y < Bottom;
    }

    /// <summary>An upright ellipse with soft edges.</summary>
    public readonly record struct Oval(float X, float Y, float RadiusX, float RadiusY)
    {
        // The share of the radius over which the edge fades.
        const float Edge = 0.25f;

        public float this[int x, int y]
        {
            get
            {
                float u = (x - X) / RadiusX, v = (y - Y) / RadiusY;
                return Math.Clamp((1 - MathF.Sqrt(u * u + v * v)) / Edge, 0, 1);
            }
        }

        public bool Holds(float x, float y) => (x - X) * (x - X) / RadiusX / RadiusX + (y - Y) * (y - Y) / RadiusY / RadiusY < 1;
    }

    /// <summary>Draws a picture where it reaches; elsewhere the window stays.</summary>
    /// <param name="toPicture">From the window's pixels to the picture's.</param>
    /// <param name="oval">What of it is drawn; null for all.</param>
    public void Draw(Picture picture, Affine toPicture, Part part, Span<byte> window, int side, Oval? oval = null)
    {
        _pyramid.Begin(picture.Pixels, picture.Width, picture.Height);
        var k = ImagePyramid.LevelFor(toPicture.Scale, MostStep);
        var level = _pyramid.Level(ref k);
        var per = 1.0 / (1 << k);
        double width = level.Width - 0.5, height = level.Height - 0.5;
        for (var y = part.Top; y < part.Bottom; y++)
        {
            for (var x = part.Left; x < part.Right; x++)
            {
                double u = (toPicture.Xx * x + toPicture.Xy * y + toPicture.X0 + 0.5) * per - 0.5;
                double v = (toPicture.Yx * x + toPicture.Yy * y + toPicture.Y0 + 0.5) * per - 0.5;
                if (!(u >= -0.5 && v >= -0.5 && u <= width && v <= height)) continue;
                var alpha = oval is { } o ? o[x, y] : 1;
                if (alpha > 0) Sample(level, u, v, alpha, window.Slice(3 * (y * side + x), 3));
            }
        }
        _pyramid.End();
    }

    static void Sample(PictureLevel level, double u, double v, float alpha, Span<byte> pixel)
    {
        float x = (float)Math.Clamp(u, 0, level.Width - 1), y = (float)Math.Clamp(v, 0, level.Height - 1);
        int left = (int)x, top = (int)y, right = Math.Min(left + 1, level.Width - 1), below = Math.Min(top + 1, level.Height - 1);
        float a = x - left, b = y - top;
        byte* upper = level.Row(top), lower = level.Row(below);
        for (var c = 0; c < 3; c++)
        {
            var above = upper[3 * left + c] * (1 - a) + upper[3 * right + c] * a;
            var value = above * (1 - b) + (lower[3 * left + c] * (1 - a) + lower[3 * right + c] * a) * b;
            pixel[c] = (byte)(pixel[c] + (value - pixel[c]) * alpha + 0.5f);
        }
    }

    public void Dispose() => _pyramid.Dispose();
}
