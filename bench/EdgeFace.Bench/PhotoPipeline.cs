using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;
using SkiaSharp;

namespace EdgeFace.Bench;

/// <summary>
/// From the bytes of a JPEG to the embeddings of its faces, on one thread: against YuNet in ONNX Runtime alone, and stage by stage.
/// </summary>
static class PhotoPipeline
{
    const string YuNet = "onnx/yunet_2026may.onnx";
    const double Seconds = 2;
    const int Quality = 90, Decodings = 15;

    static readonly (int Width, int Height)[] Sizes = [(320, 240), (640, 480), (1280, 960), (1920, 1440), (4000, 3000)];

    static readonly string[] Stages = ["decode", "search", "refine", "align", "embed", "gate"];

    public static int Run(bool write, bool quick)
    {
        var report = new Report("pipeline");
        report.Line("Photos enlarged to each size, edges carried on where the shape differs, as JPEG of quality 90; one thread.");
        report.Line("Ours: from its bytes to the judged embeddings of all faces. Theirs has the picture decoded and only finds faces:");
        report.Line("YuNet's network in ONNX Runtime, and the same from pixels to faces. Ratio: their time over ours, median over");
        report.Line("pairs of runs, and of the first deciles alone.");
        report.Line("");
        report.Line("| picture | faces | bytes to embeddings | network of YuNet | ratio | quiet tenth "
            + "| YuNet, with the rest | ratio | quiet tenth |");
        report.Line("|---|---|---|---|---|---|---|---|---|");
        using ModelFile stage1 = DefaultModels.OpenDetector(), stage2 = DefaultModels.OpenRefiner(), recogniser = DefaultModels.OpenRecogniser();
        using var detector = new FaceDetector(stage1, stage2);
        using var embedder = new FaceEmbedder(recogniser);
        var analyzer = new FaceAnalyzer(detector, embedder);
        using DetectorNetwork network = new(stage1, KernelSet.Default);
        using RefinerNetwork refiner = new(stage2, KernelSet.Default);
        using var memory = new SearchMemory(network, refiner, KernelSet.Default);
        var options = new SearchRules { MinScore = detector.RecommendedScore };
        var parts = (Search: new FaceSearch(network, options), Refinement: new FaceRefinement(refiner), Options: options, Memory: memory);
        var samples = Path.Combine(BenchData.Repository, "samples");
        var photos = ((string[])["adam-1.jpg", "group.jpg"]).Select(name => ImageCodec.Load(Path.Combine(samples, name))).ToArray();
        List<string> stages = [];
        foreach (var (width, height) in quick ? Sizes[..2] : Sizes)
            foreach (var photo in photos)
            {
                var jpeg = Jpeg(photo, width, height);
                using var theirs = new OnnxYuNet(BenchData.Shared(YuNet), ImageCodec.Decode(jpeg));
                var faces = analyzer.Analyze(jpeg).Count;
                var alone = Pairs.Measure(() => analyzer.Analyze(jpeg), theirs.RunNetwork, Seconds);
                var whole = Pairs.Measure(() => analyzer.Analyze(jpeg), () => theirs.Detect(), Seconds);
                var network1 = $"{alone.Ours:F1} ms | {alone.Theirs:F1} ms | {alone.Ratio:F2} | {alone.Quiet:F2}";
                report.Line($"| {width} x {height} | {faces} | {network1} | {whole.Theirs:F1} ms | {whole.Ratio:F2} | {whole.Quiet:F2} |");
                stages.Add(StagesOf(jpeg, width, height, parts, embedder, analyzer.Gate));
            }
        report.Line("");
        report.Line("Where the time goes, medians; without what is searched for or looked at again, which only the table above includes.");
        report.Line("");
        report.Line($"| picture | faces | {string.Join(" | ", Stages)} |");
        report.Line($"|---|---|{string.Concat(Stages.Select(_ => "---|"))}");
        foreach (var line in stages) report.Line(line);
        Decoding(report, photos[0], quick ? Sizes[..2] : Sizes);
        report.Line("");
        report.Line($"FMA peak of one core beside it: {FmaProbe.GigaFlops():F0} GFLOP/s. Load of the machine at the end: {Report.Load}.");
        if (write) report.Write();
        return 0;
    }

