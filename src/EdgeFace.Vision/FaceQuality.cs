using System.Buffers;

namespace EdgeFace.Vision;

/// <summary>
/// What can be said of how well a face was seen. Facts for sorting and for finding poor samples, not a judgement: that is <see cref="FaceGate"/>'s.
/// </summary>
public sealed record FaceQuality
{
    // Of the crop the part that every upright face fills: what lies around it is not the face's sharpness.
    const int Margin = 16;

    /// <summary>Width of the face's box, in pixels of the picture.</summary>
    public required float FaceWidth { get; init; }

    /// <summary>The detector's score, in [0, 1].</summary>
    public required float DetectorScore { get; init; }

    /// <summary>See <see cref="SharpnessOf"/>.</summary>
    public required double Sharpness { get; init; }

    /// <summary>Which way the face looks; null where the landmarks do not tell.</summary>
    public HeadPose? Pose { get; init; }

    /// <summary>The share of the face's box that lies outside the picture, in [0, 1].</summary>
    public double Outside { get; init; }

    /// <summary>At which side most of that lies; null where nothing is outside.</summary>
    public PictureSide? OutsideAt { get; init; }

    /// <summary>The quality of a detected face.</summary>
    /// <param name="face">Where it is in the picture.</param>
    /// <param name="crop">Its crop: 112 x 112 RGB bytes.</param>
    /// <param name="width">Width of the picture in pixels.</param>
    /// <param name="height">Height of the picture in pixels.</param>
    /// <exception cref="ArgumentException">The crop is of another size.</exception>
    public static FaceQuality Of(Face face, ReadOnlySpan<byte> crop, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(face);
        var (share, side) = OutsideOf(face.Box, width, height);
        return new()
        {
            FaceWidth = face.Box.Width, DetectorScore = face.Score, Sharpness = SharpnessOf(crop), Pose = HeadPose.Estimate(face.Landmarks),
            Outside = share, OutsideAt = side,
        };
    }

    static (double Share, PictureSide? Side) OutsideOf(Box box, int width, int height)
    {
        // Pixels reach half a pixel beyond their centres.
        var inside = box.Intersection(new(-0.5f, -0.5f, width - 0.5f, height - 0.5f));
        var share = box.Area > 0 ? Math.Clamp(1 - (double)inside / box.Area, 0, 1) : 0;
        if (!(share > 1e-6)) return (0, null);
        ReadOnlySpan<float> beyond = [(-0.5f - box.Left) / box.Width, (-0.5f - box.Top) / box.Height, (box.Right - width + 0.5f) / box.Width,
            (box.Bottom - height + 0.5f) / box.Height];
        var most = 0;
        for (var i = 1; i < beyond.Length; i++)
            if (beyond[i] > beyond[most]) most = i;
        return (share, (PictureSide)most);
    }

    /// <summary>
    /// Variance of the Laplacian (4 neighbours) of the luminance in the middle 80 x 80 pixels of a crop, in squares of 8-bit levels; higher
    /// is sharper. It sees the crop, not the picture: a small face that was enlarged is blurred. Noise and strong shadows raise it too, so
    /// compare crops of one camera.
    /// </summary>
    /// <param name="crop">112 x 112 RGB bytes.</param>
    public static double SharpnessOf(ReadOnlySpan<byte> crop)
    {
        if (crop.Length != FaceEmbedder.CropBytes)
            throw new ArgumentException($"a crop is {FaceEmbedder.CropBytes} bytes, not {crop.Length}", nameof(crop));
        const int inner = FaceEmbedder.CropSize - 2 * Margin, side = inner + 2;
        var luminance = ArrayPool<double>.Shared.Rent(side * side);
        for (var i = 0; i < side * side; i++) luminance[i] = Luminance(crop, Margin - 1 + i % side, Margin - 1 + i / side);
        double sum = 0, squares = 0;
        for (var y = 1; y <= inner; y++)
            for (var x = 1; x <= inner; x++)
            {
                var at = y * side + x;
                var laplacian = luminance[at - 1] + luminance[at + 1] + luminance[at - side] + luminance[at + side] - 4 * luminance[at];
                sum += laplacian;
                squares += laplacian * laplacian;
            }
        ArrayPool<double>.Shared.Return(luminance);
        const double count = inner * inner;
        var mean = sum / count;
        return Math.Max(0, squares / count - mean * mean);
    }

