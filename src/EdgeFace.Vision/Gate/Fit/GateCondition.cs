namespace EdgeFace.Vision;

/// <summary>What is done to a crop to fit the gate. What of it leaves faces recognisable is measured.</summary>
/// <param name="Kind">Whose centre it forms where it does not; null where that is for the photos to tell, or nothing is done.</param>
sealed record GateCondition(string Name, string? Kind, Func<RgbImage, Random, RgbImage> Change)
{
    // Of a face's box in a crop, in pixels.
    const double Width = 80, Height = 94, Left = 16, Top = 18, Right = 96, Bottom = 112;

    /// <summary>The first leaves the crop as it is.</summary>
    public static GateCondition[] All { get; } =
    [
        new("as it is", null, (c, _) => c),
        Blurred(24), Blurred(16), Blurred(12), Blurred(8), Blurred(5),
        Compressed(8), Compressed(3), Compressed(1),
        Small(24), Small(12), Small(8), Small(6),
        .. Cut(0.2), .. Cut(0.3), .. Cut(0.4),
        new("mask and dark glasses", "covered", (c, random) => Distortion.Disguise(c, FaceAligner.Template, random)),
        new("upside down", "upside-down", (c, _) => Distortion.Turn(c, 2)),
        new("turned by 90 degrees", "turned-90", (c, _) => Distortion.Turn(c, 1)),
        new("turned by 270 degrees", "turned-270", (c, _) => Distortion.Turn(c, 3)),
        .. Faint("dark", "darkened to 10 %", 0.1, 0), .. Faint("dark", "darkened to 2 %", 0.02, 0),
        .. Faint("pale", "a tenth of the contrast", 0.1, 110),
        new("blue cast", null, (c, _) => Distortion.Levels(c, [0.45, 0.6, 1.2])),
        new("noise of 40 levels", "noisy", (c, random) => Noise(c, random, 40)),
        new("noise of 120 levels", "noisy", (c, random) => Noise(c, random, 120)),
    ];

    static GateCondition Blurred(int part)
        => new(FormattableString.Invariant($"blurred, sigma {(part == 8 ? "an" : "a")} {part}th of the face"), "blurred",
            (c, _) => Distortion.Blur(c, Width / part));

    /// <summary>As photographed, and as the aligner gives it.</summary>
    static IEnumerable<GateCondition> Faint(string kind, string name, double factor, double offset) =>
    [
        new(name, kind, (c, _) => Distortion.Levels(c, [factor, factor, factor], offset)),
        new(name + ", stretched", kind, (c, _) => Stretched(Distortion.Levels(c, [factor, factor, factor], offset))),
    ];

    static GateCondition Compressed(int quality)
        => new(FormattableString.Invariant($"JPEG of quality {quality}"), "compressed", (c, _) => BlockCompression.Of(c, quality));

    static GateCondition Small(int pixels) => new(FormattableString.Invariant($"{pixels} pixels"), "small",
        (c, _) => Distortion.Resize(Distortion.Reduce(c, pixels / Width), FaceEmbedder.CropSize, FaceEmbedder.CropSize));

    static IEnumerable<GateCondition> Cut(double share) =>
    [
        new(FormattableString.Invariant($"{100 * share:f0} % black at the left"), "cut-off", (c, _) => Seen(c, Left + share * Width, 0, 112, 112)),
        new(FormattableString.Invariant($"{100 * share:f0} % black at the top"), "cut-off", (c, _) => Seen(c, 0, Top + share * Height, 112, 112)),
        new(FormattableString.Invariant($"{100 * share:f0} % black at the right"), "cut-off", (c, _) => Seen(c, 0, 0, Right - share * Width, 112)),
        new(FormattableString.Invariant($"{100 * share:f0} % black at the bottom"), "cut-off",
            (c, _) => Seen(c, 0, 0, 112, Bottom - share * Height)),
    ];

    static RgbImage Seen(RgbImage crop, double left, double top, double right, double bottom)
        => Distortion.Make(crop.Width, crop.Height, (x, y, rgb) =>
        {
            if (x >= left && x < right && y >= top && y < bottom) Distortion.Pixel(crop, x, y).CopyTo(rgb);
        });

    static RgbImage Stretched(RgbImage crop)
    {
        var pixels = crop.Pixels.ToArray();
        CropTone.Stretch(pixels);
        return new(crop.Width, crop.Height, pixels);
    }

    static RgbImage Noise(RgbImage crop, Random random, int levels)
        => Distortion.Make(crop.Width, crop.Height, (x, y, rgb) =>
        {
            var pixel = Distortion.Pixel(crop, x, y);
            for (var c = 0; c < 3; c++) rgb[c] = Distortion.Byte(pixel[c] + 2 * levels * (random.NextDouble() - 0.5));
        });
}
