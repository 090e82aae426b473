using System.Globalization;
using EdgeFace.Vision;

namespace EdgeFace.Bench;

/// <summary>
/// Photographs as people take them: turned, cut off, dark, blurred, compressed, tiny, disguised; and what is no face. For each condition,
/// how many faces are found where they are, how many the gate accepts, how many match the same person's photo as it was, how many pairs of
/// different people do, without the gate and with it, and how many refusals have a right reason.
/// </summary>
static class Conditions
{
    const int Seed = 20261130;
    const double Fmr = 1e-4;

    const string Heading = """
        | condition | found | accepted of found | matched of all | false pairs without the gate | with it | right reasons of refused |
        |---|---|---|---|---|---|---|
        """;

    /// <summary>What came of a changed photo: the face that was found, whether where it is, and its score with the same person's.</summary>
    sealed record Outcome(string Person, Embedding? Embedding, GateJudgement? Gate, bool IsThere, float Own)
    {
        public bool IsAccepted => Gate is { IsRecognisable: true };
    }

    public static int Run(bool quick, bool write)
    {
        using ModelFile first = DefaultModels.OpenDetector(), second = DefaultModels.OpenRefiner(), third = DefaultModels.OpenRecogniser();
        using var detector = new FaceDetector(first, second);
        using var embedder = new FaceEmbedder(third);
        var analyzer = new FaceAnalyzer(detector, embedder);
        var threshold = (float)third.Card.ThresholdFor(Fmr)!.OneCrop;
        var report = new Report(quick ? "conditions --quick" : "conditions");
        report.Line($"Models {third.Card.Name} {third.Card.Version} and {first.Card.Name} {first.Card.Version}, "
            + FormattableString.Invariant($"threshold {threshold:f3} of FMR 1e-4, seed {Seed}."));
        report.Line("Found: where the face is, of the photos in which one face was found as they were. "
            + "Matched: the changed photo, accepted, with the person's photo as it was (samples: with the other photo).");
        report.Line("False: pairs of different people, without the gate and among those it accepts, that reach the threshold; "
            + "in brackets the 95 % interval over people. Right reasons: refusals that say what was done.");
        Samples(report, analyzer, threshold);
        Web(report, analyzer, threshold, quick ? 150 : int.MaxValue);
        Crops(report, embedder, threshold, quick ? 400 : int.MaxValue);
        NoFaces(report, analyzer, threshold, quick ? 100 : 500);
        if (write) report.Write();
        return 0;
    }

    /// <summary>Of quick runs, those that the gate was not fitted on; otherwise those, and all.</summary>
    static void Web(Report report, FaceAnalyzer analyzer, float threshold, int most)
    {
        string[] files = [.. WebPhotos.Files().Where(f => most == int.MaxValue || !WebPhotos.IsFittedOn(f)).Take(most)];
        var outcomes = new Outcome?[files.Length][];
        Parallel.For(0, files.Length, i =>
        {
            var photo = WebPhotos.Load(files[i]);
            if (WebPhotos.FaceOf(analyzer, photo) is { } upright)
                outcomes[i] = OfAll(analyzer, WebPhotos.PersonOf(files[i]), photo, upright, Seed + i, [upright.Embedding]);
        });
        int[] all = [.. Enumerable.Range(0, files.Length).Where(i => outcomes[i] is not null)],
            apart = [.. all.Where(i => !WebPhotos.IsFittedOn(files[i]))];
        Table(report, "web photos with one face, the half that the gate was not fitted on", [.. apart.Select(i => outcomes[i])], threshold);
        if (apart.Length == all.Length) return;
        Table(report, "web photos with one face, all", [.. all.Select(i => outcomes[i])], threshold);
        MostAlike(report, [.. all.Select(i => (files[i], outcomes[i][0]!))]);
    }

    /// <summary>Pairs to be looked at: the same person may be in two photos.</summary>
    static void MostAlike(Report report, (string File, Outcome Untouched)[] photos)
    {
        const int shown = 24;
        var pairs = from a in photos
                    from b in photos
                    where string.CompareOrdinal(a.File, b.File) < 0 && a.Untouched.Person != b.Untouched.Person
                    let score = a.Untouched.Embedding!.Score(b.Untouched.Embedding!)
                    orderby score descending
                    select string.Create(CultureInfo.InvariantCulture, $"{a.File} and {b.File} {score:f3}");
        report.Line("");
        report.Line("The most alike of different people as they are: " + string.Join("; ", pairs.Take(shown)) + ".");
    }

