using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>A photo to which something was done, and where its points have gone.</summary>
readonly record struct ChangedPhoto(RgbImage Image, SimilarityTransform To)
{
    /// <summary>Where nothing has moved.</summary>
    public ChangedPhoto(RgbImage image) : this(image, new(1, 0, 0, 0)) { }

    /// <summary>Whether a face is the one that was there before.</summary>
    public bool Shows(Face before, Face found)
    {
        Point a = To.Apply(before.Landmarks.Nose), b = found.Landmarks.Nose;
        double width = before.Box.Width * To.Scale, x = a.X - b.X, y = a.Y - b.Y;
        return x * x + y * y <= width * width / 4 && found.Box.Width >= width / 2 && found.Box.Width <= 2 * width;
    }
}

/// <summary>What is done to a photo.</summary>
/// <param name="Name">In words.</param>
/// <param name="Change">Of a photo with the face that it shows; null where it cannot be done.</param>
/// <param name="Reasons">What a refusal may be for: the beginnings of reasons. None where there is no reason to refuse.</param>
sealed record PhotoCondition(string Name, Func<RgbImage, Face, Random, ChangedPhoto?> Change, params string[] Reasons)
{
    const string Blurred = "too blurred", Small = "too small", Compressed = "too compressed";

    /// <summary>Whether faces lie far from upright.</summary>
    public bool IsTurned { get; private init; }

    /// <summary>The first leaves the photo as it is, the second turns it by little.</summary>
    public static PhotoCondition[] All { get; } =
    [
        new("as it is", (p, _, _) => new(p)),
        new("turned by 5 degrees", (p, _, _) => Rotated(p, 5)),
        new("turned by 90 degrees", (p, _, _) => Turned(p, 1)) { IsTurned = true },
        new("turned by 180 degrees", (p, _, _) => Turned(p, 2)) { IsTurned = true },
        new("turned by 270 degrees", (p, _, _) => Turned(p, 3)) { IsTurned = true },
        new("turned by 45 degrees", (p, _, _) => Rotated(p, 45)) { IsTurned = true },
        new("turned by a chance angle", (p, _, random) => Rotated(p, 360 * random.NextDouble())) { IsTurned = true },
        .. Cuts(),
        new("30 % cut off at the bottom, black border", (p, f, _) => Bordered(p, f), "cut off at the bottom"),
        new("darkened to 15 %", (p, _, _) => Levels(p, 0.15, 0.15, 0.15), "too dark"),
        new("darkened to 10 %", (p, _, _) => Levels(p, 0.1, 0.1, 0.1), "too dark"),
        new("blue cast", (p, _, _) => Levels(p, 0.45, 0.6, 1.2)),
        new("red cast", (p, _, _) => Levels(p, 1.2, 0.5, 0.4)),
        new("a tenth of the contrast", (p, _, _) => new(Distortion.Levels(p, [0.1, 0.1, 0.1], 110)), "too little contrast"),
        new("blurred, sigma a 16th of the face", (p, f, _) => new(Distortion.Blur(p, f.Box.Width / 16)), Blurred, Small),
        new("blurred, sigma an 8th of the face", (p, f, _) => new(Distortion.Blur(p, f.Box.Width / 8)), Blurred, Small),
        new("JPEG of quality 3", (p, _, _) => new(BlockCompression.Of(p, 3)), Compressed, Blurred, Small),
        new("face reduced to 24 pixels", (p, f, _) => Reduced(p, f, 24), Small, Blurred),
        new("face reduced to 12 pixels", (p, f, _) => Reduced(p, f, 12), Small, Blurred),
        new("mask and dark glasses", (p, f, random) => new(Distortion.Disguise(p, f.Landmarks, random)), "eyes or mouth covered"),
    ];

    static IEnumerable<PhotoCondition> Cuts()
        => from side in (string[])["bottom", "top", "left", "right"]
           from share in (double[])[0.2, 0.3]
           select new PhotoCondition(FormattableString.Invariant($"{100 * share:f0} % cut off at the {side}"),
               (p, f, _) => Cut(p, f, side, share), $"cut off at the {side}");

    static ChangedPhoto Turned(RgbImage photo, int quarters)
        => new(Distortion.Turn(photo, quarters), quarters switch
        {
            1 => new(0, 1, photo.Height - 1, 0),
            2 => new(-1, 0, photo.Width - 1, photo.Height - 1),
            _ => new(0, -1, 0, photo.Width - 1),
        });

    static ChangedPhoto Rotated(RgbImage photo, double degrees)
    {
        var turned = PhotoDistortion.Rotate(photo, degrees);
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        double u = (photo.Width - 1) / 2.0, v = (photo.Height - 1) / 2.0;
        return new(turned, new(cos, sin, (turned.Width - 1) / 2.0 - cos * u + sin * v, (turned.Height - 1) / 2.0 - sin * u - cos * v));
    }

    static ChangedPhoto? Cut(RgbImage photo, Face face, string side, double share)
    {
        if (PhotoDistortion.Cut(photo, face.Box, side, share) is not { } left) return null;
        return new(left, new(1, 0, side == "left" ? left.Width - photo.Width : 0, side == "top" ? left.Height - photo.Height : 0));
    }

    static ChangedPhoto? Bordered(RgbImage photo, Face face)
    {
        if (PhotoDistortion.Cut(photo, face.Box, "bottom", 0.3) is not { } cut) return null;
        var image = PhotoDistortion.Border(cut, 0.3);
        return new(image, new(1, 0, (image.Width - cut.Width) / 2, (image.Height - cut.Height) / 2));
    }

    static ChangedPhoto Levels(RgbImage photo, double red, double green, double blue) => new(Distortion.Levels(photo, [red, green, blue]));

    static ChangedPhoto Reduced(RgbImage photo, Face face, double width)
    {
        var scale = Math.Min(1, width / face.Box.Width);
        return new(Distortion.Reduce(photo, scale), new(scale, 0, (scale - 1) / 2, (scale - 1) / 2));
    }
}
