namespace EdgeFace.Vision;

/// <summary>
/// Five-point alignment: the least-squares similarity (no reflection) between the template and a face's landmarks, and a bilinear warp to the crop,
/// from a reduced copy where the face is large.
/// As in the reference pipeline the squares are those of distances in the picture, from the template to the landmarks.
/// </summary>
public static class FaceAligner
{
    /// <summary>
    /// Version of the template, the estimate, the warp and of how faces are searched for; a part of the embedding contract.
    /// </summary>
    public const string Version = "similarity5-v2";

    /// <summary>Where the landmarks lie in the 112 x 112 crop (spec section 5; the template of ArcFace).</summary>
    public static Landmarks Template { get; } =
        new(new(38.2946f, 51.6963f), new(73.5318f, 51.5014f), new(56.0252f, 71.7366f), new(41.5493f, 92.3655f), new(70.7299f, 92.2041f));

    /// <summary>The similarity that maps the points of one face nearest to those of another, in the sense of least squares.</summary>
    /// <returns>False where the points do not define one: values that are not finite, or all points at one place.</returns>
    public static bool TryEstimate(in Landmarks from, in Landmarks to, out SimilarityTransform transform)
    {
        Span<Point> p = [from.LeftEye, from.RightEye, from.Nose, from.LeftMouth, from.RightMouth],
            q = [to.LeftEye, to.RightEye, to.Nose, to.LeftMouth, to.RightMouth];
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
        return double.IsFinite(transform.Scale) && double.IsFinite(transform.Tx)
            && double.IsFinite(transform.Ty) && transform.Scale is > 1e-9 and < 1e9;
    }

    /// <summary>
    /// Warps a face to the crop that the recogniser takes. A face at least twice as large as the crop is sampled from means of 2 x 2 pixels, one
    /// four times as large of 4 x 4, and so on, so that nothing aliases. What lies outside the picture is black. The crop of a dark or flat picture
    /// is stretched (docs/detector.md): as photographed, the recogniser takes such people for one.
    /// </summary>
    /// <param name="image">The picture.</param>
    /// <param name="landmarks">The face's landmarks in its pixels.</param>
    /// <param name="crop">Receives 112 x 112 x 3 RGB bytes.</param>
    /// <exception cref="ArgumentException">The crop has the wrong length, or the landmarks define no face.</exception>
    public static void Align(RgbImage image, in Landmarks landmarks, Span<byte> crop)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (crop.Length != FaceEmbedder.CropBytes)
            throw new ArgumentException($"a crop is {FaceEmbedder.CropBytes} bytes, not {crop.Length}", nameof(crop));
        if (!TryEstimate(Template, landmarks, out var toImage))
            throw new ArgumentException($"these landmarks define no face: {landmarks}", nameof(landmarks));
        var level = LevelOf(toImage.Scale, image);
        using var region = new MeanRegion(image, level, toImage.At(level));
        region.Sample(crop);
        CropTone.Stretch(crop);
    }

    /// <summary>How often the picture is halved before a step from one pixel of the crop to the next is shorter than two of its pixels.</summary>
    static int LevelOf(double scale, RgbImage image)
    {
        var level = 0;
        for (; scale >= 2 && level < MeanRegion.MostHalvings && Math.Min(image.Width, image.Height) >> (level + 1) >= 2; scale /= 2) level++;
        return level;
    }
}
