using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Detection;

/// <summary>
/// What one of the detector's networks learns: each part is a sum over all cells, or patches, over one and the sum of its weights.
/// </summary>
sealed class DetectionLoss
{
    readonly double[] _weights;
    readonly Func<Tensor, Tensor, Tensor[]> _of;

    DetectionLoss(IReadOnlyList<string> names, IReadOnlyDictionary<string, double> weights, Func<Tensor, Tensor, Tensor[]> of)
        => (Names, _weights, _of) = (names, [.. names.Select(n => weights.GetValueOrDefault(n))], of);

    /// <summary>The parts of stage 1.</summary>
    public static IReadOnlyList<string> OfCells { get; } = ["score", "boxes", "points"];

    /// <summary>The parts of stage 2.</summary>
    public static IReadOnlyList<string> OfPatches { get; } = ["score", "points"];

    /// <summary>The names of the parts.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What is wrong with the weights of a network's parts, or null.</summary>
    public static string? Fault(IReadOnlyDictionary<string, double> weights, IReadOnlyList<string> names)
    {
        foreach (var (name, weight) in weights)
        {
            if (!names.Contains(name)) return $"losses: '{name}' is unknown; there are {string.Join(", ", names)}";
            if (!(weight >= 0 && double.IsFinite(weight)))
                return FormattableString.Invariant($"losses: the weight of {name} is not negative, and finite, not {weight}");
        }
        return weights.Values.Any(w => w > 0) ? null : "losses: none has a weight, so there is nothing to learn";
    }

    /// <summary>
    /// Of cells (windows, cells, 15) and their targets (windows, cells, 17): cross-entropy with the soft score; distances of the boxes' logarithms;
    /// distances of the points, in widths of the box.
    /// </summary>
    /// <param name="faceWeight">What the part of the cross-entropy where a face is counts more.</param>
    public static DetectionLoss Cells(IReadOnlyDictionary<string, double> weights, double faceWeight) => new(OfCells, weights, (cells, targets) =>
    {
        var score = targets.select(2, CellTarget.Score);
        Tensor boxWeight = targets.select(2, CellTarget.BoxWeight), pointsWeight = targets.select(2, CellTarget.PointsWeight);
        var boxes = targets.narrow(2, CellTarget.Box, 4);
        // The width of a box is known wherever points are.
        var width = boxes.select(2, 0).exp() + boxes.select(2, 2).exp();
        var distances = (cells.narrow(2, 1, 4) - boxes).abs().mean([2]);
        var points = (cells.narrow(2, 5, 10) - targets.narrow(2, CellTarget.Points, 10)).abs().mean([2]) / width;
        return [CrossEntropy(cells.select(2, 0), score, faceWeight) / (score.sum() + 1), Mean(distances, boxWeight), Mean(points, pointsWeight)];
    });

    /// <summary>Of outputs (patches, 11) and targets (patches, 12): cross-entropy with the score; distances of the points, as outputs.</summary>
    public static DetectionLoss Patches(IReadOnlyDictionary<string, double> weights) => new(OfPatches, weights, (outputs, targets) =>
    {
        var points = (outputs.narrow(1, 1, 10) - targets.narrow(1, PatchTarget.Points, 10)).abs().mean([1]);
        return
        [
            CrossEntropy(outputs.select(1, 0), targets.select(1, PatchTarget.Score)) / outputs.shape[0],
            Mean(points, targets.select(1, PatchTarget.PointsWeight)),
        ];
    });

    /// <summary>The sum, to go backward from, and the value of each part without its weight: (parts).</summary>
    public (Tensor Sum, Tensor Parts) Of(Tensor outputs, Tensor targets)
    {
        var values = _of(outputs, targets);
        var sum = values[0] * _weights[0];
        for (var i = 1; i < values.Length; i++) sum = sum + values[i] * _weights[i];
        return (sum, stack(values).detach());
    }

    static Tensor CrossEntropy(Tensor logits, Tensor score, double faceWeight = 1)
        => (nn.functional.softplus(-logits) * score * faceWeight + nn.functional.softplus(logits) * (1 - score)).sum();

    static Tensor Mean(Tensor values, Tensor weights) => (values * weights).sum() / (weights.sum() + 1);
}
