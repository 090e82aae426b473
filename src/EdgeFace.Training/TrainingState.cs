using System.Text.Json;
using EdgeFace.Training.Network;
using EdgeFace.Training.Optimisers;
using EdgeFace.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training;

/// <summary>All that changes in a run: weights, their average, the optimisers' moments, and how far it is. A checkpoint holds exactly
/// this.</summary>
sealed class TrainingState : IDisposable
{
    readonly AdamW _adam;
    readonly Muon _muon;
    readonly torch.Tensor _vectorGradients;

    /// <param name="products">The type in which matrices are multiplied; null for the bank's own.</param>
    public TrainingState(ParameterBank bank, ScalarType? products = null)
    {
        using var scope = NewDisposeScope();
        Bank = bank;
        Average = bank.Values.clone().DetachFromDisposeScope();
        _adam = new(bank.Values.narrow(0, 0, bank.Vectors).DetachFromDisposeScope());
        _vectorGradients = bank.Gradients.narrow(0, 0, bank.Vectors).DetachFromDisposeScope();
        _muon = new(bank, products);
    }

    public ParameterBank Bank { get; }

    /// <summary>The weights averaged over the last steps, laid out as the bank: what is validated and exported.</summary>
    public torch.Tensor Average { get; }

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>Views seen.</summary>
    public long Views { get; private set; }

    /// <summary>Time spent training, in seconds, over all sessions.</summary>
    public double Seconds { get; set; }

    /// <summary>One step with the gradients of the bank, which are zero afterwards. Gives their length before clipping.</summary>
    public double Step(Recipe recipe)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var length = Bank.Gradients.norm().ToDouble();
        if (!double.IsFinite(length)) throw new TrainingException($"the gradient of step {Steps + 1} is not finite; lower the rates, or compute without bfloat16");
        if (recipe.Clip > 0 && length > recipe.Clip) Bank.Gradients.mul_(recipe.Clip / length);
        var share = recipe.Schedule.At(Views);
        _adam.Step(_vectorGradients, ++Steps, share * recipe.AdamRate, decay: 0);
        _muon.Step(share * recipe.MuonRate, recipe.WeightDecay);
        Bank.Gradients.zero_();
        Views += recipe.Batch;
        // Early steps are soon forgotten, however long the memory.
        var keep = Math.Min(recipe.AverageViews == 0 ? 0 : Math.Exp(-recipe.Batch / recipe.AverageViews), (1.0 + Steps) / (10 + Steps));
        Average.mul_(keep).add_(Bank.Values, 1 - keep);
        return length;
    }

    /// <summary>Lets the average begin at the weights as they are.</summary>
    public void ResetAverage()
    {
        using var grad = no_grad();
        Average.copy_(Bank.Values);
    }

    /// <summary>Writes a checkpoint; the file appears whole or not at all.</summary>
    public void Save(string path, Recipe recipe, string data)
    {
        var facts = JsonSerializer.Serialize(new CheckpointFacts(Steps, Views, Seconds, data, recipe), RecipeJson.Default.CheckpointFacts);
        SafeTensors.Write(path, Tensors.Select(t => new EdgeFace.Weights.Tensor(t.Name, [(int)t.Values.numel()], t.Values.data<float>().ToArray())),
            new Dictionary<string, string> { [CheckpointFacts.Key] = facts });
    }

    /// <summary>Reads a checkpoint into this state.</summary>
    /// <exception cref="ModelFormatException">It cannot be read, or is one of another network.</exception>
    public CheckpointFacts Load(string path)
    {
        using var grad = no_grad();
        using var file = SafeTensors.Read(path);
        var facts = CheckpointFacts.Of(file) ?? throw new ModelFormatException(path, null, "a checkpoint of edgeface-train", "a file that does not say how far it is");
        foreach (var (name, values) in Tensors)
        {
            if (!file.TryGet(name, out var stored) || stored.Count != values.numel())
                throw new ModelFormatException(path, name, $"{values.numel()} values, as {Bank.Config.Name} has", stored is null ? "none" : $"{stored.Count}");
            using var read = tensor(stored.ToFloats());
            values.copy_(read);
        }
        (Steps, Views, Seconds) = (facts.Steps, facts.Views, facts.Seconds);
        return facts;
    }

    IEnumerable<(string Name, torch.Tensor Values)> Tensors
        => [("weights", Bank.Values), ("average", Average), ("adam.first", _adam.First), ("adam.second", _adam.Second), ("muon.momentum", _muon.Momentum)];

    public void Dispose()
    {
        _adam.Dispose();
        _muon.Dispose();
        _vectorGradients.Dispose();
        Average.Dispose();
    }
}
