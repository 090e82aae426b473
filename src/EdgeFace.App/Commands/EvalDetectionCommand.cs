using System.CommandLine;
using System.Globalization;
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

    int Run(ParseResult parsed)
    {
        var minScore = (float)parsed.GetValue(_minScore);
        var options = Options(parsed, minScore);
        var (folder, set, by) = (parsed.GetValue(_images), parsed.GetValue(_set), parsed.GetValue(_by));
        AnnotatedPictures[] lists = [.. parsed.GetRequiredValue(_annotations).Select(file => AnnotatedPictures.Read(file, folder))];
        OutputPaths.RequireApart(parsed, lists.SelectMany(l => l.Pictures).Select(p => p.Image.Path).OfType<string>());
        var pictures = PictureSelection.OfSet(lists, set);
        var group = PictureSelection.Grouping(pictures, by);
        var detectors = DetectionMeasurement.Open(parsed.GetValue(_detectors) ?? [], parsed.GetValue(_minFace), minScore);
        try
        {
            if (detectors.FirstOrDefault(d => d.RecommendedScore < minScore) is { } above)
                throw new UsageException($"{_minScore.Name} is above {Text(above.RecommendedScore)}, the score {above.Name} is used with.");
            var (looked, _, errors) = ImageBatch.Run(
                _terminal, "detecting", pictures, p => p.Image.Name, p => DetectionMeasurement.Look(p, detectors));
            if (looked.Length == 0) throw new InputException($"no picture of {lists[0].Source} can be used: {errors[0].Message}");
            var results = detectors.Select((d, i) => DetectionMeasurement.Evaluate(
                d, i, looked, group, options with { RecommendedScore = d.RecommendedScore }));
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

    void WriteReport(string path, ParseResult parsed, DetectionRun run)
    {
        var command = $"edgeface {string.Join(' ', parsed.Tokens.Select(t => t.Value))}";
        var facts = new ReportFacts($"edgeface eval detection: {run.Source}", command, DateTimeOffset.UtcNow, InfoCommand.Software, _ => null);
        ResultFile.Write(_terminal, path, stream => stream.Write(Encoding.UTF8.GetBytes(DetectionReport.Write(facts, run, DetectionThumbnail.Of))));
    }

    static string Text(double value) => value.ToString("g6", CultureInfo.InvariantCulture);
}
