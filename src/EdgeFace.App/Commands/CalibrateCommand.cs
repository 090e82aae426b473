using System.CommandLine;
using System.Text;
using EdgeFace.App.Output;
using EdgeFace.Evaluation;
using EdgeFace.Evaluation.Results;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface calibrate FOLDER</c>: thresholds for one's own cameras.</summary>
static class CalibrateCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> data = new("data")
        {
            Description = "Folder with a folder for each person, a list (person,image), or a RecordIO .rec file.",
        };
        OutputOption output = new("--output", "-o")
        {
            Description = "The calibration file to write; - prints it.", HelpName = "FILE|-", Required = true, TakesStdout = true,
        };
        var model = CommonOptions.Model();
        Option<bool> nested = new("--nested") { Description = "People's folders may lie deeper." };
        var followLinks = CommonOptions.FollowLinks();
        var aligned = CommonOptions.Aligned();
        var minFace = CommonOptions.MinFace();
        var detector = CommonOptions.Detector();
        Option<string?> description = new("--description") { Description = "What the images are, for whoever reads the file.", HelpName = "TEXT" };
        var gallerySize = CommonOptions.GallerySize();
        OutputOption gateInto = new("--gate-into")
        {
            Description = "Also fit the recogniser's gate on these pictures, and write the recogniser with it to this .efw file.", HelpName = "FILE",
        };
        var json = CommonOptions.Json();
        var command = new Command("calibrate",
            "Find the thresholds at FMR 1e-2 to 1e-6 on images of known people, for one crop and for the mirror sum.") { data, output, model,
                nested, followLinks, aligned, minFace, detector, description, gallerySize, gateInto, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(gateInto) is { } into) GateCalibration.RequireName(into);
            using var set = DataSetOpener.People(parsed.GetRequiredValue(data), parsed.GetValue(nested), parsed.GetValue(followLinks));
            if (parsed.GetValue(gateInto) is not null) GateCalibration.RequirePeople(set);
            OutputPaths.RequireApart(parsed, set.Images.Select(i => i.Path).OfType<string>());
            new EvalText(terminal).Problems([set.Problems]);
            var galleries = parsed.Galleries(gallerySize);
            using var pipeline = CommonOptions.OpenPipeline(
                parsed.GetValue(model), parsed.GetValue(aligned), mirrorSum: false, parsed.GetValue(minFace), parsed.GetValue(detector));
            using var mirror = CommonOptions.OpenPipeline(parsed.GetValue(model), aligned: true, mirrorSum: true, parsed.GetValue(minFace));
            var images = DataSetEmbedding.ComputeBoth(terminal, "embedding", set, pipeline);
            (EmbeddingContract, AllPairs)[] kinds =
            [
                (pipeline.Contract, ModelResult.AllPairsOf(set, images.OneCrop).Pairs),
                (mirror.Contract with { Aligner = pipeline.Contract.Aligner }, ModelResult.AllPairsOf(set, images.MirrorSum).Pairs),
            ];
            var calibration = Calibration.Create(
                parsed.GetValue(description) ?? $"{set.Format}: {Path.GetFileName(Path.TrimEndingDirectorySeparator(set.Source))}",
                DateTimeOffset.UtcNow, kinds, galleries: galleries);
            var gate = parsed.GetValue(gateInto) is { } gated
                ? GateCalibration.Write(terminal, gated, parsed.GetValue(model), pipeline, set, images.OneCrop, calibration) : null;
            var file = parsed.GetRequiredValue(output);
            ResultFile.Write(terminal, file, stream => stream.Write(Encoding.UTF8.GetBytes(calibration.ToJson())), mode: null);
            if (file == ResultFile.Stdout) return ExitCode.Done;
            if (parsed.GetValue(json)) terminal.Layout.WriteLine(gate is null ? calibration.ToJson() : gate.Beside(calibration));
            else
            {
                Print(terminal, calibration);
                if (gate is not null) GateCalibration.Print(terminal, gate);
            }
            return ExitCode.Done;
        });
        return command;
    }

    static void Print(Terminal terminal, Calibration calibration)
    {
        terminal.Wrap("measured on ", Wording.Data(calibration.Data));
        terminal.Out.WriteLine("thresholds hold for people and pictures like these; children, for one, need their own");
        foreach (var kind in calibration.Embeddings)
        {
            terminal.Out.WriteLine($"{kind.Contract.Model}, {kind.Contract.Preprocessing}, aligner {kind.Contract.Aligner}");
            terminal.Table(["FMR", "threshold", "FNMR", "false matches"], kind.Thresholds.Select(t => (string[])
                [Wording.Rate(t.Fmr), Number(t.Threshold, "f3"), Number(t.Fnmr, "p2"), FormattableString.Invariant($"{t.FalseMatches:n0}")]));
            foreach (var t in kind.Thresholds.Where(t => !t.Threshold.IsSupported))
                terminal.Out.WriteLine($"FMR {Wording.Rate(t.Fmr)} is not supported: {t.Threshold.Unsupported}");
        }
        new EvalText(terminal).Fpir(calibration.ExpectedFpir);
    }

    static string Number(Estimate e, string format)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        return e.Value is { } v
            ? v.ToString(format, culture)
                + (e.Interval is { } i ? $" [{i.Low.ToString(format, culture)}, {i.High.ToString(format, culture)}]" : "")
            : "unsupported";
    }
}