    static void Samples(Report report, FaceAnalyzer analyzer, float threshold)
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(BenchData.Repository, "samples"), "*-?.jpg").Order(StringComparer.Ordinal)];
        RgbImage[] photos = [.. files.Select(f => ImageCodec.Load(f))];
        AnalyzedFace[] upright = [.. photos.Select(p => analyzer.Analyze(p)[0])];
        string[] people = [.. files.Select(f => Path.GetFileName(f).Split('-')[0])];
        var outcomes = new Outcome?[files.Length][];
        Parallel.For(0, files.Length, i => outcomes[i] = OfAll(analyzer, people[i], photos[i], upright[i], Seed + i,
            [.. Enumerable.Range(0, files.Length).Where(j => j != i && people[j] == people[i]).Select(j => upright[j].Embedding)]));
        Table(report, "samples, 12 people", outcomes, threshold);
    }

    static Outcome?[] OfAll(FaceAnalyzer analyzer, string person, RgbImage photo, AnalyzedFace upright, int seed, Embedding[] own)
        => [.. PhotoCondition.All.Select(condition =>
        {
            if (condition.Change(photo, upright.Face, new Random(seed)) is not { } changed) return null;
            var face = WebPhotos.FaceOf(analyzer, changed, upright.Face);
            return new Outcome(person, face?.Embedding, face?.Gate, face is not null && changed.Shows(upright.Face, face.Face),
                face is null ? -1 : own.Max(o => o.Score(face.Embedding)));
        })];

    static void Table(Report report, string title, Outcome?[][] photos, float threshold)
    {
        report.Line("");
        report.Line($"## {title}");
        report.Line("");
        report.Line(FormattableString.Invariant($"{photos.Length} photos."));
        report.Line("");
        report.Line(Heading);
        for (var c = 0; c < PhotoCondition.All.Length; c++)
            Row(report, PhotoCondition.All[c].Name, [.. photos.Select(p => p[c]).OfType<Outcome>()], threshold, PhotoCondition.All[c].Reasons);
    }

    static void Row(Report report, string name, Outcome[] done, float threshold, string[] reasons)
    {
        Outcome[] found = [.. done.Where(o => o.IsThere)], detected = [.. done.Where(o => o.Embedding is not null)],
            accepted = [.. detected.Where(o => o.IsAccepted)];
        Outcome[] refused = [.. found.Where(o => !o.IsAccepted)];
        var right = refused.Count(o => o.Gate!.Reasons.Any(r => reasons.Any(about => r.StartsWith(about, StringComparison.Ordinal))));
        FalsePairs Pairs(Outcome[] of) => new([.. of.Select(o => o.Person)], [.. of.Select(o => o.Embedding!)], threshold);
        report.Line($"| {name} | {Share(found.Length, done.Length)} | {Share(found.Count(o => o.IsAccepted), found.Length)} "
            + $"| {Share(accepted.Count(o => o.Own >= threshold), done.Length)} | "
            + $"{Pairs(detected).Told} | {Pairs(accepted).Told} | {(reasons.Length == 0 ? "" : Share(right, refused.Length))} |");
    }

    static string Share(int count, int total) => string.Create(CultureInfo.InvariantCulture,
        $"{count} of {total}{(total > 24 ? $" ({100.0 * count / total:f1} %)" : "")}");

    /// <summary>LFW's aligned crops, one of each person, changed as crops: nothing is detected.</summary>
    static void Crops(Report report, FaceEmbedder embedder, float threshold, int most)
    {
        var folder = Path.GetDirectoryName(BenchData.Shared("lfw/pairs.csv"))!;
        var crops = Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Take(most)
            .Select(person => (Person: Path.GetFileName(person),
                Image: ImageCodec.Load(Directory.GetFiles(person).Order(StringComparer.Ordinal).First())))
            .ToArray();
        var gate = new FaceGate(embedder.Card);
        var upright = crops.Select(c => embedder.Embed(c.Image.Pixels)).ToArray();
        report.Line("");
        report.Line("## LFW's aligned crops, one of each person");
        report.Line("");
        report.Line(Heading);
        // As the gate was fitted on other people's crops.
        (string Name, string[] Reasons)[] conditions =
        [
            ("as it is", []), ("blurred, sigma a 16th of the face", ["too blurred"]), ("blurred, sigma an 8th of the face", ["too blurred"]),
            ("JPEG of quality 3", ["too compressed", "too blurred"]), ("12 pixels", ["too blurred"]), ("8 pixels", ["too blurred"]),
            ("mask and dark glasses", ["eyes or mouth covered"]), ("upside down", ["upside down"]),
        ];
        foreach (var (name, reasons) in conditions)
        {
            var change = GateCondition.All.Single(c => c.Name == name).Change;
            var outcomes = new Outcome[crops.Length];
            Parallel.For(0, crops.Length, i =>
            {
                var crop = change(crops[i].Image, new Random(Seed + i)).Pixels;
                var embedding = embedder.Embed(crop);
                outcomes[i] = new(crops[i].Person, embedding, gate.Judge(embedding, crop), true, upright[i].Score(embedding));
            });
            Row(report, name, outcomes, threshold, reasons);
        }
    }

    static void NoFaces(Report report, FaceAnalyzer analyzer, float threshold, int pictures)
    {
        report.Line("");
        report.Line("## What is no face");
        report.Line("");
        report.Line("| pictures | detections | accepted | pairs called the same person without the gate | with it |");
        report.Line("|---|---|---|---|---|");
        var files = Directory.GetFiles(Path.GetDirectoryName(BenchData.Shared("faces/none.jsonl"))!, "none-*")
            .Order(StringComparer.Ordinal).Take(pictures);
        Line(FormattableString.Invariant($"{pictures} of animals and objects"), files.Select(f => ImageCodec.Load(f)));
        Line("60 drawings", Drawings.Make(60, Seed));

        void Line(string name, IEnumerable<RgbImage> images)
        {
            var found = images.AsParallel().AsOrdered().Select(image => analyzer.Analyze(image))
                .SelectMany((faces, picture) => faces.Select(f => (picture, f))).ToArray();
            var accepted = found.Where(f => f.f.Gate.IsRecognisable).ToArray();
            FalsePairs Pairs((int picture, AnalyzedFace f)[] of)
                => new([.. of.Select(f => FormattableString.Invariant($"{f.picture}"))], [.. of.Select(f => f.f.Embedding)], threshold);
            report.Line(FormattableString.Invariant(
                $"| {name} | {found.Length} | {accepted.Length} | {Pairs(found).Told} | {Pairs(accepted).Told} |"));
        }
    }
}
