using System.Globalization;
using System.Text.Json;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// Photographs as people take them: turned, cut off, dark, blurred, compressed, tiny, disguised; and what is no face. For each condition, how many faces are found, how many the pipeline accepts,
/// how many match the same person's photo as it was, and how many pairs of different people do. Every web photo with one annotated face counts as another person.
/// </summary>
static class Conditions
{
    const int Seed = 20261130;
    const double Fmr = 1e-4;

    /// <summary>A photo of one person, and where its face lies when nothing is done to it.</summary>
    sealed record Photo(string Person, RgbImage Image, AnalyzedFace Upright);

    /// <summary>The face that was found in a changed photo; null where none was.</summary>
    sealed record Outcome(string Person, Embedding? Embedding, bool Accepted);

    public static int Run(bool quick, bool write)
    {
        using ModelFile first = DefaultModels.OpenDetector(), second = DefaultModels.OpenRefiner(), third = DefaultModels.OpenRecogniser();
        using var detector = new FaceDetector(first, second);
        using var embedder = new FaceEmbedder(third);
        var analyzer = new FaceAnalyzer(detector, embedder);
        var threshold = (float)third.Card.ThresholdFor(Fmr)!.OneCrop;
        var report = new Report(quick ? "conditions --quick" : "conditions");
        report.Line(FormattableString.Invariant($"Models {third.Card.Name} {third.Card.Version} and {first.Card.Name} {first.Card.Version}, threshold {threshold:f3} of FMR 1e-4, seed {Seed}."));
        report.Line("Found: of the photos in which the face was found as they were. Matched: the changed photo, accepted, with the person's photo as it was (samples: with the other photo).");
        report.Line("False: pairs of different people among the accepted that reach the threshold; in brackets the 95 % interval over people.");
        Table(report, analyzer, threshold, "samples, 12 people", Samples(analyzer), OnPhotos(), samples: true);
        Table(report, analyzer, threshold, "web photos with one face", Web(analyzer, quick ? 150 : int.MaxValue), OnPhotos(), samples: false);
        Crops(report, embedder, threshold, quick ? 400 : int.MaxValue);
        NoFaces(report, analyzer, threshold, quick ? 100 : 500);
        if (write) report.Write();
        return 0;
    }

    /// <summary>What is done to a photo, with the face as it was found upright; null where it cannot be done.</summary>
    static (string Name, Func<Photo, Random, RgbImage?> Change)[] OnPhotos()
    {
        var list = new List<(string, Func<Photo, Random, RgbImage?>)> { ("as it is", (p, _) => p.Image), ("turned by 5 degrees", (p, _) => Distortion.Rotate(p.Image, 5)) };
        foreach (var quarters in (int[])[1, 2, 3]) list.Add(($"turned by {90 * quarters} degrees", (p, _) => Distortion.Turn(p.Image, quarters)));
        list.Add(("turned by a chance angle", (p, random) => Distortion.Rotate(p.Image, 360 * random.NextDouble())));
        foreach (var side in (string[])["bottom", "top", "left", "right"])
            foreach (var share in (double[])[0.2, 0.3])
                list.Add((FormattableString.Invariant($"{100 * share:f0} % cut off at the {side}"), (p, _) => Distortion.Cut(p.Image, p.Upright.Face.Box, side, share)));
        list.Add(("30 % cut off at the bottom, black border", (p, _) => Distortion.Cut(p.Image, p.Upright.Face.Box, "bottom", 0.3) is { } cut ? Distortion.Border(cut, 0.3) : null));
        list.Add(("darkened to 15 %", (p, _) => Distortion.Levels(p.Image, [0.15, 0.15, 0.15])));
        list.Add(("darkened to 10 %", (p, _) => Distortion.Levels(p.Image, [0.1, 0.1, 0.1])));
        list.Add(("blue cast", (p, _) => Distortion.Levels(p.Image, [0.45, 0.6, 1.2])));
        list.Add(("red cast", (p, _) => Distortion.Levels(p.Image, [1.2, 0.5, 0.4])));
        list.Add(("a tenth of the contrast", (p, _) => Distortion.Levels(p.Image, [0.1, 0.1, 0.1], 110)));
        list.Add(("blurred, sigma a 16th of the face", (p, _) => Distortion.Blur(p.Image, p.Upright.Face.Box.Width / 16)));
        list.Add(("blurred, sigma an 8th of the face", (p, _) => Distortion.Blur(p.Image, p.Upright.Face.Box.Width / 8)));
        list.Add(("JPEG of quality 3", (p, _) => BlockCompression.Of(p.Image, 3)));
        list.Add(("face reduced to 24 pixels", (p, _) => Distortion.Reduce(p.Image, Math.Min(1, 24 / p.Upright.Face.Box.Width))));
        list.Add(("face reduced to 12 pixels", (p, _) => Distortion.Reduce(p.Image, Math.Min(1, 12 / p.Upright.Face.Box.Width))));
        list.Add(("mask and dark glasses", (p, random) => Distortion.Disguise(p.Image, p.Upright.Face.Landmarks, random)));
        return [.. list];
    }

