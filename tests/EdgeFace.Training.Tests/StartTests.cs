using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>Where training starts from.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData(0.6)]
    [InlineData(0.2)]
    public void Factors_of_a_dense_layer_are_the_best_of_their_rank(double gamma)
    {
        using var scope = NewDisposeScope();
        using var dense = Model(EdgeFaceVariants.Xxs);
        using var bank = new ParameterBank(EdgeFaceVariants.Xxs.WithGamma(gamma));
        Start.From(dense.File, bank);
        var layers = bank.Names.Where(n => n.EndsWith(".linear1.weight", StringComparison.Ordinal)).Select(n => n[..^".linear1.weight".Length]);
        foreach (var layer in layers)
        {
            var shape = dense.File.Parameters.Single(p => p.Name == layer + ".weight").Shape;
            var weight = tensor(dense.File.Read(layer + ".weight")).view(shape.Select(d => (long)d).ToArray());
            Tensor first = bank.Part(bank.Values, layer + ".linear1.weight"), second = bank.Part(bank.Values, layer + ".linear2.weight");
            var (_, s, _) = linalg.svd(weight.to(ScalarType.Float64), fullMatrices: false);
            // Eckart and Young: what is lost is the rest of the singular values.
            var lost = s.narrow(0, first.shape[0], s.shape[0] - first.shape[0]).square().sum().sqrt().ToDouble();
            Assert.Equal(lost, (weight - second.mm(first)).norm().ToDouble(), 1e-4 * s[0].ToDouble());
            Assert.Equal(dense.File.Read(layer + ".bias"), bank.Part(bank.Values, layer + ".linear2.bias").data<float>().ToArray());
        }
    }

    [Fact]
    public void Plain_layers_are_the_products_of_factors()
    {
        using var scope = NewDisposeScope();
        using var factored = Model(EdgeFaceVariants.XsGamma06);
        using var bank = new ParameterBank(EdgeFaceVariants.Xs);
        Start.From(factored.File, bank);
        var first = tensor(factored.File.Read("head.fc.linear1.weight")).view(115, 192);
        var second = tensor(factored.File.Read("head.fc.linear2.weight")).view(512, 115);
        Assert.True((bank.Part(bank.Values, "head.fc.weight") - second.mm(first)).abs().max().ToDouble() < 1e-5);
        Assert.Equal(factored.File.Read("head.fc.linear2.bias"), bank.Part(bank.Values, "head.fc.bias").data<float>().ToArray());
    }

    [Fact]
    public void Another_width_is_refused()
    {
        using var small = Model(EdgeFaceVariants.Xxs);
        using var bank = new ParameterBank(EdgeFaceVariants.XsGamma06);
        Assert.Contains("edgeface_xxs", Assert.Throws<ModelFormatException>(() => Start.From(small.File, bank)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fresh_start_is_the_papers()
    {
        using var scope = NewDisposeScope();
        using var bank = new ParameterBank(EdgeFaceVariants.XsGamma06);
        Start.Fresh(bank, seed: 1);
        var weight = bank.Part(bank.Values, "head.fc.linear2.weight");
        Assert.InRange(weight.std().ToDouble(), 0.0165, 0.0185); // of a normal of 0.02 cut at two deviations: 0.0176
        Assert.InRange(weight.abs().max().ToDouble(), 0.035, 0.04);
        Assert.Equal(1e-6f, bank.Part(bank.Values, "stages.0.blocks.0.gamma").min().ToSingle());
        Assert.Equal(1f, bank.Part(bank.Values, "stages.1.blocks.2.xca.temperature").min().ToSingle());
        Assert.Equal(0f, bank.Part(bank.Values, "head.fc.linear2.bias").abs().max().ToSingle());
        Assert.Equal(1f, bank.Part(bank.Values, "head.norm.weight").min().ToSingle());
    }

    static (TempFolder Folder, ModelFile File) Open(EdgeFaceConfig config)
    {
        var folder = new TempFolder();
        FormulaWeights.Write(config, folder["model.safetensors"]);
        return (folder, ModelFile.Open(folder["model.safetensors"]));
    }

    static Opened Model(EdgeFaceConfig config)
    {
        var (folder, file) = Open(config);
        return new(folder, file);
    }

    sealed record Opened(TempFolder Folder, ModelFile File) : IDisposable
    {
        public void Dispose()
        {
            File.Dispose();
            Folder.Dispose();
        }
    }
}
