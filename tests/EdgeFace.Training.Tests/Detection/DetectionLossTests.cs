using EdgeFace.Training.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests.Detection;

/// <summary>The parts of a detector's loss against their formulas in plain loops.</summary>
public sealed class DetectionLossTests
{
    static readonly Dictionary<string, double> Weights = new() { ["score"] = 1, ["boxes"] = 0.5, ["points"] = 2 };

    [Fact]
    public void Cells_cost_what_the_formulas_say()
    {
        const int cells = 7;
        var (x, t) = (Values(cells * 15, -2, 2), Values(cells * 17, 0, 1));
        double score = 0, scores = 0, boxes = 0, boxWeights = 0, points = 0, pointWeights = 0;
        for (var c = 0; c < cells; c++)
        {
            double[] o = x[(15 * c)..(15 * c + 15)], g = t[(17 * c)..(17 * c + 17)];
            double p = 1 / (1 + Math.Exp(-o[0])), box = 0, point = 0;
            score -= 3 * g[0] * Math.Log(p) + (1 - g[0]) * Math.Log(1 - p);
            for (var i = 0; i < 4; i++) box += Math.Abs(o[1 + i] - g[3 + i]) / 4;
            for (var i = 0; i < 10; i++) point += Math.Abs(o[5 + i] - g[7 + i]) / 10;
            (boxes, points) = (boxes + g[1] * box, points + g[2] * point / (Math.Exp(g[3]) + Math.Exp(g[5])));
            (scores, boxWeights, pointWeights) = (scores + g[0], boxWeights + g[1], pointWeights + g[2]);
        }
        Compare([score / (scores + 1), boxes / (boxWeights + 1), points / (pointWeights + 1)], [1, 0.5, 2],
            DetectionLoss.Cells(Weights, 3).Of(tensor(x, [1, cells, 15]), tensor(t, [1, cells, 17])));
    }

    [Fact]
    public void Patches_cost_what_the_formulas_say()
    {
        const int patches = 5;
        var (x, t) = (Values(patches * 11, -2, 2), Values(patches * 12, 0, 1));
        double score = 0, points = 0, weights = 0;
        for (var i = 0; i < patches; i++)
        {
            double[] o = x[(11 * i)..(11 * i + 11)], g = t[(12 * i)..(12 * i + 12)];
            var p = 1 / (1 + Math.Exp(-o[0]));
            score -= g[0] * Math.Log(p) + (1 - g[0]) * Math.Log(1 - p);
            for (var k = 0; k < 10; k++) points += g[1] * Math.Abs(o[1 + k] - g[2 + k]) / 10;
            weights += g[1];
        }
        Compare([score / patches, points / (weights + 1)], [1, 2],
            DetectionLoss.Patches(Weights).Of(tensor(x, [patches, 11]), tensor(t, [patches, 12])));
    }

    static void Compare(double[] parts, double[] weights, (Tensor Sum, Tensor Parts) found)
    {
        using (found.Sum)
        using (found.Parts)
        {
            double[] values = [.. found.Parts.data<double>()];
            for (var i = 0; i < parts.Length; i++) Assert.Equal(parts[i], values[i], 1e-12);
            Assert.Equal(parts.Zip(weights, (p, w) => p * w).Sum(), found.Sum.ToDouble(), 1e-12);
        }
    }

    static double[] Values(int count, double low, double high)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => low + (high - low) * random.NextDouble())];
    }
}
