using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Files;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface models ...</c>: what there is, what it is, whether it is whole, and from one format to another.</summary>
static class ModelsCommand
{
    public static Command Create(Terminal terminal) => new("models", "List, show, verify, convert and download models.")
    {
        List(terminal), Show(terminal), Verify(terminal), Convert(terminal), PullCommand.Create(terminal),
    };

    static Command List(Terminal terminal)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "The models that have a name here.") { json };
        command.SetAction(parsed =>
        {
            var entries = new List<ModelsEntryJson>();
            foreach (var (name, open) in ModelCatalogue.Embedded)
            {
                using var model = open();
                entries.Add(new(name, model.Card.Kind, "embedded", model.Card.Licence, null, null));
            }
            foreach (var official in OfficialModels.All)
            {
                var path = official.Path;
                entries.Add(new(official.Name, "recogniser", File.Exists(path) ? "pulled" : "can be pulled", OfficialModel.Licence,
                    File.Exists(path) ? path : null, official.Url.ToString()));
            }
            if (parsed.GetValue(json))
            {
                JsonOutput.Write(terminal, new("edgeface.models.v1", [.. entries]), ToolJson.Default.ModelsJson);
                return ExitCode.Done;
            }
            terminal.Table(["name", "kind", "state", "licence"], entries.Select(e => (string[])
                [e.Name, e.Kind, e.State, e.State == "embedded" ? "non-commercial research use" : "Idiap, non-commercial (see pull)"]));
            terminal.Out.WriteLine($"pulled models lie in {ModelCatalogue.Folder} (set {ModelCatalogue.FolderVariable} to change that)");
            return ExitCode.Done;
        });
        return command;
    }

    static Command Show(Terminal terminal)
    {
        Argument<string?> name = new("model") { Description = "Name or file; the default recogniser if left out.", Arity = ArgumentArity.ZeroOrOne };
        var json = CommonOptions.Json();
        var command = new Command("show", "A model's card: what it is, how it was trained, what was measured, licence, limits, thresholds.")
        {
            name, json,
        };
        command.SetAction(parsed =>
        {
            using var model = ModelCatalogue.Open(parsed.GetValue(name) ?? ModelCatalogue.DefaultRecogniser);
            if (parsed.GetValue(json)) JsonOutput.Write(terminal, new("edgeface.model.v1", Describe(model)), ToolJson.Default.ShowJson);
            else PrintCard(terminal, model);
            return ExitCode.Done;
        });
        return command;
    }

    public static ModelJson Describe(ModelFile model)
        => new(model.Card.Name, model.Source, model.Network?.Name, model.ParameterCount, model.Network?.MultiplyAdds, model.Storage,
            model.WeightsSha256, model.Card);

    static void PrintCard(Terminal terminal, ModelFile model)
    {
        var card = model.Card;
        Line("name", $"{card.Name} {card.Version}");
        Line("kind", card.Kind);
        Line("network", model.Network?.Name ?? card.Architecture);
        Line("parameters", FormattableString.Invariant($"{model.ParameterCount:n0}, stored as {model.Storage}"));
        Line("work", model.Network is { } n
            ? FormattableString.Invariant($"{n.MultiplyAdds / 1e6:f2} million multiply-adds a crop, of linear layers and convolutions") : null);
        Line("weights", $"SHA-256 {model.WeightsSha256}");
        Line("source file", card.SourceSha256 is { } sha ? $"SHA-256 {sha}" : null);
        Line("what", card.Description);
        Line("training", card.Training);
        Line("data", card.Data);
        foreach (var source in card.Sources ?? []) Line("made from", $"{source.Name}: {source.Origin}; licence: {source.Licence}");
        Line("licence", card.Licence);
        Line("limits", card.Limits);
        foreach (var measurement in card.Measurements) Line("measured", $"{measurement.Set}; {measurement.Protocol}: {measurement.Value}");
        if (card.Kind == "recogniser")
            Line("gate", card.Gate?.Source
                ?? "none: every face passes, whether it can be recognised or not; edgeface calibrate --gate-into fits one");
        if (card.Thresholds.Count == 0 && card.Kind == "recogniser") Line("thresholds", "none calibrated: compare needs --threshold");
        if (card.Thresholds.Count == 0) return;
        Line("thresholds", card.ThresholdSource);
        var others = card.Thresholds.Any(t => t.FmrMeasured is not null);
        terminal.Table(["FMR aimed at", "one crop", "FNMR", "mirror sum", "FNMR", .. others ? (string[])["FMR measured"] : []],
            card.Thresholds.Select(t => (string[])
            [
                Wording.Rate(t.Fmr), Number(t.OneCrop, "f3"), Number(t.FnmrOneCrop, "p1"), Number(t.MirrorSum, "f3"), Number(t.FnmrMirrorSum, "p1"),
                .. others ? (string[])[t.FmrMeasured is { } measured ? Wording.Rate(measured) : ""] : [],
            ]));

        static string Number(double? value, string format) => value?.ToString(format, System.Globalization.CultureInfo.InvariantCulture) ?? "";

        void Line(string what, string? text)
        {
            if (text is not null) terminal.Wrap($"{what,-12}  ", text);
        }
    }

    static Command Verify(Terminal terminal)
    {
        Argument<string[]> names = new("models")
        {
            Description = "Names or files; all embedded and pulled models if left out.", Arity = ArgumentArity.ZeroOrMore,
        };
        var json = CommonOptions.Json();
        var command = new Command("verify", "Check models: readable, checksums, shapes, finite values, stored identity, "
            + "the published hash where there is one, and what they give on test pictures.") { names, json };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(names) is { Length: > 0 } given
                ? given
                : [.. ModelCatalogue.Embedded.Select(m => m.Name),
                    .. OfficialModels.All.Where(m => m.IsDownloaded).Select(m => m.Name)];
            var results = wanted.Select(VerifyOne).ToArray();
            if (parsed.GetValue(json)) JsonOutput.Write(terminal, new("edgeface.verify.v1", results), ToolJson.Default.VerifyJson);
            else foreach (var r in results.Where(r => r.Valid)) terminal.Out.WriteLine($"{r.Name}: valid, weights {r.WeightsSha256}");
            foreach (var r in results.Where(r => !r.Valid)) terminal.Error.WriteLine($"edgeface: {r.Name}: {r.Problem}");
            return results.All(r => r.Valid) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    static VerifiedJson VerifyOne(string name)
    {
        try
        {
            using var model = ModelCatalogue.Open(name);
            ModelCheck.Run(model);
            if (OfficialModels.Find(name)?.Sha256 is { } published && !File.Exists(name)
                && OfficialModel.HashOf(model.Source) is var found && found != published)
                throw new InputException($"the file has SHA-256 {found}, published is {published}");
            return new(name, true, model.WeightsSha256, null, null);
        }
        catch (Exception e) when (Problem.OfItem(e) is { } problem)
        {
            return new(name, false, null, Advice.Of(problem).Message, Wording.Kind(problem.Kind));
        }
    }

    static Command Convert(Terminal terminal)
    {
        Argument<string> from = new("from") { Description = "Name or file: .pt, .safetensors, .efw, or YuNet's .onnx." };
        OutputArgument to = new("to") { Description = "File to write: .efw or .safetensors, or for other programs .pt or .onnx." };
        Option<string> precision = new("--precision")
        {
            Description = "How matrices are stored: float32, float16 or int8. "
                + "Less precision changes the weights and so the embedding contract.",
            DefaultValueFactory = _ => "float32",
        };
        precision.AcceptOnlyFromAmong("float32", "float16", "int8");
        Option<bool> int8 = new("--int8") { Description = "The same as --precision int8." };
        Option<string?> card = new("--card")
        {
            Description = "A JSON file with the model card to store inside (models/*.card.json).", HelpName = "FILE",
        };
        var json = CommonOptions.Json();
        var command = new Command("convert", "Write a model in another format or precision.") { from, to, precision, int8, card, json };
        command.SetAction(parsed =>
        {
            string source = parsed.GetRequiredValue(from), target = parsed.GetRequiredValue(to);
            var format = Path.GetExtension(target).ToLowerInvariant();
            if (format is not (".efw" or ".safetensors" or ".pt" or ".onnx"))
                throw new UsageException($"'{target}': models are written as .efw, .safetensors, .pt or .onnx.");
            var stored = parsed.GetValue(int8) ? "int8" : parsed.GetRequiredValue(precision);
            if (format == ".onnx" && stored == "float16")
                throw new UsageException($"'{target}': ONNX files are written as float32 or int8, not float16.");
            if (format == ".pt" && stored == "int8") throw new UsageException($"'{target}': .pt files are written as float32 or float16, not int8.");
            using var opened = ModelCatalogue.Open(source);
            var model = parsed.GetValue(card) is { } file ? opened.WithCard(ModelCard.FromJson(ReadCard(file), file)) : opened;
            if (ModelCheck.Knows(model)) ModelCheck.Run(model);
            var weightPrecision = stored switch
            {
                "int8" => WeightPrecision.Int8,
                "float16" => WeightPrecision.Float16,
                _ => WeightPrecision.Float32,
            };
            if (weightPrecision != WeightPrecision.Float32 && model.Card.Thresholds.Count > 0)
                model = model.WithCard(model.Card with { Thresholds = [], ThresholdSource = null, Measurements = [] });
            model.Save(target, weightPrecision);
            // ONNX is not read back: the identity is that of a file of ours.
            // Nor is what went into a pipe.
            var isFile = FileStatus.Of(target).Kind == FileKind.Regular;
            using var written = format == ".onnx" || !isFile ? null : ModelFile.Open(target);
            var (storage, identity, bytes) =
                (written?.Storage ?? weightPrecision.ToString(), written?.WeightsSha256, isFile ? new FileInfo(target).Length : 0);
            terminal.Changed = $"wrote {target}";
            if (parsed.GetValue(json))
                JsonOutput.Write(terminal, new("edgeface.convert.v1", source, target, storage, bytes, identity), ToolJson.Default.ConvertJson);
            else terminal.Out.WriteLine($"{target}: {storage}, {Text.Bytes(bytes)}{(identity is null ? "" : $", weights {identity}")}");
            return ExitCode.Done;
        });
        return command;
    }

    static byte[] ReadCard(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: the card cannot be read: {e.Message}", e);
        }
    }
}
