namespace EdgeFace.Vision.Detection;

/// <summary>A part of a picture, reduced by a whole factor where that leaves enough, and perhaps turned.</summary>
sealed class CutOut
{
    // In widths of the face: what stage 1 took for a face may lie beside it, and the refiner sees almost two.
    const float Side = 3;

    // A face is left as wide at least, and a picture as long.
    const int FaceWidth = 64, Longest = 640;

    const int LeastSide = 16;

    static readonly double Eighth = Math.Sqrt(0.5);

    readonly SimilarityTransform _toPicture;

    CutOut(RgbImage image, SimilarityTransform toPicture) => (Image, _toPicture) = (image, toPicture);

    public RgbImage Image { get; }

    /// <summary>What lies around a face; null where nearly nothing of it is in the picture.</summary>
    public static CutOut? Around(RgbImage picture, Box face, CancellationToken cancellation = default)
    {
        float x = (face.Left + face.Right) / 2, y = (face.Top + face.Bottom) / 2, half = Side / 2 * face.Width;
        int left = Within(x - half, picture.Width), right = Within(x + half, picture.Width);
        int top = Within(y - half, picture.Height), bottom = Within(y + half, picture.Height);
        return Of(picture, left, top, right, bottom, Math.Max(1, (int)(face.Width / FaceWidth)), cancellation);
    }

    /// <summary>The whole picture; null where it is too small to hold a face.</summary>
    public static CutOut? Whole(RgbImage picture, CancellationToken cancellation = default)
        => Of(picture, 0, 0, picture.Width, picture.Height, Math.Max(1, Math.Max(picture.Width, picture.Height) / Longest), cancellation);

    /// <summary>The same turned by an eighth of the circle; what lies beyond it is black.</summary>
    public CutOut TurnedByEighth()
    {
        var side = (int)Math.Ceiling((Image.Width + Image.Height) * Eighth);
        double middle = (side - 1) / 2.0, x = (Image.Width - 1) / 2.0, y = (Image.Height - 1) / 2.0;
        var back = new SimilarityTransform(Eighth, Eighth, x, y - 2 * Eighth * middle);
        var pixels = new byte[3 * side * side];
        for (var row = 0; row < side; row++)
            for (var column = 0; column < side; column++)
                Sample(back.Apply(new(column, row)), pixels.AsSpan(3 * (row * side + column), 3));
        return new(new(side, side, pixels), _toPicture.After(back));
    }

    /// <summary>A face of the part, in pixels of the picture.</summary>
    public Face ToPicture(Face face)
    {
        var (l, box) = (face.Landmarks, face.Box);
        var centre = _toPicture.Apply(new((box.Left + box.Right) / 2, (box.Top + box.Bottom) / 2));
        float x = (float)(box.Width / 2 * _toPicture.Scale), y = (float)(box.Height / 2 * _toPicture.Scale);
        return new(new(centre.X - x, centre.Y - y, centre.X + x, centre.Y + y), new(_toPicture.Apply(l.LeftEye), _toPicture.Apply(l.RightEye),
            _toPicture.Apply(l.Nose), _toPicture.Apply(l.LeftMouth), _toPicture.Apply(l.RightMouth)), face.Score);
    }

    static CutOut? Of(RgbImage picture, int left, int top, int right, int bottom, int factor, CancellationToken cancellation)
    {
        int width = (right - left) / factor, height = (bottom - top) / factor;
        if (Math.Min(width, height) < LeastSide) return null;
        // The centre of a reduced pixel is that of the square it is the mean of.
        var middle = (factor - 1) / 2.0;
        return new(Reduced(picture, left, top, width, height, factor, cancellation), new(factor, 0, left + middle, top + middle));
    }

    static int Within(float at, int side) => (int)Math.Clamp(at, 0, side);

    /// <summary>A part of a picture, each pixel the mean of a square of so many pixels a side; the picture itself where that is all.</summary>
    internal static RgbImage Reduced(RgbImage picture, int left, int top, int width, int height, int factor,
        CancellationToken cancellation = default)
    {
        if (factor == 1 && width == picture.Width && height == picture.Height) return picture;
        var from = picture.Pixels;
        var (pixels, sums, area) = (new byte[3 * width * height], new int[3 * width], factor * factor);
        for (var y = 0; y < height; y++)
        {
            cancellation.ThrowIfCancellationRequested();
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

    void Sample(Point p, Span<byte> rgb)
    {
        int x = (int)MathF.Floor(p.X), y = (int)MathF.Floor(p.Y);
        if (x < 0 || y < 0 || x + 1 >= Image.Width || y + 1 >= Image.Height) return;
        float fx = p.X - x, fy = p.Y - y;
        ReadOnlySpan<byte> above = Image.Pixels.Slice(3 * (y * Image.Width + x), 6), below = Image.Pixels.Slice(3 * ((y + 1) * Image.Width + x), 6);
        for (var c = 0; c < 3; c++)
            rgb[c] = (byte)((above[c] * (1 - fx) + above[c + 3] * fx) * (1 - fy) + (below[c] * (1 - fx) + below[c + 3] * fx) * fy + 0.5f);
    }
}
