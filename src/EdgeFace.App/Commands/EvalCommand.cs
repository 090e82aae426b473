using System.CommandLine;
using System.Text;
using EdgeFace.App.Output;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Data;
using EdgeFace.Evaluation.Reports;
using EdgeFace.Vision;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface eval pairs|identities|templates</c>: the protocols of the papers, one model or several side by side.</summary>
static class EvalCommand
{
    public static Command Create(Terminal terminal) => new("eval", "Measure models by the protocols of the papers (docs/evaluation.md).")
    {
        Pairs(terminal), Identities(terminal), Templates(terminal),
    };

    static Command Pairs(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "Folder of images for --pairs, CFP's folder, or an InsightFace .bin file." };
        Option<string?> pairs = new("--pairs") { Description = "List of pairs: LFW's pairs.txt, a CSV (fold,same,a,b), CALFW's or CPLFW's list.", HelpName = "FILE" };
        Option<bool> frontal = new("--frontal") { Description = "Of CFP take the frontal-frontal pairs instead of the frontal-profile ones." };
        var run = new EvalRun(terminal, "pairs");
        var command = new Command("pairs", "Accuracy over folds, ROC, DET and FNMR at FMR of listed pairs.") { data, pairs, frontal };
        run.AddTo(command, parsed => DataSetOpener.Pairs(parsed.GetRequiredValue(data), parsed.GetValue(pairs), !parsed.GetValue(frontal)),
            (name, contract, set, images, labels) => ModelResult.OfPairs(name, contract, set, images, new PersonBootstrap(), labels), raw: false);
        return command;
    }

    static Command Identities(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "Folder with a folder for each person, a list (person,image), or a RecordIO .rec file." };
        Option<bool> nested = new("--nested") { Description = "People's folders may lie deeper." };
        var run = new EvalRun(terminal, "identities");
        var command = new Command("identities", "DET and FNMR at FMR of all pairs of images of known people.") { data, nested };
        run.AddTo(command, parsed => DataSetOpener.People(parsed.GetRequiredValue(data), parsed.GetValue(nested)),
            (name, contract, set, images, labels) => ModelResult.OfIdentities(name, contract, set, images, new PersonBootstrap(), labels), raw: false);
        return command;
    }

    static Command Templates(Terminal terminal)
    {
        Argument<string> data = new("data") { Description = "Folder of IJB-B or IJB-C: meta/ and loose_crop/." };
        var run = new EvalRun(terminal, "templates");
        var command = new Command("templates", "TAR at FAR and identification of templates, as IJB-B and IJB-C define them.") { data };
        run.AddTo(command, parsed => IjbFolder.Read(parsed.GetRequiredValue(data)), (name, contract, set, images, _) => ModelResult.OfTemplates(name, contract, set, images), raw: true);
        return command;
    }
}

/// <summary>What the kinds of evaluation share: models, pipeline, progress, and the three forms of the result.</summary>
sealed class EvalRun(Terminal terminal, string protocol)
{
    const int MostProblems = 5;

    readonly Option<string[]> _models = new("--model") { Description = "Model by name or file; several times for several side by side. Default: the embedded one.", HelpName = "NAME|FILE" };
    readonly Option<bool> _aligned = CommonOptions.Aligned(), _mirror = new("--mirror-sum") { Description = "Add the embedding of the mirror image, as the papers do." }, _json = CommonOptions.Json();
    readonly Option<int> _minFace = CommonOptions.MinFace();
    readonly Option<string?> _labels = new("--labels") { Description = "CSV of groups of images or people: image,GROUP... or identity,GROUP...; error rates are then given by group.", HelpName = "FILE" };
    readonly Option<string?> _report = new("--report") { Description = "Write one self-contained HTML page with curves, tables and the worst pairs.", HelpName = "FILE" };

    public void AddTo(Command command, Func<ParseResult, DataSet> open, Func<string, EmbeddingContract, DataSet, EmbeddedImages, LabelFile?, ModelResult> evaluate, bool raw)
    {
        foreach (var option in (Option[])[_models, _aligned, _mirror, _minFace, _report, _json]) command.Add(option);
        if (protocol != "templates") command.Add(_labels);
        command.SetAction(parsed =>
        {
            using var set = open(parsed);
            var labels = protocol != "templates" && parsed.GetValue(_labels) is { } file ? LabelFile.Read(file) : null;
            var identical = set.FindIdenticalImages();
            var models = parsed.GetValue(_models) is { Length: > 0 } given ? given : [null!];
            var results = new List<ModelResult>();
            foreach (var model in models)
            {
                using var pipeline = new Pipeline(model, parsed.GetValue(_aligned), parsed.GetValue(_mirror), parsed.Positive(_minFace));
                var images = terminal.WithProgress($"embedding with {pipeline.Embedder.Card.Name}", set.Images.Count, step => EmbeddedImages.Compute(set.Images, FaceEmbedder.Dimension, Embedder(pipeline, raw), step));
                if (images.FailureCount == images.Count) throw new InputException($"{set.Source}: no image gave an embedding: {(images.Count > 0 ? images.Failure(0) : "there are none")}");
                results.Add(evaluate(NameOf(pipeline, results), pipeline.Contract, set, images, labels) with { Network = pipeline.Embedder.Network.Name });
            }
            if (parsed.GetValue(_report) is { } report) WriteReport(report, parsed, set, identical, results);
            if (parsed.GetValue(_json)) JsonOutput.Write(terminal, EvalJson.Of(protocol, set, results), ToolJson.Default.EvalJson);
            else Print(set, identical, results);
            return ExitCode.Done;
        });
    }

    static string NameOf(Pipeline pipeline, List<ModelResult> before)
    {
        var name = pipeline.Embedder.Card.Name;
        return before.Any(r => r.Name == name) ? $"{name} ({before.Count + 1})" : name;
    }

