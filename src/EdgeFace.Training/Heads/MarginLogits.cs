using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Heads;

/// <summary>What goes into the softmax.</summary>
static class MarginLogits
{
    // AdaFace's own: angles stay so far from 0 and pi.
    const double AdaptiveEdge = 1e-3;

    // Keeps the slope of an angle finite in float.
    const double Edge = 1e-6;

    /// <param name="cosines">Of each image to each centre: (images, centres).</param>
    /// <param name="own">The place of each image's own centre: (images), whole numbers.</param>
    /// <param name="norms">Lengths of the raw embeddings: (images); no gradient goes through them.</param>
    public static Tensor Of(HeadRecipe head, Tensor cosines, Tensor own, Tensor norms, NormStatistics statistics)
    {
        var place = own.unsqueeze(1);
        var bounded = cosines.clamp(-1, 1);
        var right = bounded.gather(1, place);
        var harder = head.Margin switch
        {
            Margin.CosFace => right - head.Size,
            Margin.ArcFace => Turned(right, head.Size),
            _ => Adaptive(right, head, norms.detach().unsqueeze(1), statistics),
        };
        return bounded.scatter(1, place, harder) * head.Scale;
    }

    static Tensor Turned(Tensor cosine, double margin)
    {
        var inner = cosine.clamp(-1 + Edge, 1 - Edge);
        var turned = inner * Math.Cos(margin) - (1 - inner.square()).sqrt() * Math.Sin(margin);
        // Beyond pi a larger angle would be rewarded: from there the margin is taken from the cosine, as the paper's code does.
        return where(inner > Math.Cos(Math.PI - margin), turned, inner - margin * Math.Sin(margin));
    }

    static Tensor Adaptive(Tensor cosine, HeadRecipe head, Tensor norms, NormStatistics statistics)
    {
        var bounded = norms.clamp(NormStatistics.Bounded(0), NormStatistics.Bounded(double.MaxValue));
        var z = ((bounded - statistics.Mean) / (statistics.Deviation + AdaptiveEdge) * head.Concentration).clamp(-1, 1);
        var angle = cosine.clamp(-1 + AdaptiveEdge, 1 - AdaptiveEdge).acos();
        return (angle - z * head.Size).clamp(AdaptiveEdge, Math.PI - AdaptiveEdge).cos() - z * head.Size - head.Size;
    }
}
