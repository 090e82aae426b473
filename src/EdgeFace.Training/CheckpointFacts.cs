using System.Text.Json;
using EdgeFace.Training.Heads;
using EdgeFace.Weights;

namespace EdgeFace.Training;

/// <summary>What a checkpoint says beside its tensors.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Views">Views seen.</param>
/// <param name="Seconds">Time spent training.</param>
/// <param name="Data">What it was trained on: a resumed run must have the same.</param>
/// <param name="Recipe">The recipe.</param>
/// <param name="Norms">Lengths of embeddings so far, where people are told apart.</param>
/// <param name="Card">What is stated of the model; null where nothing is.</param>
/// <param name="Start">Figures of the validation before the first step; null where none was made.</param>
/// <param name="Forgotten">What was forgotten beyond the recipe's guard; null where nothing was.</param>
sealed record CheckpointFacts(long Steps, long Views, double Seconds, string Data, Recipe Recipe, NormStatistics? Norms = null,
    ModelCard? Card = null, ValidationFigures? Start = null, string? Forgotten = null)
{
    /// <summary>Where they stand in a safetensors file: in the place of a model's card.</summary>
    public const string Key = "card";

    /// <summary>The facts of a file, or null where it is no checkpoint.</summary>
    /// <exception cref="ModelFormatException">What it says cannot be.</exception>
    public static CheckpointFacts? Of(TensorSet file)
    {
        try
        {
            var facts = file.Card is { } json ? JsonSerializer.Deserialize(json, RecipeJson.Default.CheckpointFacts) : null;
            if (facts is not { Recipe: not null, Data: not null }) return null;
            if (facts is not { Steps: >= 0, Views: >= 0 } || !double.IsFinite(facts.Seconds))
                throw new ModelFormatException(file.Source, null, "a checkpoint with steps and views of 0 or more",
                    $"{facts.Steps} and {facts.Views}");
            if (facts.Recipe.Fault() is { } fault) throw new ModelFormatException(file.Source, null, "a checkpoint of a recipe", fault);
            return facts;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