    static void Table(Report report, FaceAnalyzer analyzer, float threshold, string title, Photo[] photos, (string Name, Func<Photo, Random, RgbImage?> Change)[] conditions, bool samples)
    {
        report.Line("");
        report.Line($"## {title}");
        report.Line("");
        report.Line(FormattableString.Invariant($"{photos.Length} photos."));
        report.Line("");
        report.Line("| condition | found | accepted of found | matched of all | false pairs without the gate | with it |");
        report.Line("|---|---|---|---|---|---|");
        foreach (var (name, change) in conditions)
        {
            var outcomes = new Outcome?[photos.Length];
            Parallel.For(0, photos.Length, i =>
            {
                var photo = photos[i];
                if (change(photo, new Random(Seed + i)) is not { } image) return;
                var best = analyzer.Analyze(image).MaxBy(f => f.Face.Box.Area);
                outcomes[i] = new(photo.Person, best?.Embedding, best is not null && Accepts(best));
            });
            Row(report, name, outcomes, threshold, i => samples
                ? photos.Where((p, j) => j != i && p.Person == photos[i].Person).Max(p => p.Upright.Embedding.Score(outcomes[i]!.Embedding!))
                : photos[i].Upright.Embedding.Score(outcomes[i]!.Embedding!));
        }
    }

    static bool Accepts(AnalyzedFace face) => face.Gate.IsRecognisable;

    static void Row(Report report, string name, Outcome?[] outcomes, float threshold, Func<int, float> own)
    {
        int[] done = [.. Enumerable.Range(0, outcomes.Length).Where(i => outcomes[i] is not null)];
        int[] found = [.. done.Where(i => outcomes[i]!.Embedding is not null)];
        int[] accepted = [.. found.Where(i => outcomes[i]!.Accepted)];
        var matched = accepted.Count(i => own(i) >= threshold);
        FalsePairs Pairs(int[] of) => new([.. of.Select(i => outcomes[i]!.Person)], [.. of.Select(i => outcomes[i]!.Embedding!)], threshold);
        report.Line(string.Create(CultureInfo.InvariantCulture, $"| {name} | {Share(found.Length, done.Length)} | {Share(accepted.Length, found.Length)} | ")
            + string.Create(CultureInfo.InvariantCulture, $"{Share(matched, done.Length)} | {Pairs(found).Told} | {Pairs(accepted).Told} |"));
    }

    static string Share(int count, int total) => string.Create(CultureInfo.InvariantCulture, $"{count} of {total}{(total > 24 ? $" ({100.0 * count / total:f1} %)" : "")}");

    static Photo[] Samples(FaceAnalyzer analyzer)
        => [.. Directory.GetFiles(Path.Combine(BenchData.Repository, "samples"), "*-?.jpg").Order(StringComparer.Ordinal)
            .Select(file => (file, image: ImageCodec.Load(file))).Select(p => new Photo(Path.GetFileName(p.file).Split('-')[0], p.image, analyzer.Analyze(p.image)[0]))];

