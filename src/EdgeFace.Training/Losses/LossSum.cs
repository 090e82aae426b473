using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Losses;

/// <summary>A weighted sum of parts.</summary>
sealed class LossSum
{
    readonly (LossTerm Term, double Weight)[] _parts;

    /// <param name="weights">The weight of each part by its name; parts of weight zero are not computed.</param>
    /// <exception cref="RecipeException">A name is unknown, a weight is negative, or nothing is left to learn from.</exception>
    public LossSum(IReadOnlyDictionary<string, double> weights)
    {
        if (Fault(weights) is { } fault) throw new RecipeException(fault);
        _parts = [.. LossTerm.All.Where(t => weights.GetValueOrDefault(t.Name) != 0).Select(t => (t, weights[t.Name]))];
        if (_parts.Length == 0) throw new RecipeException("losses: none has a weight, so there is nothing to learn");
    }

    /// <summary>What is wrong with weights, or null.</summary>
    public static string? Fault(IReadOnlyDictionary<string, double> weights)
    {
        foreach (var (name, weight) in weights)
        {
            if (LossTerm.All.All(t => t.Name != name))
                return $"losses: '{name}' is unknown; there are {string.Join(", ", LossTerm.All.Select(t => t.Name))}";
            if (!(weight >= 0 && double.IsFinite(weight)))
                return FormattableString.Invariant($"losses: the weight of {name} is not negative, and finite, not {weight}");
        }
        return null;
    }

    /// <summary>Whether a part asks for the networks' maps.</summary>
    public bool OfMaps => _parts.Any(p => p.Term.OfMaps);

    /// <summary>Whether weights give some to a part that asks for the networks' maps.</summary>
    public static bool AskForMaps(IReadOnlyDictionary<string, double> weights)
        => LossTerm.All.Any(t => t.OfMaps && weights.GetValueOrDefault(t.Name) != 0);

    /// <summary>The names of the parts, in the order of <see cref="Of"/>'s values.</summary>
    public IReadOnlyList<string> Names => [.. _parts.Select(p => p.Term.Name)];

    /// <summary>The sum, to go backward from, and the value of each part without its weight: (parts).</summary>
    public (Tensor Sum, Tensor Parts) Of(EmbeddingBatch batch)
    {
        Tensor[] values = [.. _parts.Select(p => p.Term.Of(batch))];
        var sum = values[0] * _parts[0].Weight;
        for (var i = 1; i < values.Length; i++) sum = sum + values[i] * _parts[i].Weight;
        return (sum, stack(values).detach());
    }
}
