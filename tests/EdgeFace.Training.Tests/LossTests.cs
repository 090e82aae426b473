using EdgeFace.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>Losses against their formulas, written out.</summary>
public sealed class LossTests
{
    [Fact]
    public void Sum_and_parts_are_their_formulas()
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        Tensor student = nn.functional.normalize(randn([4, 6], dtype: ScalarType.Float64), dim: 1),
            teacher = nn.functional.normalize(randn([4, 6], dtype: ScalarType.Float64), dim: 1);
        double cosine = 0, similarity = 0;
        for (var i = 0; i < 4; i++)
        {
            cosine += (1 - Dot(student[i], teacher[i])) / 4;
            for (var j = 0; j < 4; j++) similarity += Math.Pow(Dot(student[i], student[j]) - Dot(teacher[i], teacher[j]), 2) / 4;
        }
        var loss = new LossSum(new Dictionary<string, double> { ["similarity"] = 0.3, ["cosine"] = 2 });
        var (sum, parts) = loss.Of(new(student, teacher));
        Assert.Equal(["cosine", "similarity"], loss.Names);
        Assert.Equal(cosine, parts[0].ToDouble(), 1e-12);
        Assert.Equal(similarity, parts[1].ToDouble(), 1e-12);
        Assert.Equal(2 * cosine + 0.3 * similarity, sum.ToDouble(), 1e-12);

        static double Dot(Tensor a, Tensor b) => a.data<double>().Zip(b.data<double>(), (x, y) => x * y).Sum();
    }

    [Fact]
    public void Maps_are_as_far_apart_as_the_teachers_values_are_spread()
    {
        using var scope = NewDisposeScope();
        manual_seed(12);
        List<IReadOnlyList<Tensor>> student = [[Map(), Map()], [Map()]], teacher = [[Map(), Map()], [Map()]];
        double[] distances =
            [Distance(student[0][0], teacher[0][0]), Distance(student[0][1], teacher[0][1]), Distance(student[1][0], teacher[1][0])];
        var loss = new LossSum(new Dictionary<string, double> { ["blocks"] = 2, ["stages"] = 0.5 });
        var (sum, parts) = loss.Of(new(Map(), Map(), new(student, teacher)));
        Assert.Equal(["stages", "blocks"], loss.Names);
        Assert.True(loss.OfMaps);
        Assert.Equal((distances[1] + distances[2]) / 2, parts[0].ToDouble(), 1e-12);
        Assert.Equal(distances.Average(), parts[1].ToDouble(), 1e-12);
        Assert.Equal(0.5 * (distances[1] + distances[2]) / 2 + 2 * distances.Average(), sum.ToDouble(), 1e-12);
        // Where the teacher's map is level, the loss stays finite.
        Assert.True(double.IsFinite(loss.Of(new(Map(), Map(), new(student, [[zeros_like(student[0][0]), Map()], [Map()]]))).Sum.ToDouble()));

        static Tensor Map() => randn([2, 3, 3, 4], dtype: ScalarType.Float64);

        static double Distance(Tensor s, Tensor t)
        {
            double error = 0, spread = 0;
            for (var c = 0; c < 4; c++)
            {
                double[] a = [.. s.select(3, c).flatten().data<double>()], b = [.. t.select(3, c).flatten().data<double>()];
                var mean = b.Average();
                error += a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
                spread += b.Sum(y => (y - mean) * (y - mean));
            }
            return error / spread;
        }
    }

    [Theory]
    [InlineData("stages")]
    [InlineData("blocks")]
    public void Slopes_of_maps_are_those_of_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(14);
        var loss = new LossSum(new Dictionary<string, double> { [name] = 1 });
        Tensor map = randn([2, 2, 2, 3], dtype: ScalarType.Float64).requires_grad_(), target = randn([2, 2, 2, 3], dtype: ScalarType.Float64);
        Tensor Of(Tensor x) => loss.Of(new(x, x, new([[x * 2, x.square()]], [[target, target]]))).Sum;
        Of(map).backward();
        for (var i = 0; i < 24; i++)
        {
            var step = zeros(24, dtype: ScalarType.Float64);
            step[i] = 1e-6;
            var slope = (Of(map.detach() + step.view(2, 2, 2, 3)) - Of(map.detach() - step.view(2, 2, 2, 3))).ToDouble() / 2e-6;
            Assert.Equal(slope, map.grad!.flatten()[i].ToDouble(), 1e-8);
        }
    }

    [Theory]
    [InlineData("cosine")]
    [InlineData("similarity")]
    public void Slopes_are_those_of_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(13);
        var loss = new LossSum(new Dictionary<string, double> { [name] = 1 });
        Tensor raw = randn([3, 5], dtype: ScalarType.Float64).requires_grad_(),
            teacher = nn.functional.normalize(randn([3, 5], dtype: ScalarType.Float64), dim: 1);
        Tensor Of(Tensor x) => loss.Of(new(nn.functional.normalize(x, dim: 1), teacher)).Sum;
        Of(raw).backward();
        for (var i = 0; i < 15; i++)
        {
            var step = zeros(15, dtype: ScalarType.Float64);
            step[i] = 1e-6;
            var slope = (Of(raw.detach() + step.view(3, 5)) - Of(raw.detach() - step.view(3, 5))).ToDouble() / 2e-6;
            Assert.Equal(slope, raw.grad!.flatten()[i].ToDouble(), 1e-8);
        }
    }

    [Fact]
    public void Unknown_parts_and_none_are_refused()
    {
        var unknown = Assert.Throws<RecipeException>(() => new LossSum(new Dictionary<string, double> { ["cosin"] = 1 }));
        Assert.Contains("cosine, similarity", unknown.Message, StringComparison.Ordinal);
        Assert.Throws<RecipeException>(() => new LossSum(new Dictionary<string, double> { ["cosine"] = 0 }));
    }
}