    static Photo[] Web(FaceAnalyzer analyzer, int most)
    {
        var photos = new List<Photo>();
        foreach (var line in File.ReadLines(BenchData.Shared("faces/faces.jsonl")))
        {
            using var document = JsonDocument.Parse(line);
            var file = document.RootElement.GetProperty("file").GetString()!;
            if (!file.StartsWith("web-", StringComparison.Ordinal) || document.RootElement.GetProperty("points").GetArrayLength() != 1) continue;
            var image = ImageCodec.Load(BenchData.Shared("faces/" + file));
            if (analyzer.Analyze(image) is [var only]) photos.Add(new(file, image, only));
            if (photos.Count == most) break;
        }
        return [.. photos];
    }

    /// <summary>LFW's aligned crops, one of each person, changed as crops: nothing is detected.</summary>
    static void Crops(Report report, FaceEmbedder embedder, float threshold, int most)
    {
        var folder = Path.GetDirectoryName(BenchData.Shared("lfw/pairs.csv"))!;
        var crops = Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Take(most)
            .Select(person => (Person: Path.GetFileName(person), Image: ImageCodec.Load(Directory.GetFiles(person).Order(StringComparer.Ordinal).First()))).ToArray();
        var gate = new FaceGate(embedder.Card);
        var upright = crops.Select(c => embedder.Embed(c.Image.Pixels)).ToArray();
        report.Line("");
        report.Line("## LFW's aligned crops, one of each person");
        report.Line("");
        report.Line("| condition | found | accepted of found | matched of all | false pairs without the gate | with it |");
        report.Line("|---|---|---|---|---|---|");
        const double width = 80;
        (string Name, Func<RgbImage, Random, RgbImage> Change)[] conditions =
        [
            ("as it is", (c, _) => c),
            ("blurred, sigma a 16th of the face", (c, _) => Distortion.Blur(c, width / 16)),
            ("blurred, sigma an 8th of the face", (c, _) => Distortion.Blur(c, width / 8)),
            ("JPEG of quality 3", (c, _) => BlockCompression.Of(c, 3)),
            ("face of 12 pixels", (c, _) => Distortion.Resize(Distortion.Reduce(c, 12 / width), FaceEmbedder.CropSize, FaceEmbedder.CropSize)),
            ("face of 8 pixels", (c, _) => Distortion.Resize(Distortion.Reduce(c, 8 / width), FaceEmbedder.CropSize, FaceEmbedder.CropSize)),
            ("mask and dark glasses", (c, random) => Distortion.Disguise(c, FaceAligner.Template, random)),
            ("upside down", (c, _) => Distortion.Turn(c, 2)),
        ];
        foreach (var (name, change) in conditions)
        {
            var outcomes = new Outcome?[crops.Length];
            Parallel.For(0, crops.Length, i =>
            {
                var crop = change(crops[i].Image, new Random(Seed + i)).Pixels;
                var embedding = embedder.Embed(crop);
                outcomes[i] = new(crops[i].Person, embedding, gate.Judge(embedding, crop).IsRecognisable);
            });
            Row(report, name, outcomes, threshold, i => upright[i].Score(outcomes[i]!.Embedding!));
        }
    }

    static void NoFaces(Report report, FaceAnalyzer analyzer, float threshold, int pictures)
    {
        report.Line("");
        report.Line("## What is no face");
        report.Line("");
        report.Line("| pictures | detections | accepted | pairs called the same person without the gate | with it |");
        report.Line("|---|---|---|---|---|");
        var files = Directory.GetFiles(Path.GetDirectoryName(BenchData.Shared("faces/none.jsonl"))!, "none-*").Order(StringComparer.Ordinal).Take(pictures);
        Line(FormattableString.Invariant($"{pictures} of animals and objects"), files.Select(f => ImageCodec.Load(f)));
        Line("60 drawings", Drawings.Make(60, Seed));

        void Line(string name, IEnumerable<RgbImage> images)
        {
            var found = images.AsParallel().AsOrdered().Select(analyzer.Analyze).SelectMany((faces, picture) => faces.Select(f => (picture, f))).ToArray();
            var accepted = found.Where(f => Accepts(f.f)).ToArray();
            FalsePairs Pairs((int picture, AnalyzedFace f)[] of) => new([.. of.Select(f => FormattableString.Invariant($"{f.picture}"))], [.. of.Select(f => f.f.Embedding)], threshold);
            report.Line(FormattableString.Invariant($"| {name} | {found.Length} | {accepted.Length} | {Pairs(found).Told} | {Pairs(accepted).Told} |"));
        }
    }
}
