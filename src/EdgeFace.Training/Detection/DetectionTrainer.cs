using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Detection;

/// <summary>Forward and backward passes of a batch of windows or patches, cut into parts, on one thread or several.</summary>
sealed class DetectionTrainer : IDisposable
{
    readonly Recipe _recipe;
    readonly DetectionLoss _loss;
    readonly int _side, _targets;
    readonly long[] _shape;
    readonly Replicas<nn.Module<Tensor, Tensor>> _networks;

    /// <param name="views">What is seen: the shape of views and targets.</param>
    public DetectionTrainer(ParameterBank bank, Recipe recipe, int threads, IDetectionViews views)
    {
        (_recipe, _side, _targets) = (recipe, views.Side, views.TargetValues);
        var isDetector = recipe.Network == DetectorLayers.Detector;
        _loss = isDetector ? DetectionLoss.Cells(recipe.Losses, recipe.Detection!.FaceWeight) : DetectionLoss.Patches(recipe.Losses);
        _shape = isDetector ? [recipe.Part, _targets / CellTarget.Values, CellTarget.Values] : [recipe.Part, _targets];
        _networks = new(bank, Math.Min(threads, recipe.Batch / recipe.Part), b => isDetector ? new DetectorModule(b) : new RefinerModule(b));
    }

    /// <summary>Names of the loss and its parts, as <see cref="Run"/> gives them.</summary>
    public IReadOnlyList<string> LossNames => ["loss", .. _loss.Names];

    /// <summary>Adds the gradients of a batch to the bank, and gives the loss and its parts.</summary>
    public float[] Run(DetectionBatch batch) => _networks.Run(_recipe.Batch / _recipe.Part, (network, _, part, share) =>
    {
        using var scope = NewDisposeScope();
        var images = _recipe.Part;
        // Copied, because sums depend on how memory is aligned, and libtorch's own always is.
        var targets = tensor(batch.Targets.AsMemory(part * images * _targets, images * _targets), _shape).clone();
        var bytes = images * _side * _side * 3;
        var outputs = network.forward(tensor(batch.Views.AsMemory(part * bytes, bytes), [images, _side, _side, 3]));
        var (sum, parts) = _loss.Of(outputs, targets);
        (sum * share).backward();
        return [sum.ToSingle(), .. parts.data<float>()];
    });

    public void Dispose() => _networks.Dispose();
}
