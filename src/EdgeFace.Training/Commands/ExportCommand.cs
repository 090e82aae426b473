using System.CommandLine;
using EdgeFace.Training.Detection;
using EdgeFace.Training.Network;
using EdgeFace.Weights;

namespace EdgeFace.Training.Commands;

/// <summary><c>edgeface-train export</c>: a model, or the averaged weights of a checkpoint, as a model file; a model
/// also with another rank ratio.</summary>
static class ExportCommand
{
    public static Command Create()
    {
        Argument<string> from = new("model") { Description = "A model file, or a run's checkpoint, whose averaged weights are taken." };
        Argument<string> to = new("out") { Description = "The file to write: .efw, .safetensors or .pt." };
        Option<double?> gamma = new("--gamma")
        {
            Description = "LoRaLin's rank ratio, in (0, 1]: every linear layer of a model becomes the best product of two of that rank.",
        };
        var command = new Command("export", "Write a checkpoint or a model as .efw, .safetensors or .pt, a model also with low-rank layers.")
        {
            from, to, gamma,
        };
        command.SetAction(p => Run(p.GetRequiredValue(from), p.GetRequiredValue(to), p.GetValue(gamma)));
        return command;
    }

    static int Run(string from, string to, double? gamma)
    {
        if (Path.GetExtension(to).ToLowerInvariant() is not (".efw" or ".safetensors" or ".pt"))
            throw new RecipeException($"{to}: models are written as .efw, .safetensors or .pt");
        if (gamma is not (null or (> 0 and <= 1))) throw new RecipeException($"--gamma lies in (0, 1], not at {gamma}");
        if (Path.GetFullPath(from) == Path.GetFullPath(to)) throw new RecipeException($"{to}: is the file that is read");
        if (FactsOf(from) is { } facts)
        {
            if (gamma is not null)
                throw new RecipeException($"--gamma is for models: export {from} without it first, or take the run's {TrainingRun.ModelName}");
            var isDetection = facts.Recipe.Detection is not null;
            using var bank = isDetection ? DetectionRun.NewBank(facts.Recipe) : new ParameterBank(facts.Recipe.Config);
            using var state = new TrainingState(bank, facts.Recipe);
            state.Load(from);
            var name = Path.GetFileNameWithoutExtension(to);
            var card = isDetection ? DetectionRun.CardOf(facts.Recipe, name, facts.Views, facts.Data) : new ModelCard
            {
                Name = name,
                Kind = "recogniser",
                Architecture = bank.Config.Name,
                Training = FormattableString.Invariant($"Trained by edgeface-train: {facts.Views} views; {facts.Data}"),
                NonCommercial = true,
                Licence = TrainingRun.UnstatedLicence,
            };
            ModelFile.Write(to, Start.Tensors(bank, state.Average), card);
        }
        else
        {
            using var model = ModelFile.Open(from);
            var config = model.RequireNetwork();
            using var bank = new ParameterBank(gamma is { } g
                ? config.WithGamma(g) with { Name = FormattableString.Invariant($"{config.Name}_gamma_{g}") } : config);
            Start.From(model, bank);
            ModelFile.Write(to, Start.Tensors(bank, bank.Values), model.Card with
            {
                Architecture = bank.Config.Name, Name = Path.GetFileNameWithoutExtension(to), Thresholds = [], Measurements = [],
            });
        }
        using var written = ModelFile.Open(to);
        Console.WriteLine($"{to}: {written.Network?.Name ?? written.Card.Kind}, {written.ParameterCount:N0} parameters");
        return 0;
    }

    static CheckpointFacts? FactsOf(string path)
    {
        if (!Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase)) return null;
        using var file = SafeTensors.Read(path);
        return CheckpointFacts.Of(file);
    }
}
