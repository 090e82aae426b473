using EdgeFace.Training.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>Margins against the formulas of their papers, written out over angles in double precision.</summary>
public sealed class MarginTests
{
    static readonly NormStatistics Lengths = new(Mean: 12, Deviation: 3);

    // Lengths below, at and above the mean, beyond the bounds of z, and beyond those of lengths.
    static readonly double[] Norms = [11, 12, 15, 1, 40, 500, 13.5];

    public static TheoryData<string, double> Margins
        => new(from margin in Enum.GetNames<Margin>() from size in new[] { 0.4, 0.5, 0 } select (margin, size));

    [Theory, MemberData(nameof(Margins))]
    public void Logits_are_the_papers(string margin, double size)
    {
        using var scope = NewDisposeScope();
        HeadRecipe head = new() { Margin = Enum.Parse<Margin>(margin), Size = size, Scale = 30, Concentration = 0.25 };
        double[,] angles =
        {
            { 0.3, 1.2, 2.9 }, { 1.1, 0.2, 1.5 }, { 2.0, 1.0, 0.7 }, { 1.6, 2.5, 0.9 }, { 0.05, 1.4, 1.9 }, { 1.3, 2.6, 0.4 }, { 2.95, 1.0, 3.1 },
        };
        long[] own = [0, 1, 2, 1, 0, 2, 0];
        var logits = MarginLogits.Of(head, tensor(angles).cos(), tensor(own), tensor(Norms), Lengths);
        for (var i = 0; i < own.Length; i++)
            for (var j = 0; j < 3; j++)
            {
                var a = angles[i, j];
                var expected = 30 * (j != own[i] ? Math.Cos(a) : head.Margin switch
                {
                    Margin.CosFace => Math.Cos(a) - size,
                    // Beyond pi the margin is taken from the cosine.
                    Margin.ArcFace => a + size < Math.PI ? Math.Cos(a + size) : Math.Cos(a) - size * Math.Sin(size),
                    _ => Adaptive(a, size, Norms[i]),
                });
                Assert.Equal(expected, logits[i, j].ToDouble(), 1e-10);
            }

        static double Adaptive(double angle, double m, double norm)
        {
            var z = Math.Clamp((Math.Clamp(norm, 1e-3, 100) - 12) / (3 + 1e-3) * 0.25, -1, 1);
            return Math.Cos(Math.Clamp(angle - m * z, 1e-3, Math.PI - 1e-3)) - (m * z + m);
        }
    }

    [Theory, MemberData(nameof(Margins))]
    public void Slopes_are_those_of_finite_differences(string margin, double size)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(17);
        HeadRecipe head = new() { Margin = Enum.Parse<Margin>(margin), Size = size, Scale = 8, Concentration = 0.25 };
        var own = tensor(new long[] { 0, 2, 1, 3 });
        // Lengths are given, because no gradient goes through them.
        Tensor norms = tensor(Norms[..4]),
            raw = randn([4, 6], dtype: ScalarType.Float64, generator: generator).requires_grad_(),
            centres = randn([5, 6], dtype: ScalarType.Float64, generator: generator).requires_grad_();
        Tensor Loss(Tensor x, Tensor c)
        {
            var cosines = nn.functional.normalize(x, dim: 1).mm(nn.functional.normalize(c, dim: 1).t());
            return nn.functional.cross_entropy(MarginLogits.Of(head, cosines, own, norms, Lengths), own);
        }
        Loss(raw, centres).backward();
        Assert.True(raw.grad!.norm().ToDouble() > 1e-3);
        for (var i = 0; i < 24; i++) Assert.Equal(Slope(raw, i, x => Loss(x, centres.detach())), raw.grad!.flatten()[i].ToDouble(), 1e-7);
        for (var i = 0; i < 30; i++) Assert.Equal(Slope(centres, i, c => Loss(raw.detach(), c)), centres.grad!.flatten()[i].ToDouble(), 1e-7);

        static double Slope(Tensor at, int i, Func<Tensor, Tensor> of)
        {
            var step = zeros(at.numel(), dtype: ScalarType.Float64);
            step[i] = 1e-6;
            return (of(at.detach() + step.view(at.shape)) - of(at.detach() - step.view(at.shape))).ToDouble() / 2e-6;
        }
    }

    [Theory]
    [InlineData("CosFace")]
    [InlineData("ArcFace")]
    [InlineData("AdaFace")]
    public void Slopes_are_finite_where_embedding_and_centre_are_one(string margin)
    {
        using var scope = NewDisposeScope();
        var cosines = tensor(new float[,] { { 1, 0 }, { -1, 0 }, { 1.0000001f, 0 } }).requires_grad_();
        HeadRecipe head = new() { Margin = Enum.Parse<Margin>(margin) };
        MarginLogits.Of(head, cosines, zeros(3, dtype: ScalarType.Int64), ones(3), Lengths).sum().backward();
        Assert.True(cosines.grad!.isfinite().all().ToBoolean());
    }

    [Fact]
    public void Lengths_are_remembered_as_adafaces_code_does()
    {
        float[] norms = [10, 14, 200, 20];
        double mean = (10 + 14 + 100 + 20) / 4.0,
            deviation = Math.Sqrt((Math.Pow(10 - mean, 2) + Math.Pow(14 - mean, 2) + Math.Pow(100 - mean, 2) + Math.Pow(20 - mean, 2)) / 3);
        var after = new NormStatistics().With(norms);
        Assert.Equal(0.99 * 20 + 0.01 * mean, after.Mean, 1e-12);
        Assert.Equal(0.99 * 100 + 0.01 * deviation, after.Deviation, 1e-12);
    }
}