    static unsafe string StagesOf(byte[] jpeg, int width, int height,
        (FaceSearch Search, FaceRefinement Refinement, SearchRules Options, SearchMemory Memory) parts, FaceEmbedder embedder, FaceGate gate)
    {
        var passes = new List<double[]>();
        var faces = 0;
        for (var start = Stopwatch.GetTimestamp(); passes.Count < 6 || Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds;)
        {
            List<long> at = [Stopwatch.GetTimestamp()];
            using var leased = ImageCodec.Lease(jpeg);
            var image = leased.Image;
            at.Add(Stopwatch.GetTimestamp());
            fixed (byte* pixels = image.Pixels)
            {
                parts.Memory.Pyramid.Begin(pixels, image.Width, image.Height);
                parts.Search.Run(parts.Memory);
                at.Add(Stopwatch.GetTimestamp());
                parts.Refinement.Run(parts.Memory, parts.Memory.Found);
                Suppression.Settle(parts.Memory.Found, parts.Options);
                at.Add(Stopwatch.GetTimestamp());
            }
            Face[] found = [.. parts.Memory.Found.Select(f => f.ToFace())];
            parts.Memory.End();
            var crops = found.Select(_ => new byte[FaceEmbedder.CropBytes]).ToArray();
            for (var i = 0; i < found.Length; i++) FaceAligner.Align(image, found[i].Landmarks, crops[i]);
            at.Add(Stopwatch.GetTimestamp());
            var embeddings = crops.Select(crop => embedder.Embed(crop)).ToArray();
            at.Add(Stopwatch.GetTimestamp());
            for (var i = 0; i < found.Length; i++)
                gate.Judge(embeddings[i], crops[i], FaceQuality.Of(found[i], crops[i], image.Width, image.Height));
            at.Add(Stopwatch.GetTimestamp());
            faces = found.Length;
            passes.Add([.. at.Zip(at.Skip(1), (a, b) => Stopwatch.GetElapsedTime(a, b).TotalMilliseconds)]);
        }
        var times = Stages.Select((_, i) => $"{Pairs.Quantile(passes.Select(p => p[i]), 0.5):F2} ms");
        return $"| {width} x {height} | {faces} | {string.Join(" | ", times)} |";
    }

    static void Decoding(Report report, RgbImage photo, (int Width, int Height)[] sizes)
    {
        report.Line("");
        report.Line("The codec alone, at the size of the picture and at fractions of its width and height; first deciles.");
        report.Line("");
        report.Line("| picture | bytes | whole | a half | a quarter | an eighth |");
        report.Line("|---|---|---|---|---|---|");
        foreach (var (width, height) in sizes)
        {
            var jpeg = Jpeg(photo, width, height);
            var times = Enumerable.Range(0, 4).Select(level =>
            {
                Action decode = () =>
                {
                    using var data = SKData.CreateCopy(jpeg);
                    using var codec = SKCodec.Create(data);
                    var size = codec.GetScaledDimensions(1f / (1 << level));
                    using var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
                    codec.GetPixels(bitmap.Info, bitmap.GetPixels());
                };
                decode();
                return Pairs.Quantile(Enumerable.Range(0, Decodings).Select(_ => Pairs.Block(decode, 1).Wall), 0.1);
            });
            report.Line($"| {width} x {height} | {jpeg.Length} | {string.Join(" | ", times.Select(t => $"{t:F2} ms"))} |");
        }
    }

    /// <summary>The photo in the middle, as large as it fits, its edges carried on to the sides.</summary>
    static byte[] Jpeg(RgbImage photo, int width, int height)
    {
        var scale = Math.Min((double)width / photo.Width, (double)height / photo.Height);
        int innerWidth = (int)Math.Round(photo.Width * scale), innerHeight = (int)Math.Round(photo.Height * scale);
        var scaled = Enlarged.Resized(photo, innerWidth, innerHeight);
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var column = Math.Clamp(x - (width - innerWidth) / 2, 0, innerWidth - 1);
                var row = Math.Clamp(y - (height - innerHeight) / 2, 0, innerHeight - 1);
                scaled.Pixels.Slice(3 * (row * innerWidth + column), 3).CopyTo(pixels.AsSpan(3 * (y * width + x)));
            }
        using var canvas = ImageCodec.ToBitmap(new(width, height, pixels));
        using var jpeg = canvas.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return jpeg.ToArray();
    }
}
