namespace EdgeFace.Vision;

/// <summary>
/// Five-point alignment: the least-squares similarity (no reflection) between the template and a face's landmarks, and a bilinear warp to the crop.
/// As in the reference pipeline the squares are those of distances in the picture, from the template to the landmarks.
/// </summary>
public static class FaceAligner
{
    /// <summary>Version of the template, the estimate and the warp; a part of the embedding contract.</summary>
    public const string Version = "similarity5-v1";

    /// <summary>Where the landmarks lie in the 112 x 112 crop (spec section 5; the template of ArcFace).</summary>
    public static Landmarks Template { get; } = new(new(38.2946f, 51.6963f), new(73.5318f, 51.5014f), new(56.0252f, 71.7366f), new(41.5493f, 92.3655f), new(70.7299f, 92.2041f));

    /// <summary>The similarity that maps the points of one face nearest to those of another, in the sense of least squares.</summary>
    /// <returns>False where the points do not define one: values that are not finite, or all points at one place.</returns>
    public static bool TryEstimate(in Landmarks from, in Landmarks to, out SimilarityTransform transform)
    {
        Span<Point> p = [from.LeftEye, from.RightEye, from.Nose, from.LeftMouth, from.RightMouth], q = [to.LeftEye, to.RightEye, to.Nose, to.LeftMouth, to.RightMouth];
        double px = 0, py = 0, qx = 0, qy = 0;
        for (var i = 0; i < p.Length; i++)
        {
            px += p[i].X / 5.0;
            py += p[i].Y / 5.0;
            qx += q[i].X / 5.0;
            qy += q[i].Y / 5.0;
        }
        double dot = 0, cross = 0, square = 0;
        for (var i = 0; i < p.Length; i++)
        {
            double x = p[i].X - px, y = p[i].Y - py, u = q[i].X - qx, v = q[i].Y - qy;
            dot += x * u + y * v;
            cross += x * v - y * u;
            square += x * x + y * y;
        }
        double a = dot / square, b = cross / square;
        transform = new(a, b, qx - (a * px - b * py), qy - (b * px + a * py));
        return double.IsFinite(transform.Scale) && double.IsFinite(transform.Tx) && double.IsFinite(transform.Ty) && transform.Scale is > 1e-9 and < 1e9;
    }

    /// <summary>
    /// Warps a face to the crop that the recogniser takes. What lies outside the picture is black. The crop of a dark or flat picture is stretched
    /// (docs/detector.md): as photographed, the recogniser takes such people for one.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="landmarks">The face's landmarks in its pixels.</param>
    /// <param name="crop">Receives 112 x 112 x 3 RGB bytes.</param>
    /// <exception cref="ArgumentException">The crop has the wrong length, or the landmarks define no face.</exception>
    public static void Align(RgbImage image, in Landmarks landmarks, Span<byte> crop)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (crop.Length != FaceEmbedder.CropBytes) throw new ArgumentException($"a crop is {FaceEmbedder.CropBytes} bytes, not {crop.Length}", nameof(crop));
        if (!TryEstimate(Template, landmarks, out var toImage))
            throw new ArgumentException($"these landmarks define no face: {landmarks}", nameof(landmarks));
        for (var y = 0; y < FaceEmbedder.CropSize; y++)
            for (var x = 0; x < FaceEmbedder.CropSize; x++)
                Sample(image, toImage.A * x - toImage.B * y + toImage.Tx, toImage.B * x + toImage.A * y + toImage.Ty, crop.Slice((y * FaceEmbedder.CropSize + x) * 3, 3));
        CropTone.Stretch(crop);
    }

    static void Sample(RgbImage image, double x, double y, Span<byte> rgb)
    {
        rgb.Clear();
        if (!(x > -1 && y > -1 && x < image.Width && y < image.Height)) return;
        int x0 = (int)Math.Floor(x), y0 = (int)Math.Floor(y);
        double fx = x - x0, fy = y - y0;
        for (var c = 0; c < 3; c++)
        {
            var top = Value(image, x0, y0, c) * (1 - fx) + Value(image, x0 + 1, y0, c) * fx;
            var bottom = Value(image, x0, y0 + 1, c) * (1 - fx) + Value(image, x0 + 1, y0 + 1, c) * fx;
            rgb[c] = (byte)(top * (1 - fy) + bottom * fy + 0.5);
        }
    }

    static int Value(RgbImage image, int x, int y, int c)
        => (uint)x < (uint)image.Width && (uint)y < (uint)image.Height ? image.Pixels[(y * image.Width + x) * 3 + c] : 0;
}
