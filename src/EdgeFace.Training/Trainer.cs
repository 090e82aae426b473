using EdgeFace.Models;
using EdgeFace.Training.Data;
using EdgeFace.Training.Heads;
using EdgeFace.Training.Losses;
using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training;

/// <summary>Forward and backward passes of a batch of crops, cut into parts, on one thread or several.</summary>
sealed class Trainer : IDisposable
{
    readonly Recipe _recipe;
    readonly LossSum? _loss;
    readonly PartialSoftmax? _head;
    readonly TorchTeacher? _teacher;
    readonly float[] _norms;
    readonly Replicas<EdgeFaceModule> _networks;

    /// <param name="loss">What is learnt from a teacher; null without one.</param>
    /// <param name="head">Tells people apart; null where they are not.</param>
    /// <param name="teacher">A teacher on libtorch; null where batches have the teacher's embeddings.</param>
    public Trainer(ParameterBank bank, Recipe recipe, int threads, LossSum? loss, PartialSoftmax? head, TorchTeacher? teacher = null)
    {
        (_recipe, _loss, _head, _teacher, _norms) = (recipe, loss, head, teacher, new float[recipe.Batch]);
        _networks = new(bank, Math.Min(threads, recipe.Batch / recipe.Part), b => new EdgeFaceModule(b, recipe.Products));
    }

    /// <summary>Names of the loss and its parts, as <see cref="Run"/> gives them.</summary>
    public IReadOnlyList<string> LossNames => ["loss", .. _loss?.Names ?? [], .. _head?.Names ?? []];

    /// <summary>Lengths of the raw embeddings of the last batch.</summary>
    public IReadOnlyList<float> Norms => _norms;

    /// <summary>Adds the gradients of a batch to the bank and the head, and gives the loss and its parts.</summary>
    public float[] Run(Batch batch)
    {
        var found = new Tensor?[_networks.Count];
        _head?.Draw(batch.People, batch.First);
        var losses = _networks.Run(_recipe.Batch / _recipe.Part,
            (network, thread, part, share) => RunPart(network, batch, part, share, ref found[thread]));
        foreach (var gradients in found)
        {
            if (gradients is null) continue;
            _head!.Gradients.add_(gradients);
            gradients.Dispose();
        }
        return losses;
    }

    float[] RunPart(EdgeFaceModule network, Batch batch, int part, double share, ref Tensor? gradients)
    {
        using var scope = NewDisposeScope();
        int images = _recipe.Part, side = FaceEmbedder.CropSize;
        var crops = tensor(batch.Views.AsMemory(part * images * FaceEmbedder.CropBytes, images * FaceEmbedder.CropBytes), [images, side, side, 3]);
        List<IReadOnlyList<Tensor>>? maps = _loss is { OfMaps: true } ? [] : null, teacherMaps = maps is null ? null : [];
        var raw = network.Head(network.Features(crops, maps));
        Tensor? sum = null;
        float[] values = [];
        var teacher = _loss is null && _head is not { FollowsTeacher: true } ? null : _teacher?.Embed(crops, teacherMaps) ?? Given(batch, part);
        if (_loss is not null)
        {
            (sum, var parts) = _loss.Of(new(nn.functional.normalize(raw, dim: 1), teacher!, maps is null ? null : new(maps, teacherMaps!)));
            values = [.. parts.data<float>()];
        }
        if (_head is null)
        {
            (sum! * share).backward();
            return [sum!.ToSingle(), .. values];
        }
        var directions = _head.FollowsTeacher ? _head.Directions : _head.Directions.detach().requires_grad_();
        var (loss, right) = _head.Of(raw, part * images, directions, teacher);
        var weighted = loss * _head.Weight;
        sum = sum is null ? weighted : sum + weighted;
        (sum * share).backward();
        raw.detach().norm(1).data<float>().CopyTo(_norms, part * images);
        if (!_head.FollowsTeacher)
        {
            if (gradients is null) gradients = directions.grad!.clone().DetachFromDisposeScope();
            else gradients.add_(directions.grad!);
        }
        return [sum.ToSingle(), .. values, loss.ToSingle(), right.ToSingle()];
    }

    Tensor Given(Batch batch, int part)
    {
        var images = _recipe.Part;
        var vectors = batch.Teacher.AsMemory(part * images * EdgeFaceConfig.EmbeddingSize, images * EdgeFaceConfig.EmbeddingSize);
        // Copied, because sums depend on how memory is aligned, and libtorch's own always is.
        return tensor(vectors, [images, EdgeFaceConfig.EmbeddingSize]).clone();
    }

    public void Dispose() => _networks.Dispose();
}
