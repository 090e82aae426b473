using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>What is done to a crop to fit the gate.</summary>
/// <param name="Kind">Null where the face can still be recognised; otherwise whose centre it forms.</param>
sealed record GateCondition(string Name, string? Kind, Func<RgbImage, Random, RgbImage> Change)
{
    // Of a face's box in a crop, in pixels.
    const double Width = 80, Left = 16, Top = 8, Right = 96, Bottom = 110;

    /// <summary>The first leaves the crop as it is.</summary>
    public static GateCondition[] All { get; } =
    [
        Fine("as it is", (c, _) => c),
        Fine("blurred, sigma a 32nd of the face", (c, _) => Distortion.Blur(c, Width / 32)),
        Fine("blurred, sigma a 24th of the face", (c, _) => Distortion.Blur(c, Width / 24)),
        Fine("JPEG of quality 8", (c, _) => BlockCompression.Of(c, 8)),
        Fine("24 pixels", (c, _) => Small(c, 24)),
        Fine("16 pixels", (c, _) => Small(c, 16)),
        Fine("20 % black at the left", (c, _) => Black(c, Left + 0.2 * (Right - Left), 0, 112, 112)),
        Fine("20 % black at the top", (c, _) => Black(c, 0, Top + 0.2 * (Bottom - Top), 112, 112)),
        Fine("20 % black at the right", (c, _) => Black(c, 0, 0, Right - 0.2 * (Right - Left), 112)),
        Fine("20 % black at the bottom", (c, _) => Black(c, 0, 0, 112, Bottom - 0.2 * (Bottom - Top))),
        Fine("darkened to 10 %", (c, _) => Distortion.Levels(c, [0.1, 0.1, 0.1])),
        Fine("darkened to 15 %", (c, _) => Distortion.Levels(c, [0.15, 0.15, 0.15])),
        Fine("blue cast", (c, _) => Distortion.Levels(c, [0.45, 0.6, 1.2])),
        Risky("blurred, sigma a 16th of the face", "blurred", (c, _) => Distortion.Blur(c, Width / 16)),
        Risky("blurred, sigma a 12th of the face", "blurred", (c, _) => Distortion.Blur(c, Width / 12)),
        Risky("blurred, sigma an 8th of the face", "blurred", (c, _) => Distortion.Blur(c, Width / 8)),
        Risky("blurred, sigma a 5th of the face", "blurred", (c, _) => Distortion.Blur(c, Width / 5)),
        Risky("JPEG of quality 3", "compressed", (c, _) => BlockCompression.Of(c, 3)),
        Risky("JPEG of quality 1", "compressed", (c, _) => BlockCompression.Of(c, 1)),
        Risky("12 pixels", "small", (c, _) => Small(c, 12)),
        Risky("8 pixels", "small", (c, _) => Small(c, 8)),
        Risky("6 pixels", "small", (c, _) => Small(c, 6)),
        Risky("mask and dark glasses", "covered", (c, random) => Distortion.Disguise(c, FaceAligner.Template, random)),
        Risky("upside down", "upside-down", (c, _) => Distortion.Turn(c, 2)),
        Risky("turned by 90 degrees", "turned-90", (c, _) => Distortion.Turn(c, 1)),
        Risky("turned by 270 degrees", "turned-270", (c, _) => Distortion.Turn(c, 3)),
        Risky("darkened to 2 %", "dark", (c, _) => Distortion.Levels(c, [0.02, 0.02, 0.02])),
        Risky("a tenth of the contrast", "pale", (c, _) => Distortion.Levels(c, [0.1, 0.1, 0.1], 110)),
        Risky("noise of 120 levels", "noisy", Noise),
        Fine("30 % black at the left", (c, _) => Black(c, Left + 0.3 * (Right - Left), 0, 112, 112)),
        Risky("40 % black at the top", "cut-off", (c, _) => Black(c, 0, Top + 0.4 * (Bottom - Top), 112, 112)),
        Fine("30 % black at the right", (c, _) => Black(c, 0, 0, Right - 0.3 * (Right - Left), 112)),
        Risky("40 % black at the bottom", "cut-off", (c, _) => Black(c, 0, 0, 112, Bottom - 0.4 * (Bottom - Top))),
    ];

    static GateCondition Fine(string name, Func<RgbImage, Random, RgbImage> change) => new(name, null, change);

    static GateCondition Risky(string name, string kind, Func<RgbImage, Random, RgbImage> change) => new(name, kind, change);

    static RgbImage Small(RgbImage crop, double pixels)
        => Distortion.Resize(Distortion.Reduce(crop, pixels / Width), FaceEmbedder.CropSize, FaceEmbedder.CropSize);

    static RgbImage Black(RgbImage crop, double left, double top, double right, double bottom)
        => Distortion.Make(crop.Width, crop.Height, (x, y, rgb) =>
        {
            if (x >= left && x < right && y >= top && y < bottom) Distortion.Pixel(crop, x, y).CopyTo(rgb);
        });

    static RgbImage Noise(RgbImage crop, Random random)
        => Distortion.Make(crop.Width, crop.Height, (x, y, rgb) =>
        {
            var pixel = Distortion.Pixel(crop, x, y);
            for (var c = 0; c < 3; c++) rgb[c] = Distortion.Byte(pixel[c] + 240 * (random.NextDouble() - 0.5));
        });
}
