using EdgeFace.Models;
using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>The fit of a head against what least squares and reduced-rank regression are known to give.</summary>
public sealed class HeadFitTests
{
    const int Images = 700;

    [Fact]
    public void A_plain_head_is_found_again_from_its_own_answers()
    {
        using var scope = NewDisposeScope();
        using var bank = new ParameterBank(EdgeFaceVariants.Xxs.WithGamma(0.3).WithPlainHead());
        var (features, answers, weight, bias) = Linear(bank);
        Fit(bank, features, answers);
        Assert.Equal(0, (bank.Part(bank.Values, "head.fc.weight") - weight).abs().max().ToDouble(), 1e-3);
        Assert.Equal(0, (bank.Part(bank.Values, "head.fc.bias") - bias).abs().max().ToDouble(), 1e-3);
    }

    [Fact]
    public void A_head_of_low_rank_loses_the_smallest_singular_values_of_the_answers()
    {
        using var scope = NewDisposeScope();
        using var bank = new ParameterBank(EdgeFaceVariants.Xxs.WithGamma(0.3));
        var (features, answers, _, _) = Linear(bank);
        Fit(bank, features, answers);
        Tensor first = bank.Part(bank.Values, "head.fc.linear1.weight"), second = bank.Part(bank.Values, "head.fc.linear2.weight");
        var given = features.mm(first.t()).mm(second.t()) + bank.Part(bank.Values, "head.fc.linear2.bias");
        var (_, s, _) = linalg.svd((answers - answers.mean([0], keepdim: true)).to(ScalarType.Float64), fullMatrices: false);
        var rank = first.shape[0];
        Assert.Equal(50, rank);
        var lost = s.narrow(0, rank, s.shape[0] - rank).square().sum().sqrt().ToDouble();
        Assert.Equal(lost, (answers - given).norm().ToDouble(), 1e-3 * lost);
    }

    static void Fit(ParameterBank bank, Tensor features, Tensor answers)
    {
        using var fit = new HeadFit(bank);
        // In parts, as batches come.
        fit.Add(features.narrow(0, 0, 300), answers.narrow(0, 0, 300));
        fit.Add(features.narrow(0, 300, Images - 300), answers.narrow(0, 300, Images - 300));
        fit.Apply();
    }

    static (Tensor Features, Tensor Answers, Tensor Weight, Tensor Bias) Linear(ParameterBank bank)
    {
        manual_seed(21);
        var width = bank.Config.Dims[^1];
        Tensor features = randn([Images, width]) + 0.3, weight = randn([EdgeFaceConfig.EmbeddingSize, width]),
            bias = randn(EdgeFaceConfig.EmbeddingSize);
        return (features, features.mm(weight.t()) + bias, weight, bias);
    }
}
