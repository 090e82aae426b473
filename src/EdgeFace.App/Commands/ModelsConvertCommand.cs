using System.CommandLine;
using EdgeFace.App.Output;
using EdgeFace.Files;

namespace EdgeFace.App.Commands;

/// <summary><c>edgeface models convert</c>: from one format or precision to another.</summary>
static class ModelsConvertCommand
{
    public static Command Create(Terminal terminal)
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
