using EdgeFace.Models;
using EdgeFace.Training.Network;
using EdgeFace.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>Optimisers and rates against the formulas of their papers, in double precision, written anew.</summary>
public sealed class OptimiserTests
{
    [Fact]
    public void AdamW_is_its_papers()
    {
        using var scope = NewDisposeScope();
        const double rate = 0.01, decay = 0.1, beta1 = 0.9, beta2 = 0.999;
        double[] x = [1, -2, 0.5], m = new double[3], v = new double[3];
        var values = tensor(x, dtype: ScalarType.Float64);
        using var adam = new AdamW(values);
        for (var t = 1; t <= 5; t++)
        {
            double[] g = [0.3 * t, -1.0 / t, x[0]];
            adam.Step(tensor(g, dtype: ScalarType.Float64), t, rate, decay);
            for (var i = 0; i < 3; i++)
            {
                m[i] = beta1 * m[i] + (1 - beta1) * g[i];
                v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
                x[i] -= rate * (m[i] / (1 - Math.Pow(beta1, t)) / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + 1e-8) + decay * x[i]);
            }
        }
        for (var i = 0; i < 3; i++) Assert.Equal(x[i], values[i].ToDouble(), 1e-12);
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(8, 3)]
    [InlineData(5, 5)]
    public void Muon_moves_singular_values_near_one_and_keeps_directions(int rows, int columns)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var matrices = randn([4, rows, columns], dtype: ScalarType.Float64);
        var found = Muon.Orthogonalise(matrices, ScalarType.Float64);
        for (var i = 0; i < 4; i++)
        {
            var (u, s, v) = linalg.svd(matrices[i], fullMatrices: false);
            double[] values = [.. s.data<double>()];
            var length = Math.Sqrt(values.Sum(x => x * x)) + 1e-7;
            double[] expected = [.. values.Select(x => Quintic(x / length))];
            Assert.All(expected.Zip(values), e => Assert.True(e.Second / length < 0.05 || e.First is > 0.6 and < 1.3, $"{e}"));
            Assert.True((found[i] - u.mm(diag(tensor(expected, dtype: ScalarType.Float64))).mm(v)).abs().max().ToDouble() < 1e-6);
        }

        static double Quintic(double x)
        {
            for (var i = 0; i < 5; i++) x = 3.4445 * x - 4.7750 * Math.Pow(x, 3) + 2.0315 * Math.Pow(x, 5);
            return x;
        }
    }

    [Fact]
    public void Muon_steps_along_nesterovs_momentum_and_scales_as_AdamW()
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        using var bank = new ParameterBank(EdgeFaceVariants.Xxs.WithGamma(0.3), ScalarType.Float64);
        bank.Values.copy_(randn(bank.Values.shape, dtype: ScalarType.Float64));
        using var muon = new Muon(bank);
        const double rate = 0.02, decay = 0.5;
        const string name = "stages.1.blocks.0.mlp.fc1.linear2.weight";
        var x = bank.Part(bank.Values, name).clone();
        var vectors = bank.Values.narrow(0, 0, bank.Vectors).clone();
        var momentum = zeros_like(x);
        for (var t = 0; t < 3; t++)
        {
            bank.Gradients.copy_(randn(bank.Values.shape, dtype: ScalarType.Float64));
            var g = bank.Part(bank.Gradients, name);
            momentum = 0.95 * momentum + 0.05 * g;
            var update = Muon.Orthogonalise((0.05 * g + 0.95 * momentum).unsqueeze(0), ScalarType.Float64)[0];
            x = x * (1 - rate * decay) - rate * 0.2 * Math.Sqrt(Math.Max(x.shape[0], x.shape[1])) * update;
            muon.Step(rate, decay);
        }
        Assert.True((x - bank.Part(bank.Values, name)).abs().max().ToDouble() < 1e-6);
        Assert.Equal(0, (vectors - bank.Values.narrow(0, 0, bank.Vectors)).abs().max().ToDouble());
    }

    [Theory]
    [InlineData("Linear", 0, 0.0, 0.00990099)]
    [InlineData("Linear", 99, 0.0, 0.99009901)]
    [InlineData("Linear", 100, 0.0, 1)]
    [InlineData("Linear", 550, 0.0, 0.55)]
    [InlineData("Linear", 1000, 0.0, 0.1)]
    [InlineData("Linear", 5000, 0.0, 0.1)]
    [InlineData("Linear", 400, 0.5, 1)]
    [InlineData("Linear", 750, 0.5, 0.55)]
    [InlineData("Cosine", 550, 0.0, 0.55)]
    [InlineData("Cosine", 325, 0.0, 0.86819805)]
    [InlineData("Polynomial", 550, 0.0, 0.325)]
    public void Rate_rises_holds_and_falls(string decay, long seen, double hold, double expected)
        => Assert.Equal(expected, new LearningRate(1000, 100, Enum.Parse<Decay>(decay), hold, 0.1, 2).At(seen), 1e-8);
}
