using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text;
using EdgeFace.App.Output;
using EdgeFace.App.Reports;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface eval detection ANNOTATIONS...</c>: how well faces are found in annotated pictures.</summary>
sealed class EvalDetectionCommand
{
    const int MostGroups = 100;

    readonly Terminal _terminal;
    readonly Argument<string[]> _annotations = new("annotations")
    {
        Description = "Lists of annotated faces: CSV, JSON lines, or WIDER FACE's text (docs/evaluation.md).",
        Arity = ArgumentArity.OneOrMore,
        HelpName = "FILE",
    };
    readonly Option<string?> _images = new("--images") { Description = "Folder of the pictures. Default: that of each list.", HelpName = "FOLDER" };
    readonly Option<string?> _set = new("--set")
    {
        Description = "Only pictures whose field or column 'set' has this value, such as test.", HelpName = "NAME",
    };
    readonly Option<string?> _by = new("--by")
    {
        Description = "Figures by group of pictures: 'prefix' (the file's name up to the first '-'), or the name of a field or column.",
        HelpName = "prefix|FIELD",
    };
    readonly Option<int> _minFace = CommonOptions.MinFace();
    readonly Option<string[]> _detectors = new("--detector")
    {
        Description = "A detector to measure: a name or file, as of 'edgeface detect'; several times for several side by side. "
            + "Default: the embedded one.",
        HelpName = "NAME|FILE",
    };
    readonly Option<double> _minScore = new Option<double>("--min-score")
    {
        Description = "Detections are collected down to this score; curves end there.", HelpName = "SCORE", DefaultValueFactory = _ => 0.05,
    }.In(NumberRange.Rate);
    readonly Option<double[]> _scores = new Option<double[]>("--score")
    {
        Description = "A least score at which recall, precision and false detections are told; several times for several.",
        HelpName = "SCORE", DefaultValueFactory = _ => [.. DetectionOptions.Default.Scores],
    }.In(NumberRange.Rate);
    readonly Option<double> _minIou = new Option<double>("--min-iou")
    {
        Description = "Least intersection over union of a detection and an annotated box that it has found.",
        HelpName = "SHARE", DefaultValueFactory = _ => DetectionOptions.Default.MinIou,
    }.In(NumberRange.Rate);
    readonly OutputOption _report = new("--report")
    {
        Description = "Write one self-contained HTML page with curves, tables and the highest false detections.", HelpName = "FILE",
    };
    readonly Option<bool> _json = CommonOptions.Json();

    EvalDetectionCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var options = new EvalDetectionCommand(terminal);
        var command = new Command("detection", "Average precision, recall over false detections and landmark error on annotated pictures.")
        {
            options._annotations, options._images, options._set, options._by, options._minFace, options._detectors, options._minScore,
            options._scores, options._minIou, options._report, options._json,
        };
        command.SetAction(options.Run);
        return command;
    }

    /// <summary>A detector that is measured.</summary>
    /// <param name="Name">What it is called in tables.</param>
    /// <param name="RecommendedScore">The score it is used with.</param>
    /// <param name="Detector">The detector, which keeps faces of lower scores too.</param>
    sealed record Measured(string Name, double RecommendedScore, FaceDetector Detector);

    /// <summary>A picture and what each detector found in it.</summary>
    sealed record Looked(AnnotatedPicture Picture, DetectedFace[][] Found);

    int Run(ParseResult parsed)
    {
        var minScore = (float)parsed.GetValue(_minScore);
        var options = Options(parsed, minScore);
        var (folder, set, by) = (parsed.GetValue(_images), parsed.GetValue(_set), parsed.GetValue(_by));
        AnnotatedPictures[] lists = [.. parsed.GetRequiredValue(_annotations).Select(file => AnnotatedPictures.Read(file, folder))];
        OutputPaths.RequireApart(parsed, lists.SelectMany(l => l.Pictures).Select(p => p.Image.Path).OfType<string>());
        var pictures = OfSet(lists, set);
        var group = Grouping(pictures, by);
        var detectors = OpenDetectors(parsed.GetValue(_detectors) ?? [], parsed.GetValue(_minFace), minScore);
        try
        {
            if (detectors.FirstOrDefault(d => d.RecommendedScore < minScore) is { } above)
                throw new UsageException($"{_minScore.Name} is above {Text(above.RecommendedScore)}, the score {above.Name} is used with.");
            var (looked, _, errors) = ImageBatch.Run(_terminal, "detecting", pictures, p => p.Image.Name, p => Look(p, detectors));
            if (looked.Length == 0) throw new InputException($"no picture of {lists[0].Source} can be used: {errors[0].Message}");
            var results = detectors.Select((d, i) => Evaluate(d, i, looked, group, options with { RecommendedScore = d.RecommendedScore }));
            var run = new DetectionRun(lists, set, by, [.. errors.Select(e => e.Message)], minScore, options.MinIou, [.. results]);
            if (parsed.GetValue(_report) is { } report) WriteReport(report, parsed, run);
            if (parsed.GetValue(_json)) JsonOutput.Write(_terminal, EvalDetectionJson.Of(run, errors), ToolJson.Default.EvalDetectionJson);
            else
            {
                new EvalText(_terminal).Problems([.. lists.Select(l => l.Problems)]);
                new DetectionText(_terminal).Failures(errors);
                new DetectionText(_terminal).Write(run);
            }
            return ExitCode.Done;
        }
        finally
        {
            foreach (var measured in detectors) measured.Detector.Dispose();
        }
    }

    DetectionOptions Options(ParseResult parsed, float minScore)
    {
        double[] scores = parsed.GetValue(_scores) ?? [];
        foreach (var score in scores)
            if (!((float)score >= minScore))
                throw new UsageException($"{_scores.Name} is not below {_minScore.Name}, {Text(minScore)}, as is {Text(score)}.");
        return new() { MinIou = parsed.GetValue(_minIou), Scores = scores };
    }

    /// <summary>The detectors that stand side by side.</summary>
    static Measured[] OpenDetectors(string[] names, int minFace, float minScore)
    {
        return [.. (names.Length > 0 ? names : (string?[])[null]).Select(Open)];

        Measured Open(string? name)
        {
            var detector = CommonOptions.OpenDetector(name, minFace, minScore);
            // The hashes of the weights behind the names are told with the version.
            return new(detector.Version.Split(':')[0], Math.Round(detector.RecommendedScore, 6), detector);
        }
    }

    static AnnotatedPicture[] OfSet(AnnotatedPictures[] lists, string? set)
    {
        AnnotatedPicture[] all = [.. lists.SelectMany(l => l.Pictures)];
        if (set is null) return all;
        AnnotatedPicture[] chosen = [.. all.Where(p => p.Fields.GetValueOrDefault("set") == set)];
        if (chosen.Length > 0) return chosen;
        string[] known = [.. all.Select(p => p.Fields.GetValueOrDefault("set")).OfType<string>().Distinct().Order(StringComparer.Ordinal).Take(10)];
        var there = known.Length > 0 ? $"there are {string.Join(", ", known)}" : "there is none";
        throw new UsageException($"--set {set}: no picture is of that set; {there}.");
    }

    /// <summary>The group of a picture; null for one that has none.</summary>
    static Func<AnnotatedPicture, string?>? Grouping(AnnotatedPicture[] pictures, string? by)
    {
        if (by is null) return null;
        Func<AnnotatedPicture, string?> group = by == "prefix" ? p => Prefix(Path.GetFileName(p.Image.Name)) : p => p.Fields.GetValueOrDefault(by);
        return pictures.Select(group).OfType<string>().Distinct().Count() switch
        {
            0 => throw new UsageException($"--by {by}: no picture has {(by == "prefix" ? "a '-' in its name" : "such a field")}."),
            > MostGroups and var count => throw new UsageException($"--by {by} makes {count} groups; at most {MostGroups} are told apart."),
            _ => group,
        };

        static string? Prefix(string name) => name.IndexOf('-', StringComparison.Ordinal) is > 0 and var end ? name[..end] : null;
    }

    static Looked Look(AnnotatedPicture picture, Measured[] detectors)
    {
        var name = picture.Image.Name;
        using var leased = ImageCodec.Lease(picture.Image.Read(), default, name);
        var image = leased.Image;
        if (picture.Size is { } size && size != (image.Width, image.Height))
            throw new InputException($"{name}: annotated as {size.Width} x {size.Height} pixels, upright it has {image.Width} x {image.Height}");
        return new(picture, [.. detectors.Select(d => d.Detector.Detect(image).Select(Found).ToArray())]);
    }

    static DetectedFace Found(Face face)
    {
        var (box, l) = (face.Box, face.Landmarks);
        var points = new FacePoints(At(l.LeftEye), At(l.RightEye), At(l.Nose), (At(l.LeftMouth) + At(l.RightMouth)) / 2);
        return new(new FaceBox(box.Left, box.Top, box.Right, box.Bottom), face.Score, points);

        static Vector2 At(Vision.Point p) => new(p.X, p.Y);
    }

    static DetectorResult Evaluate(Measured detector, int index, Looked[] looked, Func<AnnotatedPicture, string?>? group, DetectionOptions options)
    {
        var all = Of(looked);
        DetectionGroup[] groups = group is null ? [] : [.. looked.GroupBy(l => group(l.Picture)).Where(g => g.Key is not null)
            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new DetectionGroup(g.Key!, Of(g)))];
        return new(detector.Name, detector.Detector.Version, all, groups,
            [.. all.HighestFalse.Select(f => new NotedDetection(looked[f.Picture].Picture.Image, looked[f.Picture].Found[index][f.Detection]))]);

        DetectionResult Of(IEnumerable<Looked> part)
            => DetectionProtocol.Evaluate([.. part.Select(l => new DetectionPicture(l.Picture.Faces, l.Found[index]))], options);
    }

    void WriteReport(string path, ParseResult parsed, DetectionRun run)
    {
        var command = $"edgeface {string.Join(' ', parsed.Tokens.Select(t => t.Value))}";
        var facts = new ReportFacts($"edgeface eval detection: {run.Source}", command, DateTimeOffset.UtcNow, InfoCommand.Software, _ => null);
        ResultFile.Write(_terminal, path, stream => stream.Write(Encoding.UTF8.GetBytes(DetectionReport.Write(facts, run, DetectionThumbnail.Of))));
    }

    static string Text(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
}