    // BT.601.
    static double Luminance(ReadOnlySpan<byte> crop, int x, int y)
    {
        var at = (y * FaceEmbedder.CropSize + x) * 3;
        return 0.299 * crop[at] + 0.587 * crop[at + 1] + 0.114 * crop[at + 2];
    }
}

/// <summary>
/// Which way a face looks, in degrees. <see cref="Roll"/> is exact: it is the angle of the line through the eyes. <see cref="Yaw"/> and
/// <see cref="Pitch"/> are estimates from where the nose lies between eyes and mouth, for a face of average proportions seen from afar:
/// they order the pictures of one person well, but a long or a flat nose shifts them, by ten degrees and more, and a strong profile has
/// no such landmarks at all.
/// </summary>
/// <param name="Yaw">Turn to the side; positive where the nose points to the right of the picture. 0 is frontal.</param>
/// <param name="Pitch">Nod; positive is down. 0 is a face whose nose lies between eyes and mouth as in the aligner's template.</param>
/// <param name="Roll">Tilt in the picture; positive is clockwise. 0 is upright.</param>
public readonly record struct HeadPose(double Yaw, double Pitch, double Roll)
{
    // How far the tip of an average nose stands out from the plane of eyes and mouth, in distances between the eyes.
    const double NoseDepth = 0.6;

    /// <summary>Estimates the pose from the landmarks; null where the eyes, or eyes and mouth, lie at one place.</summary>
    public static HeadPose? Estimate(in Landmarks landmarks)
    {
        if (Measure(landmarks) is not { } face || Measure(FaceAligner.Template) is not { } frontal) return null;
        // The plane shrinks with the cosine of a turn and the tip of the nose moves with its sine. Of the nod the plane's height is
        // measured in distances between the eyes of a frontal face.
        var yaw = Math.Atan(face.NoseAside / NoseDepth);
        var pitch = Math.Atan((face.NoseDown - frontal.NoseDown) * frontal.Height / NoseDepth);
        return new(Degrees(yaw), Degrees(pitch), Degrees(face.Roll));
    }

    // In the axes of the face: x along the eyes, y at a right angle, down.
    static (double NoseAside, double NoseDown, double Height, double Roll)? Measure(in Landmarks l)
    {
        double ax = l.RightEye.X - l.LeftEye.X, ay = l.RightEye.Y - l.LeftEye.Y, eyes = Math.Sqrt(ax * ax + ay * ay);
        if (!(eyes > 0) || !double.IsFinite(eyes)) return null;
        double ux = ax / eyes, uy = ay / eyes, ex = (l.LeftEye.X + l.RightEye.X) / 2.0, ey = (l.LeftEye.Y + l.RightEye.Y) / 2.0;
        var (noseX, noseY) = InFace(l.Nose.X, l.Nose.Y);
        var (mouthX, mouthY) = InFace((l.LeftMouth.X + l.RightMouth.X) / 2.0, (l.LeftMouth.Y + l.RightMouth.Y) / 2.0);
        var down = noseY / mouthY;
        return double.IsFinite(down) && double.IsFinite(noseX) ? (noseX - mouthX * down, down, mouthY, Math.Atan2(ay, ax)) : null;

        (double X, double Y) InFace(double x, double y) => (((x - ex) * ux + (y - ey) * uy) / eyes, ((y - ey) * ux - (x - ex) * uy) / eyes);
    }

    static double Degrees(double radians) => radians * (180 / Math.PI);
}
