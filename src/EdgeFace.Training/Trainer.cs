using EdgeFace.Training.Data;
using EdgeFace.Training.Losses;
using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training;

/// <summary>
/// Forward and backward passes of a batch, cut into parts, on one thread or several: each thread has a replica of the network that shares the
/// weights, and
/// the gradients are added in a fixed order. So results are the same, bit for bit, for one number of threads.
/// </summary>
sealed class Trainer : IDisposable
{
    readonly Recipe _recipe;
    readonly LossSum _loss;
    readonly ParameterBank[] _banks;
    readonly EdgeFaceModule[] _networks;

    public Trainer(ParameterBank bank, Recipe recipe, int threads)
    {
        (_recipe, _loss) = (recipe, new(recipe.Losses));
        // Threads are ours, one a replica: libtorch's own would add in another order, and wait for work at full load.
        set_num_threads(1);
        _banks = [bank, .. Enumerable.Range(1, Math.Min(threads, recipe.Batch / recipe.Part) - 1).Select(_ => bank.Replica())];
        _networks = [.. _banks.Select(b => new EdgeFaceModule(b, recipe.Products))];
    }

    /// <summary>Names of the loss and its parts, as <see cref="Run"/> gives them.</summary>
    public IReadOnlyList<string> LossNames => ["loss", .. _loss.Names];

    /// <summary>Adds the gradients of a batch to the bank, and gives the loss and its parts.</summary>
    public float[] Run(DistilBatch batch)
    {
        var parts = _recipe.Batch / _recipe.Part;
        var losses = new float[parts][];
        var others = Enumerable.Range(1, _networks.Length - 1).Select(t => Task.Factory.StartNew(() => RunParts(t), TaskCreationOptions.LongRunning)).ToArray();
        RunParts(0);
        Task.WaitAll(others);
        foreach (var bank in _banks.AsSpan(1))
        {
            _banks[0].Gradients.add_(bank.Gradients);
            bank.Gradients.zero_();
        }
        return [.. Enumerable.Range(0, losses[0].Length).Select(i => losses.Average(l => l[i]))];

        void RunParts(int thread)
        {
            for (var p = thread; p < parts; p += _networks.Length) losses[p] = RunPart(_networks[thread], batch, p, 1.0 / parts);
        }
    }

    float[] RunPart(EdgeFaceModule network, DistilBatch batch, int part, double share)
    {
        using var scope = NewDisposeScope();
        int images = _recipe.Part, side = FaceEmbedder.CropSize;
        var crops = tensor(batch.Views.AsMemory(part * images * FaceEmbedder.CropBytes, images * FaceEmbedder.CropBytes), [images, side, side, 3]);
        // Copied, because sums depend on how memory is aligned, and libtorch's own always is.
        var teacher = tensor(batch.Teacher.AsMemory(part * images * FaceEmbedder.Dimension, images * FaceEmbedder.Dimension), [images, FaceEmbedder.Dimension]).clone();
        var student = nn.functional.normalize(network.forward(crops), dim: 1);
        var (sum, parts) = _loss.Of(new(student, teacher));
        (sum * share).backward();
        return [sum.ToSingle(), .. parts.data<float>()];
    }

    public void Dispose()
    {
        foreach (var network in _networks) network.Dispose();
        foreach (var bank in _banks.AsSpan(1)) bank.Dispose();
    }
}
