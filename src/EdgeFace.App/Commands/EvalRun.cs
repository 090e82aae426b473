using System.CommandLine;
using System.Text;
using EdgeFace.App.Output;
using EdgeFace.App.Reports;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Results;

namespace EdgeFace.App.Commands;

/// <summary>What the kinds of evaluation share: models, pipeline, progress, and the three forms of the result.</summary>
sealed class EvalRun(Terminal terminal, string protocol)
{
    readonly Option<string[]> _models = new("--model")
    {
        Description = "Model by name or file; several times for several side by side. Default: the embedded one.", HelpName = "NAME|FILE",
    };
    readonly Option<bool> _aligned = CommonOptions.Aligned(),
        _mirror = new("--mirror-sum") { Description = "Add the embedding of the mirror image, as the papers do." },
        _json = CommonOptions.Json();
    readonly Option<int> _minFace = CommonOptions.MinFace();
    readonly Option<string?> _detector = CommonOptions.Detector();
    readonly Option<string?> _labels = new("--labels")
    {
        Description = "CSV of groups of images or people: image,GROUP... or identity,GROUP...; error rates are then given by group.",
        HelpName = "FILE",
    };
    readonly Option<string?> _quality = new("--quality")
    {
        Description = "CSV of quality scores of images, image,SCORE...; error-versus-discard curves are then given for each. "
            + "That of the gate's score is given where the recogniser has a gate, that of the detector's wherever faces are detected.",
        HelpName = "FILE",
    };
    readonly Option<long[]> _gallerySize = CommonOptions.GallerySize();
    readonly OutputOption _report = new("--report")
    {
        Description = "Write one self-contained HTML page with curves, tables and the worst pairs.", HelpName = "FILE",
    };

    /// <param name="command">Gets the options and the action.</param>
    /// <param name="open">Opens the data set.</param>
    /// <param name="evaluate">The protocol.</param>
    /// <param name="detect">Of templates: whether to detect faces although the data set lists where they are.</param>
    public void AddTo(Command command, Func<ParseResult, DataSet> open, Func<EvalInput, ModelResult> evaluate, Option<bool>? detect = null)
    {
        var templates = detect is not null;
        foreach (var option in (Option[])[_models, _aligned, _mirror, _minFace, _detector, _report, _json]) command.Add(option);
        if (!templates)
            foreach (var option in (Option[])[_labels, _quality, _gallerySize]) command.Add(option);
        command.SetAction(parsed =>
        {
            var galleries = templates ? [] : parsed.Galleries(_gallerySize);
            if (templates && parsed.GetValue(_aligned) && parsed.GetValue(detect!))
                throw new UsageException("--aligned and --detect exclude each other: crops need no detection.");
            using var set = open(parsed);
            OutputPaths.RequireApart(parsed, set.Images.Select(i => i.Path).OfType<string>());
            var labels = !templates && parsed.GetValue(_labels) is { } file ? LabelFile.Read(file) : null;
            var quality = !templates && parsed.GetValue(_quality) is { } scores ? QualityFile.Read(scores) : null;
            var qualities = quality?.Of(set) ?? [];
            DataProblems[] problems =
            [
                set.Problems, set.FindIdenticalImages(),
                .. labels is null ? [] : (DataProblems[])[labels.Problems],
                .. quality is null ? [] : (DataProblems[])[quality.Problems],
            ];
            var models = parsed.GetValue(_models) is { Length: > 0 } given ? given : [null!];
            var results = new List<ModelResult>();
            foreach (var model in models)
            {
                using var pipeline = CommonOptions.OpenPipeline(
                    model, parsed.GetValue(_aligned), parsed.GetValue(_mirror), parsed.GetValue(_minFace), parsed.GetValue(_detector),
                    landmarksListed: templates && !parsed.GetValue(_aligned) && !parsed.GetValue(detect!));
                var images = DataSetEmbedding.Compute(terminal, $"embedding with {pipeline.Card.Name}", set, pipeline, raw: templates);
                if (images.FailureCount == images.Count)
                    throw new InputException($"{set.Source}: no image gave an embedding: "
                        + (images.Count > 0 ? images.Failure(0) : "there are none"));
                var result = evaluate(new(NameOf(pipeline, model, results), pipeline.Contract, set, images, labels, qualities));
                results.Add(result.WithGalleries(galleries) with { Network = pipeline.Embedder.Network.Name });
            }
            if (parsed.GetValue(_report) is { } report) WriteReport(report, parsed, set, problems, results);
            if (parsed.GetValue(_json)) JsonOutput.Write(terminal, EvalJson.Of(protocol, set, problems, results), ToolJson.Default.EvalJson);
            else new EvalText(terminal).Write(set, problems, results);
            return ExitCode.Done;
        });
    }

    /// <summary>The card's name; where it is taken, as by the same model stored otherwise, with the file or its place among the models.</summary>
    static string NameOf(FacePipeline pipeline, string? model, List<ModelResult> before)
    {
        var name = pipeline.Card.Name;
        string[] candidates = [name, .. File.Exists(model) ? (string[])[$"{name} ({Path.GetFileName(model)})"] : [], $"{name} ({before.Count + 1})"];
        return candidates.First(c => before.All(r => r.Name != c));
    }

    void WriteReport(string path, ParseResult parsed, DataSet set, DataProblems[] problems, List<ModelResult> results)
    {
        using var pipeline = CommonOptions.OpenPipeline(
            null, parsed.GetValue(_aligned), mirrorSum: false, parsed.GetValue(_minFace), parsed.GetValue(_detector));
        var facts = new ReportFacts(
            $"edgeface eval {protocol}: {Path.GetFileName(Path.TrimEndingDirectorySeparator(set.Source))}",
            $"edgeface {string.Join(' ', parsed.Tokens.Select(t => t.Value))}", DateTimeOffset.UtcNow,
            InfoCommand.Software, image => DataSetEmbedding.Thumbnail(pipeline, image));
        ResultFile.Write(terminal, path, stream => stream.Write(Encoding.UTF8.GetBytes(HtmlReport.Write(facts, set, problems, results))));
    }
}
