using System.Reflection;
using EdgeFace.Weights;

namespace EdgeFace.Training;

/// <summary>The card of what a run makes: what its user states of data, licence and limits, and what the program knows itself. Nothing is made
/// up: what nobody stated, the card says to be unstated.</summary>
static class TrainedCard
{
    /// <summary>The licence where none was stated: it follows from those of teacher and data, which the program does not know.</summary>
    public const string UnstatedLicence = "non-commercial research use: state the licences of teacher and data here";

    static string Program
        => typeof(TrainedCard).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?";

    /// <summary>Reads what a user states: a card without what the program writes itself.</summary>
    /// <param name="data">The sources of crops: each has to stand among the card's sources, by its file's or folder's name.</param>
    /// <exception cref="RecipeException">It cannot be read, states what the program writes, or leaves a source out.</exception>
    public static ModelCard Read(string path, IReadOnlyList<string> data)
    {
        ModelCard card;
        try
        {
            card = ModelCard.FromJson(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ModelFormatException)
        {
            throw new RecipeException(e is ModelFormatException ? e.Message : $"{path}: the card cannot be read: {e.Message}");
        }
        if (card.Kind != "recogniser") throw new RecipeException($"{path}: kind is recogniser, not {card.Kind}");
        (string Name, bool IsStated)[] ours =
        [
            ("training", card.Training is not null), ("architecture", card.Architecture is not null), ("thresholds", card.Thresholds.Count > 0),
            ("thresholdSource", card.ThresholdSource is not null), ("measurements", card.Measurements.Count > 0), ("gate", card.Gate is not null),
            ("sourceSha256", card.SourceSha256 is not null),
        ];
        if (ours.FirstOrDefault(o => o.IsStated) is { IsStated: true, Name: var written })
            throw new RecipeException($"{path}: {written} is what the program writes, after training; leave it out");
        foreach (var source in data.Select(NameOf))
            if (card.Sources?.Any(s => s.Name == source) is not true)
                throw new RecipeException($"{path}: says nothing of {source}; sources has name, origin and licence of each source of crops");
        return card;
    }

    /// <summary>The name by which a source of crops is stated.</summary>
    public static string NameOf(string source) => Path.GetFileName(source.TrimEnd('/'));

    /// <summary>The card with what the models are that it was made from, and their licences, as their own cards say.</summary>
    /// <exception cref="RecipeException">It allows commercial use, which one of the models forbids.</exception>
    public static ModelCard From(ModelCard stated, IReadOnlyList<(string Role, ModelCard Card, string Weights)> models)
    {
        if (stated.NonCommercial is false && models.FirstOrDefault(m => m.Card.NonCommercial is true) is { Card: { } forbids, Role: var role })
            throw new RecipeException($"the card says nonCommercial: false, but {forbids.Name}, the {role}, may not be used commercially");
        var origins = models.Select(m => new ModelOrigin($"{m.Role} {m.Card.Name}", $"weights SHA-256 {m.Weights}", m.Card.Licence));
        return stated with { Sources = [.. stated.Sources ?? [], .. origins] };
    }

    /// <summary>What is stated where nothing is.</summary>
    public static ModelCard Unstated(string name)
        => new() { Name = name, Kind = "recogniser", NonCommercial = true, Licence = UnstatedLicence };

    /// <summary>Whether a user said anything.</summary>
    public static bool IsStated(ModelCard card) => card.Licence != UnstatedLicence;

    /// <summary>A card with other statements: what the program wrote stays, and the sources that are not stated anew.</summary>
    public static ModelCard Restated(ModelCard card, ModelCard stated) => stated with
    {
        Architecture = card.Architecture, Training = card.Training, Measurements = card.Measurements, Thresholds = card.Thresholds,
        ThresholdSource = card.ThresholdSource, Gate = card.Gate, SourceSha256 = card.SourceSha256,
        Sources = [.. stated.Sources ?? [], .. (card.Sources ?? []).Where(s => stated.Sources?.Any(t => t.Name == s.Name) is not true)],
    };

    /// <summary>The card of weights as a run has them, without figures.</summary>
    /// <param name="how">How it was trained, to be followed by the program and the number of views.</param>
    /// <param name="facts">How far the run is, on what data, by which recipe.</param>
    public static ModelCard Of(ModelCard stated, string how, CheckpointFacts facts, IReadOnlyList<Tensor> weights) => stated with
    {
        Architecture = facts.Recipe.Config.Name,
        NonCommercial = stated.NonCommercial ?? true,
        Training = FormattableString.Invariant($"{how} by edgeface-train {Program}: {facts.Views} views of {facts.Data}. ")
            + $"Weights as trained: SHA-256 {WeightIdentity.Sha256(weights)}. Recipe: {facts.Recipe.ToJson()}",
    };
}
