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
        var card = RunCommand.Card();
        Option<string?> validation = new("--validation")
        {
            Description = "A folder of crops with pairs.csv: the card then says what the model is worth on them, and has thresholds.",
        };
        var command = new Command("export", "Write a checkpoint or a model as .efw, .safetensors or .pt, a model also with low-rank layers.")
        {
            from, to, gamma, card, validation,
        };
        command.SetAction(p => Run(p.GetRequiredValue(from), p.GetRequiredValue(to), p.GetValue(gamma),
            p.GetValue(card) is { } file ? TrainedCard.Read(file, []) : null, p.GetValue(validation)));
        return command;
    }

    static int Run(string from, string to, double? gamma, ModelCard? stated, string? validation)
    {
        if (Path.GetExtension(to).ToLowerInvariant() is not (".efw" or ".safetensors" or ".pt"))
            throw new RecipeException($"{to}: models are written as .efw, .safetensors or .pt");
        if (gamma is not (null or (> 0 and <= 1))) throw new RecipeException($"--gamma lies in (0, 1], not at {gamma}");
        if (Path.GetExtension(to).Equals(".pt", StringComparison.OrdinalIgnoreCase) && (stated is not null || validation is not null))
            throw new RecipeException($"{to}: .pt files carry no card, so --card and --validation are for .efw and .safetensors");
        if (Path.GetFullPath(from) == Path.GetFullPath(to)) throw new RecipeException($"{to}: is the file that is read");
        if (FactsOf(from) is { } facts)
        {
            if (gamma is not null)
                throw new RecipeException($"--gamma is for models: export {from} without it first, or take the run's {TrainingRun.ModelName}");
            var isDetection = facts.Recipe.Detection is not null;
            using var bank = isDetection ? DetectionRun.NewBank(facts.Recipe) : new ParameterBank(facts.Recipe.Config);
            using var state = new TrainingState(bank, facts.Recipe);
            state.Load(from);
            var weights = Start.Tensors(bank, state.Average);
            if (isDetection)
            {
                if (stated is not null || validation is not null)
                    throw new RecipeException("--card and --validation are for recognisers; 'edgeface eval detection' measures a detector");
                ModelFile.Write(to, weights, DetectionRun.CardOf(facts.Recipe, NameOf(to), facts.Views, facts.Data));
            }
            else
            {
                var kept = facts.Card ?? TrainedCard.Unstated(NameOf(to));
                var card = TrainedCard.Of(TrainedCard.IsStated(kept) ? kept : kept with { Name = NameOf(to) }, "Trained", facts, weights);
                ModelFile.Write(to, weights, stated is null ? card : TrainedCard.Restated(card, stated));
            }
        }
        else
        {
            using var model = ModelFile.Open(from);
            var config = model.RequireNetwork();
            using var bank = new ParameterBank(gamma is { } g
                ? config.WithGamma(g) with { Name = FormattableString.Invariant($"{config.Name}_gamma_{g}") } : config);
            Start.From(model, bank);
            var card = model.Card with { Architecture = bank.Config.Name };
            // Figures are of the weights they were measured with.
            if (gamma is not null) card = card with { Name = NameOf(to), Thresholds = [], ThresholdSource = null, Measurements = [], Gate = null };
            ModelFile.Write(to, Start.Tensors(bank, bank.Values), stated is null ? card : TrainedCard.Restated(card, stated));
        }
        using (var written = ModelFile.Open(to))
            Console.WriteLine($"{to}: {written.Network?.Name ?? written.Card.Kind}, {written.ParameterCount:N0} parameters");
        if (validation is not null) Console.WriteLine(MeasuredCard.Write(to, validation));
        return 0;
    }

    static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);

    static CheckpointFacts? FactsOf(string path)
    {
        if (!Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase)) return null;
        using var file = SafeTensors.Read(path);
        return CheckpointFacts.Of(file);
    }
}
