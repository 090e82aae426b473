using System.Diagnostics;
using EdgeFace.Kernels;
using EdgeFace.Vision;
using EdgeFace.Vision.Detection;

namespace EdgeFace.Bench;

/// <summary>Finding faces, on one thread: our detector, and YuNet in our engine, against YuNet in ONNX Runtime on the same picture.</summary>
static unsafe class Detect
{
    const string YuNet = "onnx/yunet_2026may.onnx";
    const double Seconds = 4;
    const int MostForAllRows = 1920;

    // Of YuNet, a pixel of a picture whose sides are multiples of 32.
    const double YuNetMultiplyAdds = 840.39;

    // Unscaled pixels are only made floats, which is one of the other passes.
    static readonly string[][] Layers = [[TimedKernels.Sampling, "other passes"], ["stem"], ["depthwise rows"], ["products"], ["pooling, sums"]];

    static readonly (int Width, int Height)[] Sizes = [(640, 480), (1920, 1080), (4000, 3000)];

    public static int Run(bool write, bool quick)
    {
        var report = new Report("detect");
        report.Line("Photos scaled to each size, one thread. Ratio: the time of YuNet in ONNX Runtime over ours, median over pairs of runs;");
        report.Line("then the same in processor time, and of the first deciles alone, as a busy neighbour on the core slows the one more.");
        report.Line("Ours sees the whole search of docs/detector.md, both stages; *with the rest*: from pixels to faces.");
        report.Line("");
        report.Line("| picture | what of ours | what of theirs | ours | theirs | ratio | quartiles | processor time | quiet tenth |");
        report.Line("|---|---|---|---|---|---|---|---|---|");
        using ModelFile stage1 = DefaultModels.OpenDetector(), stage2 = DefaultModels.OpenRefiner(), yunet = ModelFile.Open(BenchData.Shared(YuNet));
        using FaceDetector detector = new(stage1, stage2), same = new(yunet);
        using var network = new YuNetNetwork(yunet, KernelSet.Default);
        var group = ImageCodec.Load(Path.Combine(BenchData.Repository, "samples", "group.jpg"));
        var portrait = ImageCodec.Load(Path.Combine(BenchData.Repository, "samples", "adam-1.jpg"));
        foreach (var (width, height) in quick ? Sizes[..1] : Sizes)
        {
            var image = Scaled(group, width, height);
            using var theirs = new OnnxYuNet(BenchData.Shared(YuNet), image);
            RequireSameFaces(same.Detect(image), theirs.Detect());
            using var memory = new SearchMemory(network, null, KernelSet.Default);
            Action alone = theirs.RunNetwork, whole = () => theirs.Detect();
            List<(string What, string Against, Action Ours, Action Theirs)> rows =
            [
                ("network of YuNet", "network of YuNet", () => RunNetwork(memory, image), alone),
                ("default detector, eight faces", "network of YuNet", () => detector.Detect(image), alone),
            ];
            if (width <= MostForAllRows)
            {
                var one = Scaled(portrait, width, height);
                rows.Add(("default detector, one face", "network of YuNet", () => detector.Detect(one), alone));
                rows.Add(("YuNet, with the rest", "YuNet, with the rest", () => same.Detect(image), whole));
                rows.Add(("default detector, eight faces", "YuNet, with the rest", () => detector.Detect(image), whole));
            }
            foreach (var row in rows) Row(report, width, height, row.What, row.Against, row.Ours, row.Theirs);
        }
        Roofline(report, quick ? Sizes[..1] : Sizes[..2], group, network, kernels => new FaceDetector(stage1, stage2, default, kernels));
        report.Line("");
        report.Line("Where the time of ours goes, medians over passes. Kernels are timed call by call, which adds some to those of short calls.");
        report.Line("");
        report.Line("| detector | picture | all | sampling | stem | depthwise | products | pooling, sums | decoding, rest | of the FMA peak |");
        report.Line("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (width, height) in quick ? Sizes[..1] : Sizes)
        {
            var image = Scaled(group, width, height);
            Profile(report, "default", image, kernels => new FaceDetector(stage1, stage2, default, kernels));
            Profile(report, "YuNet", image, kernels => new FaceDetector(yunet, default, kernels));
        }
        report.Line("");
        report.Line($"FMA peak of one core beside it: {FmaProbe.GigaFlops():F0} GFLOP/s. Load of the machine at the end: {Report.Load}.");
        if (write) report.Write();
        return 0;
    }

    static void Row(Report report, int width, int height, string what, string against, Action ours, Action theirs)
    {
        // Blocks of one run: the shorter they are, the more of them nothing else disturbs.
        var both = Pairs.Block(ours, 2).Wall + Pairs.Block(theirs, 2).Wall;
        var result = Pairs.Measure(ours, theirs, Math.Clamp((int)(1000 * Seconds / both), 5, 401) | 1, 1);
        var ratios = $"{result.Ratio:F2} | {result.Lower:F2} to {result.Upper:F2} | {result.Processor:F2} | {result.Quiet:F2}";
        report.Line($"| {width} x {height} | {what} | {against} | {result.Ours:F2} ms | {result.Theirs:F2} ms | {ratios} |");
    }

    /// <summary>How far networks are from what the core can do at all: their multiply-adds alone, in registers, in turn with them.</summary>
    static void Roofline(Report report, (int Width, int Height)[] sizes, RgbImage photo, YuNetNetwork network, Func<KernelSet, FaceDetector> open)
    {
        report.Line("");
        report.Line("Multiply-adds alone, in registers of one core, in turn with what needs them; first deciles. Nothing with as many can be");
        report.Line("ahead of YuNet in ONNX Runtime by more than the last column says.");
        report.Line("");
        report.Line("| picture | what | time | multiply-adds | at the peak | share of the peak | highest ratio |");
        report.Line("|---|---|---|---|---|---|---|");
        foreach (var (width, height) in sizes)
        {
            var image = Scaled(photo, width, height);
            var counting = new TimedKernels(KernelSet.Default);
            counting.PackAs("products");
            using var counted = open(counting);
            counted.Detect(image);
            using var detector = open(KernelSet.Default);
            using var theirs = new OnnxYuNet(BenchData.Shared(YuNet), image);
            using var memory = new SearchMemory(network, null, KernelSet.Default);
            double yunet = YuNetMultiplyAdds * Region.Padded(width) * Region.Padded(height), ours = counting.Totals.Values.Sum(t => t.MultiplyAdds);
            var opponent = RooflineRow(report, image, "YuNet in ONNX Runtime", yunet, theirs.RunNetwork, null);
            RooflineRow(report, image, "YuNet in our engine", yunet, () => RunNetwork(memory, image), opponent);
            RooflineRow(report, image, "default detector, whole search", ours, () => detector.Detect(image), opponent);
        }
    }

    static double RooflineRow(Report report, RgbImage image, string what, double multiplyAdds, Action run, double? opponent)
    {
        run();
        var (times, peaks) = (new List<double>(), new List<double>());
        for (var start = Stopwatch.GetTimestamp(); times.Count < 10 || Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds;)
        {
            times.Add(Pairs.Block(run, 1).Wall);
            peaks.Add(Pairs.Block(() => FmaProbe.Run((long)multiplyAdds), 1).Wall);
        }
        double time = Pairs.Quantile(times, 0.1), peak = Pairs.Quantile(peaks, 0.1);
        var most = $"{(opponent ?? time) / peak:F2}";
        var figures = $"{time:F2} ms | {multiplyAdds / 1e6:F0} M | {peak:F2} ms | {peak / time:P0} | {most}";
        report.Line($"| {image.Width} x {image.Height} | {what} | {figures} |");
        return time;
    }

    static void RunNetwork(SearchMemory memory, RgbImage image)
    {
        fixed (byte* pixels = image.Pixels)
        {
            memory.Pyramid.Begin(pixels, image.Width, image.Height);
            memory.Rows.Set(memory.Pyramid, 1, 0, 0, Region.Padded(image.Width));
            memory.Detector.Run(memory.Rows, Region.Padded(image.Height), Region.Padded(image.Width));
        }
    }

    static void Profile(Report report, string name, RgbImage image, Func<KernelSet, FaceDetector> open)
    {
        var kernels = new TimedKernels(KernelSet.Default);
        kernels.PackAs("products");
        using var detector = open(kernels);
        detector.Detect(image);
        var passes = new List<double[]>();
        for (var start = Stopwatch.GetTimestamp(); passes.Count < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds && passes.Count < 200;)
        {
            kernels.Reset();
            var began = Stopwatch.GetTimestamp();
            detector.Detect(image);
            var all = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            var peak = FmaProbe.Once();
            double[] parts = [.. Layers.Select(layer => layer.Sum(part => Milliseconds(kernels, part)))];
            passes.Add([all, .. parts, all - parts.Sum(), kernels.Totals.Values.Sum(t => t.MultiplyAdds) / peak / 1e6 * 2 / all]);
        }
        double[] medians = [.. Enumerable.Range(0, passes[0].Length).Select(i => Pairs.Quantile(passes.Select(p => p[i]), 0.5))];
        var times = string.Join(" | ", medians[..^1].Select(m => $"{m:F2} ms"));
        report.Line($"| {name} | {image.Width} x {image.Height} | {times} | {medians[^1]:P0} |");
    }

    static double Milliseconds(TimedKernels kernels, string layer)
        => kernels.Totals.TryGetValue(layer, out var total) ? total.Ticks * 1000.0 / Stopwatch.Frequency : 0;

    static void RequireSameFaces(IReadOnlyList<Face> ours, List<(Box Box, float Score)> theirs)
    {
        // Both may differ in what they suppress; each face of theirs is one of ours.
        foreach (var (box, score) in theirs)
            if (!ours.Any(f => f.Box.IntersectionOverUnion(box) > 0.99 && Math.Abs(f.Score - score) < 1e-3))
                throw new InvalidOperationException($"YuNet in our engine does not find the face {box} of ONNX Runtime");
    }

    /// <summary>The nearest pixels: what matters here is the size.</summary>
    static RgbImage Scaled(RgbImage image, int width, int height)
    {
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                long row = (long)y * image.Height / height, column = (long)x * image.Width / width;
                image.Pixels.Slice(3 * (int)(row * image.Width + column), 3).CopyTo(pixels.AsSpan(3 * (y * width + x)));
            }
        return new(width, height, pixels);
    }
}
