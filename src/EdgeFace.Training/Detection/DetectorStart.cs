using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Detection;

/// <summary>What the parameters of a detector's network are before training.</summary>
static class DetectorStart
{
    // Few cells are of faces.
    const double ScoreLogit = -4;

    /// <summary>Weights from a normal distribution of deviation sqrt(2 / inputs of an output), as ReLU asks; biases 0, of scores -4.</summary>
    public static void Fresh(ParameterBank bank, int seed)
    {
        using var generator = new Generator((ulong)seed);
        bank.Set((name, part) =>
        {
            if (part.dim() == 4) part.copy_(randn(part.shape, generator: generator) * Math.Sqrt(2.0 / part[0].numel()));
            else part.zero_();
            if (name.StartsWith("out", StringComparison.Ordinal) && part.dim() == 1) part[0] = ScoreLogit;
        });
    }

    /// <summary>The weights of a model of the same network.</summary>
    /// <exception cref="ModelFormatException">A parameter is missing, of another shape or not finite.</exception>
    public static void From(ModelFile model, ParameterBank bank)
        => bank.Set((name, part) => part.copy_(tensor(model.Read(name, [.. bank.Info(name).Shape]), part.shape)));
}
