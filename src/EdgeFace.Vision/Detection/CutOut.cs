namespace EdgeFace.Vision.Detection;

/// <summary>A square part of a picture around a face, reduced by a whole factor where the face is large.</summary>
sealed class CutOut
{
    // In widths of the face: what stage 1 took for a face may lie beside it, and the refiner sees almost two.
    const float Side = 3;

    // A face is left as wide at least.
    const int FaceWidth = 64;

    const int LeastSide = 16;

    readonly int _left, _top, _factor;

    CutOut(RgbImage image, int left, int top, int factor) => (Image, _left, _top, _factor) = (image, left, top, factor);

    public RgbImage Image { get; }

    /// <summary>What lies around a face; null where nearly nothing of it is in the picture.</summary>
    public static CutOut? Around(RgbImage picture, Box face)
    {
        float x = (face.Left + face.Right) / 2, y = (face.Top + face.Bottom) / 2, half = Side / 2 * face.Width;
        int left = Within(x - half, picture.Width), right = Within(x + half, picture.Width);
        int top = Within(y - half, picture.Height), bottom = Within(y + half, picture.Height);
        var factor = Math.Max(1, (int)(face.Width / FaceWidth));
        int width = (right - left) / factor, height = (bottom - top) / factor;
        return Math.Min(width, height) < LeastSide ? null : new(Reduce(picture, left, top, width, height, factor), left, top, factor);
    }

    /// <summary>A face of the part, in pixels of the picture.</summary>
    public Face ToPicture(Face face)
    {
        var (l, box) = (face.Landmarks, face.Box);
        Point topLeft = At(new(box.Left, box.Top)), bottomRight = At(new(box.Right, box.Bottom));
        return new(new(topLeft.X, topLeft.Y, bottomRight.X, bottomRight.Y),
            new(At(l.LeftEye), At(l.RightEye), At(l.Nose), At(l.LeftMouth), At(l.RightMouth)), face.Score);

        // The centre of a reduced pixel is that of the square it is the mean of.
        Point At(Point p) => new(_left + (p.X + 0.5f) * _factor - 0.5f, _top + (p.Y + 0.5f) * _factor - 0.5f);
    }

    static int Within(float at, int side) => (int)Math.Clamp(at, 0, side);

    static RgbImage Reduce(RgbImage picture, int left, int top, int width, int height, int factor)
    {
        var from = picture.Pixels;
        var (pixels, area) = (new byte[3 * width * height], factor * factor);
        var sums = new int[3 * width];
        for (var y = 0; y < height; y++)
        {
            Array.Clear(sums);
            for (var i = 0; i < factor; i++)
            {
                var row = from.Slice(3 * ((top + y * factor + i) * picture.Width + left), 3 * width * factor);
                for (int x = 0, at = 0; x < sums.Length; x += 3)
                    for (var j = 0; j < factor; j++, at += 3)
                        for (var c = 0; c < 3; c++) sums[x + c] += row[at + c];
            }
            for (var x = 0; x < sums.Length; x++) pixels[y * sums.Length + x] = (byte)((sums[x] + area / 2) / area);
        }
        return new(width, height, pixels);
    }
}
