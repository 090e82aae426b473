using EdgeFace.Models;
using EdgeFace.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Network;

/// <summary>What the parameters of a network are before training, and what they are after it.</summary>
static class Start
{
    const double Deviation = 0.02, LayerScale = 1e-6;

    /// <summary>The paper's start: weights from a cut normal distribution, norms and temperatures one, layer scales 1e-6, biases zero.</summary>
    public static void Fresh(ParameterBank bank, int seed)
    {
        using var generator = new Generator((ulong)seed);
        bank.Set((name, part) =>
        {
            if (Ends("bias")) part.zero_();
            else if (Ends("gamma") || Ends("gamma_xca")) part.fill_(LayerScale);
            else if (part.dim() == 1 || Ends("temperature")) part.fill_(1);
            else part.copy_(TruncatedNormal(generator, [.. part.shape]));

            bool Ends(string end) => name.EndsWith(end, StringComparison.Ordinal);
        });
    }

    /// <summary>
    /// The weights of a model of the same dimensions. Where it has a plain layer and the bank has LoRaLin, or a LoRaLin of another rank, the two
    /// factors are the best ones of that rank: the largest singular values, their roots on both sides.
    /// </summary>
    /// <exception cref="ModelFormatException">The model is no EdgeFace network, or one of other dimensions.</exception>
    public static void From(ModelFile model, ParameterBank bank)
    {
        var network = model.RequireNetwork();
        if (!network.Dims.SequenceEqual(bank.Config.Dims) || !network.Depths.SequenceEqual(bank.Config.Depths))
            throw new ModelFormatException(model.Source, null, $"a network of the dimensions of {bank.Config.Name}", network.Name);
        var shapes = model.Parameters.ToDictionary(p => p.Name, p => p.Shape);
        bank.Set((name, part) =>
        {
            if (shapes.TryGetValue(name, out var shape) && shape.SequenceEqual(bank.Info(name).Shape)) part.copy_(Read(name));
            else if (LayerOf(name, ".linear1.weight") is { } first) Factor(first);
            else if (LayerOf(name, ".linear2.weight") is not null) return; // with linear1
            else if (LayerOf(name, ".linear2.bias") is { } biased) part.copy_(Read(biased + ".bias"));
            else if (LayerOf(name, ".bias") is { } plain) part.copy_(Read(plain + ".linear2.bias"));
            else part.copy_(Whole(LayerOf(name, ".weight")!));
        });

        static string? LayerOf(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : null;

        torch.Tensor Read(string name) => tensor(model.Read(name), [.. shapes[name].Select(d => (long)d)]);

        torch.Tensor Whole(string layer)
            => shapes.ContainsKey(layer + ".weight") ? Read(layer + ".weight") : Read(layer + ".linear2.weight").mm(Read(layer + ".linear1.weight"));

        void Factor(string layer)
        {
            torch.Tensor first = bank.Part(bank.Values, layer + ".linear1.weight"), second = bank.Part(bank.Values, layer + ".linear2.weight");
            var (u, s, v) = linalg.svd(Whole(layer).to(ScalarType.Float64), fullMatrices: false);
            var rank = first.shape[0];
            var root = s.narrow(0, 0, rank).sqrt();
            first.copy_(root.unsqueeze(1) * v.narrow(0, 0, rank));
            second.copy_(u.narrow(1, 0, rank) * root);
        }
    }

    /// <summary>Values laid out as a bank, as the tensors of a model file, in state-dict order.</summary>
    public static IReadOnlyList<EdgeFace.Weights.Tensor> Tensors(ParameterBank bank, torch.Tensor values)
    {
        using var scope = NewDisposeScope();
        return [.. bank.Names.Select(n => new EdgeFace.Weights.Tensor(n, [.. bank.Info(n).Shape], Floats(bank.Part(values, n))))];

        static float[] Floats(torch.Tensor part) => part.to(ScalarType.Float32).contiguous().data<float>().ToArray();
    }

    /// <summary>Normal values of deviation 0.02, none beyond two deviations.</summary>
    internal static torch.Tensor TruncatedNormal(Generator? generator, params long[] shape)
    {
        using var scope = NewDisposeScope();
        // The inverse of the distribution function, between its values at -2 and 2.
        var edge = special.erf(tensor(2 / Math.Sqrt(2), dtype: ScalarType.Float64)).ToDouble();
        var uniform = (rand(shape, dtype: ScalarType.Float64, generator: generator) * 2 - 1) * edge;
        return (special.erfinv(uniform) * (Math.Sqrt(2) * Deviation)).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
