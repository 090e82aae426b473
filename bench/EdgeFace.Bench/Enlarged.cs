using EdgeFace.Vision;
using SkiaSharp;

namespace EdgeFace.Bench;

/// <summary>
/// What the size of a face does to its embedding: photos enlarged against themselves, and photos of large faces against themselves reduced by a
/// good filter; sampled from means, as the aligner does, and from the picture's own pixels.
/// </summary>
static class Enlarged
{
    const int Photos = 1000;

    public static int Run(bool write)
    {
        var report = new Report("enlarged");
        report.Line("Cosine of the embeddings of one face at two sizes, at the same landmarks. Enlarged: bicubic; reduced: Lanczos.");
        report.Line("*Own pixels*: the crop sampled from the picture; *means*: as the aligner does. JPEG: written at");
        report.Line("quality 90.");
        report.Line("");
        report.Line("| pictures | against | faces | own pixels: mean | lowest tenth | means: mean | lowest tenth |");
        report.Line("|---|---|---|---|---|---|---|");
        using ModelFile stage1 = DefaultModels.OpenDetector(), stage2 = DefaultModels.OpenRefiner(), recogniser = DefaultModels.OpenRecogniser();
        using var detector = new FaceDetector(stage1, stage2);
        using var embedder = new FaceEmbedder(recogniser);
        var folder = Path.GetDirectoryName(BenchData.Shared("faces/web-0000.webp"))!;
        string[] files =
        [
            .. Directory.GetFiles(Path.Combine(BenchData.Repository, "samples"), "*-?.jpg"),
            .. Directory.GetFiles(folder, "web-*").Order(StringComparer.Ordinal).Take(Photos),
        ];
        var found = files.Select(file => ImageCodec.Load(file)).Select(image => (Image: image, Faces: detector.Detect(image)))
            .Where(p => p.Faces.Count == 1).Select(p => (p.Image, p.Faces[0].Landmarks)).ToArray();
        var small = found.Where(p => ScaleOf(p.Landmarks) < 2).Take(60).ToArray();
        foreach (var factor in (double[])[2, 4, 8])
        {
            Row(report, embedder, $"enlarged x {factor}", "the original", small, p => Resized(p.Image, factor));
            Row(report, embedder, $"enlarged x {factor}, JPEG", "the original", small, p => Decoded(Resized(p.Image, factor)));
        }
        var large = found.Where(p => ScaleOf(p.Landmarks) >= 2).ToArray();
        Row(report, embedder, "faces twice the crop's size and more", "half the size", large, p => Reduced(p.Image, 0.5));
        Row(report, embedder, "faces twice the crop's size and more", "the crop's size", large, p => Reduced(p.Image, 1 / ScaleOf(p.Landmarks)));
        if (write) report.Write();
        return 0;
    }

    static void Row(Report report, FaceEmbedder embedder, string what, string against, (RgbImage Image, Landmarks Landmarks)[] photos,
        Func<(RgbImage Image, Landmarks Landmarks), RgbImage> other)
    {
        var (own, means) = (new List<double>(), new List<double>());
        foreach (var photo in photos)
        {
            var resized = other(photo);
            var there = Moved(photo.Landmarks, (double)resized.Width / photo.Image.Width);
            own.Add(OwnPixels(photo.Image, photo.Landmarks).Score(OwnPixels(resized, there)));
            means.Add(Means(photo.Image, photo.Landmarks).Score(Means(resized, there)));
        }
        report.Line($"| {what} | {against} | {photos.Length} | {Of(own)} | {Of(means)} |");

        static string Of(List<double> cosines) => $"{cosines.Average():F4} | {Pairs.Quantile(cosines, 0.1):F4}";

        Embedding Means(RgbImage image, Landmarks landmarks)
        {
            var crop = new byte[FaceEmbedder.CropBytes];
            FaceAligner.Align(image, landmarks, crop);
            return embedder.Embed(crop);
        }

        Embedding OwnPixels(RgbImage image, Landmarks landmarks)
        {
            var crop = new byte[FaceEmbedder.CropBytes];
            FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var transform);
            using var region = new MeanRegion(image, 0, transform);
            region.Sample(crop);
            CropTone.Stretch(crop);
            return embedder.Embed(crop);
        }
    }

    static double ScaleOf(Landmarks landmarks)
        => FaceAligner.TryEstimate(FaceAligner.Template, landmarks, out var transform) ? transform.Scale : 0;

    static Landmarks Moved(Landmarks l, double s)
    {
        return new(At(l.LeftEye), At(l.RightEye), At(l.Nose), At(l.LeftMouth), At(l.RightMouth));

        Point At(Point p) => new((float)((p.X + 0.5) * s - 0.5), (float)((p.Y + 0.5) * s - 0.5));
    }

    static RgbImage Resized(RgbImage image, double factor) => Resized(image, (int)(image.Width * factor), (int)(image.Height * factor));

    /// <summary>Enlarged by bicubic interpolation.</summary>
    public static RgbImage Resized(RgbImage image, int width, int height)
    {
        using SKBitmap source = ImageCodec.ToBitmap(image);
        using var target = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        source.ScalePixels(target, new SKSamplingOptions(SKCubicResampler.CatmullRom));
        return ImageCodec.FromBitmap(target);
    }

    static RgbImage Decoded(RgbImage image)
    {
        using var bitmap = ImageCodec.ToBitmap(image);
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return ImageCodec.Decode(jpeg.AsSpan());
    }

    /// <summary>Lanczos with three lobes, along rows and then along columns.</summary>
    static RgbImage Reduced(RgbImage image, double factor)
    {
        int width = (int)Math.Round(image.Width * factor), height = (int)Math.Round(image.Height * factor);
        var values = new float[image.Pixels.Length];
        for (var i = 0; i < values.Length; i++) values[i] = image.Pixels[i];
        var rows = Along(values, image.Width, width, image.Height, 3, 3 * image.Width, 3 * width);
        var both = Along(rows, image.Height, height, width, 3 * width, 3, 3);
        return new(width, height, [.. both.Select(v => (byte)Math.Clamp(v + 0.5f, 0, 255))]);
    }

    static float[] Along(float[] from, int count, int wanted, int lines, int step, int line, int targetLine)
    {
        var target = new float[3 * wanted * lines];
        double s = (double)count / wanted, reach = 3 * s;
        for (var i = 0; i < wanted; i++)
        {
            var centre = (i + 0.5) * s - 0.5;
            int first = (int)Math.Ceiling(centre - reach), last = (int)Math.Floor(centre + reach);
            double[] weights = [.. Enumerable.Range(first, last - first + 1).Select(j => Lobe((j - centre) / s))];
            var sum = weights.Sum();
            for (var l = 0; l < lines; l++)
                for (var c = 0; c < 3; c++)
                {
                    var value = 0.0;
                    for (var j = 0; j < weights.Length; j++) value += weights[j] * from[Math.Clamp(first + j, 0, count - 1) * step + l * line + c];
                    target[i * step + l * targetLine + c] = (float)(value / sum);
                }
        }
        return target;
    }

    static double Lobe(double x)
    {
        if (Math.Abs(x) < 1e-9) return 1;
        var p = Math.PI * x;
        return Math.Abs(x) >= 3 ? 0 : 3 * Math.Sin(p) * Math.Sin(p / 3) / (p * p);
    }
}
