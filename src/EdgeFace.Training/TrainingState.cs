using System.Text.Json;
using EdgeFace.Training.Heads;
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
    readonly Muon? _muon;
    readonly torch.Tensor _adamGradients;

    /// <param name="head">Tells people apart and moves with the network; null where they are not. Disposed with this state.</param>
    public TrainingState(ParameterBank bank, Recipe recipe, PartialSoftmax? head = null)
    {
        using var scope = NewDisposeScope();
        (Bank, Head) = (bank, head);
        Average = bank.Values.clone().DetachFromDisposeScope();
        if (recipe.Matrices == MatrixOptimiser.Muon) _muon = new(bank, recipe.Products);
        var adams = _muon is null ? bank.Values.numel() : bank.Vectors;
        _adam = new(bank.Values.narrow(0, 0, adams).DetachFromDisposeScope());
        _adamGradients = bank.Gradients.narrow(0, 0, adams).DetachFromDisposeScope();
    }

    public ParameterBank Bank { get; }

    /// <summary>What tells people apart.</summary>
    public PartialSoftmax? Head { get; }

    /// <summary>The weights averaged over the last steps, laid out as the bank: what is validated and exported.</summary>
    public torch.Tensor Average { get; }

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>Views seen.</summary>
    public long Views { get; private set; }

    /// <summary>Time spent training, in seconds, over all sessions.</summary>
    public double Seconds { get; set; }

    /// <summary>One step with the gradients of the bank, which are zero afterwards, and of the head. Gives the length of the bank's before
    /// clipping.</summary>
    /// <param name="norms">Lengths of the raw embeddings of the batch, which a head remembers.</param>
    public double Step(Recipe recipe, IReadOnlyList<float>? norms = null)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var length = Bank.Gradients.norm().ToDouble();
        if (!double.IsFinite(length))
            throw new TrainingException($"the gradient of step {Steps + 1} is not finite; lower the rates, or compute without bfloat16");
        if (recipe.Clip > 0 && length > recipe.Clip) Bank.Gradients.mul_(recipe.Clip / length);
        var share = recipe.Schedule.At(Views);
        _adam.Step(_adamGradients, ++Steps, share * recipe.AdamRate, _muon is null ? recipe.WeightDecay : 0);
        _muon?.Step(share * recipe.MuonRate, recipe.WeightDecay);
        Head?.Step(Steps, share * recipe.AdamRate, _muon is null ? recipe.WeightDecay : 0, norms!);
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

    /// <summary>How far it is, as a checkpoint says it.</summary>
    public CheckpointFacts Facts(Recipe recipe, string data) => new(Steps, Views, Seconds, data, recipe, Head?.Norms);

    /// <summary>Writes a checkpoint; the file appears whole or not at all.</summary>
    public void Save(string path, CheckpointFacts known)
    {
        var facts = JsonSerializer.Serialize(known, RecipeJson.Default.CheckpointFacts);
        SafeTensors.Write(path, Tensors.Select(t => new EdgeFace.Weights.Tensor(t.Name, [(int)t.Values.numel()], t.Values.data<float>().ToArray())),
            new Dictionary<string, string> { [CheckpointFacts.Key] = facts });
    }

    /// <summary>Goes on from a checkpoint, where there is one, and gives what it says.</summary>
    /// <param name="data">What the run is trained on: the checkpoint has to be of the same.</param>
    /// <exception cref="TrainingException">It was trained otherwise than this run is.</exception>
    public CheckpointFacts? Resume(string path, Recipe recipe, string data, Action<string> say)
    {
        if (!File.Exists(path)) return null;
        var facts = Load(path);
        if (facts.Data != data)
            throw new TrainingException($"{path} was trained on other data or by another teacher: {facts.Data}. "
                + $"Now it is: {data}. Choose another --out.");
        if (facts.Recipe.Seed != recipe.Seed || facts.Recipe.Batch != recipe.Batch)
            throw new TrainingException($"{path} was trained with another seed or batch; choose another --out");
        if (facts.Recipe.ToJson() != recipe.ToJson()) say("the recipe was changed since the checkpoint; the run goes on with the new one");
        say($"going on after {Views:N0} views");
        return facts;
    }

    /// <summary>Reads a checkpoint into this state.</summary>
    /// <exception cref="ModelFormatException">It cannot be read, or is one of another network.</exception>
    public CheckpointFacts Load(string path)
    {
        using var grad = no_grad();
        using var file = SafeTensors.Read(path);
        var facts = CheckpointFacts.Of(file)
            ?? throw new ModelFormatException(path, null, "a checkpoint of edgeface-train", "a file that does not say how far it is");
        foreach (var (name, values) in Tensors)
        {
            if (!file.TryGet(name, out var stored) || stored.Count != values.numel())
                throw new ModelFormatException(path, name, $"{values.numel()} values, as {Bank.Network} has",
                    stored is null ? "none" : $"{stored.Count}");
            using var read = tensor(stored.ToFloats());
            values.copy_(read);
        }
        (Steps, Views, Seconds) = (facts.Steps, facts.Views, facts.Seconds);
        if (Head is not null && facts.Norms is not null) Head.Norms = facts.Norms;
        return facts;
    }

    IEnumerable<(string Name, torch.Tensor Values)> Tensors
    {
        get
        {
            (string, torch.Tensor)[] all =
                [("weights", Bank.Values), ("average", Average), ("adam.first", _adam.First), ("adam.second", _adam.Second)];
            return _muon is null ? all : [.. all, ("muon.momentum", _muon.Momentum)];
        }
    }

    public void Dispose()
    {
        _adam.Dispose();
        _muon?.Dispose();
        Head?.Dispose();
        _adamGradients.Dispose();
        Average.Dispose();
    }
}
