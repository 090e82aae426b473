using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>LoRaLin is the paper's: rank = max(2, floor(gamma * min(in, out))), and the product of its two matrices.</summary>
public sealed class LoRaLinTests
{
    [Theory]
    [InlineData(64, 256, 0.6, 38)]
    [InlineData(256, 64, 0.6, 38)]
    [InlineData(192, 512, 0.6, 115)]
    [InlineData(100, 300, 0.5, 50)]
    [InlineData(32, 32, 0.05, 2)]
    [InlineData(1, 1, 1, 2)]
    [InlineData(7, 9, 1, 7)]
    public void Rank_is_that_of_the_paper(int inFeatures, int outFeatures, double gamma, int rank)
    {
        using var layer = new LoRaLin(inFeatures, outFeatures, gamma);
        Assert.Equal(rank, layer.Rank);
        Assert.Equal(
            [("linear1.weight", $"[{rank}x{inFeatures}]"), ("linear2.weight", $"[{outFeatures}x{rank}]"), ("linear2.bias", $"[{outFeatures}]")],
            layer.named_parameters().Select(p => (p.name, "[" + string.Join('x', p.parameter.shape) + "]")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Output_is_the_product_of_both_matrices(bool bias)
    {
        using var scope = NewDisposeScope();
        using var layer = new LoRaLin(6, 5, 0.5, bias);
        var parameters = layer.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.Equal(bias ? 3 : 2, parameters.Count);
        var input = rand(4, 6);
        var expected = input.mm(parameters["linear2.weight"].mm(parameters["linear1.weight"]).t());
        if (bias)
        {
            using (no_grad()) parameters["linear2.bias"].fill_(0.25);
            expected = expected + 0.25;
        }
        Assert.True((layer.forward(input) - expected).abs().max().ToDouble() < 1e-6);
    }

    [Theory]
    [InlineData(0, 5, 0.5)]
    [InlineData(5, 0, 0.5)]
    [InlineData(5, 5, 0)]
    [InlineData(5, 5, 1.01)]
    [InlineData(5, 5, double.NaN)]
    public void What_has_no_rank_is_refused(int inFeatures, int outFeatures, double gamma)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new LoRaLin(inFeatures, outFeatures, gamma));
}