    /// <summary>The embedding of an image of a data set; of several faces the largest, as the photographs of these sets are of one person.</summary>
    public static EmbedImage Embedder(Pipeline pipeline, bool raw) => (image, target) =>
    {
        try
        {
            var face = pipeline.One(ImageCodec.Decode(image.Read(), default, image.Name), FaceChoice.Largest, image.Name);
            if (raw) pipeline.RawVector(face).CopyTo(target);
            else face.Embedding.Vector.CopyTo(target);
            return null;
        }
        catch (Exception e) when (Tool.Describe(e) is { Code: ExitCode.BadInput } problem)
        {
            return problem.Message;
        }
    };

    void WriteReport(string path, ParseResult parsed, DataSet set, DataProblems identical, List<ModelResult> results)
    {
        using var pipeline = new Pipeline(null, parsed.GetValue(_aligned), mirrorSum: false, parsed.Positive(_minFace));
        var facts = new ReportFacts($"edgeface eval {protocol}: {Path.GetFileName(Path.TrimEndingDirectorySeparator(set.Source))}", $"edgeface {string.Join(' ', parsed.Tokens.Select(t => t.Value))}", DateTimeOffset.UtcNow,
            InfoCommand.Software, image => Thumbnail(pipeline, image));
        ResultFile.Write(terminal, path, stream => stream.Write(Encoding.UTF8.GetBytes(HtmlReport.Write(facts, set, identical, results))));
    }

    static (byte[] Bytes, string MediaType)? Thumbnail(Pipeline pipeline, DataImage image)
    {
        try
        {
            var face = pipeline.One(ImageCodec.Decode(image.Read(), default, image.Name), FaceChoice.Largest, image.Name);
            return (ImageCodec.EncodePng(new RgbImage(FaceEmbedder.CropSize, FaceEmbedder.CropSize, face.Crop.ToArray())), "image/png");
        }
        catch (Exception e) when (Tool.Describe(e) is { Code: ExitCode.BadInput })
        {
            return null;
        }
    }

    void Print(DataSet set, DataProblems identical, List<ModelResult> results)
    {
        terminal.Out.WriteLine($"{set.Source}: {set.Format}, {set.Images.Count} images{(set.People.Count > 0 ? $" of {set.People.Count} people" : "")}{(set.ListedPairs > 0 ? $", {set.Pairs.Count} of {set.ListedPairs} pairs" : "")}");
        foreach (var problems in (DataProblems[])[set.Problems, identical])
        {
            foreach (var problem in problems.Take(MostProblems)) terminal.Error.WriteLine($"edgeface: {problem}");
            if (problems.Total > MostProblems) terminal.Error.WriteLine($"edgeface: and {problems.Total - MostProblems} more of the kind; --report and --json list more");
        }
        string[] Row(string name, Func<ModelResult, string> value) => [name, .. results.Select(value)];
        var rows = new List<string[]>
        {
            Row("genuine / impostor pairs", m => FormattableString.Invariant($"{m.GenuinePairs:n0} / {m.ImpostorPairs:n0}")),
            Row("images without embedding", m => FormattableString.Invariant($"{m.Failures}")),
        };
        if (results.Exists(m => m.Protocol is not null)) rows.Add(Row("accuracy over folds", m => m.Protocol is { } p ? FormattableString.Invariant($"{100 * p.Accuracy:f2} +- {100 * p.AccuracyStandardDeviation:f2} %") : ""));
        if (results.Exists(m => m.Auc is not null)) rows.Add(Row("AUC", m => m.Auc?.Value is { } auc ? FormattableString.Invariant($"{auc:f5}") : "unsupported"));
        rows.Add(Row("EER", m => Share(m.Eer)));
        foreach (var rate in ModelResult.Rates) rows.Add(Row($"FNMR at FMR {Text.Rate(rate)}", m => Share(m.AtFmr.First(f => f.Fmr == rate).Fnmr)));
        foreach (var rate in ModelResult.Rates) rows.Add(Row($"threshold at FMR {Text.Rate(rate)}", m => m.AtFmr.First(f => f.Fmr == rate) is { Fnmr.IsSupported: true } f ? FormattableString.Invariant($"{f.Threshold.Value:f3}") : ""));
        rows.Add(Row("images a second", m => FormattableString.Invariant($"{m.ImagesPerSecond:f0}")));
        terminal.Table(["", .. results.Select(m => m.Name)], rows);
        foreach (var model in results)
            foreach (var groups in model.Groups)
            {
                terminal.Out.WriteLine(FormattableString.Invariant($"{model.Name} by {groups.Column}, at the threshold {groups.Table.Threshold:f3} of FMR {Text.Rate(groups.Fmr)} over all pairs"));
                terminal.Table(["group", "FMR", "FNMR"], groups.Table.Rows.Select(r => (string[])[r.Group, FormattableString.Invariant($"{r.Fmr.Count} of {r.Fmr.Total}"), FormattableString.Invariant($"{r.Fnmr.Count} of {r.Fnmr.Total}")]));
            }
        foreach (var model in results)
            foreach (var s in model.Searches)
                terminal.Out.WriteLine(FormattableString.Invariant($"{model.Name}, {s.Gallery} ({s.People} people): rank 1 {100 * s.Rank1.Value:f2} %, FNIR at FPIR 0.01 {Share(s.AtFpir1.Fnir)}"));
    }

    static string Share(Estimate e) => e.Value is { } v
        ? FormattableString.Invariant($"{100 * v:f2} %") + (e.Interval is { } i ? FormattableString.Invariant($" [{100 * i.Low:f2}, {100 * i.High:f2}]") : "")
        : "unsupported";
}
