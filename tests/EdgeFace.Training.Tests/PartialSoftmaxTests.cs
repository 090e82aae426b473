using EdgeFace.Tests.Support;
using EdgeFace.Training.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>The softmax over a share of people against the whole one, computed plainly in double precision.</summary>
public sealed class PartialSoftmaxTests : IDisposable
{
    const int People = 40;
    static readonly int[] Batch = [7, 3, 7, 39, 0, 21];

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    PartialSoftmax Open(double rate)
    {
        ClassCentres.Create(_folder["centres"], People, seed: 5);
        return new(new(_folder["centres"], People), new HeadRecipe { SampleRate = rate, Scale = 16 }, seed: 3);
    }

    [Fact]
    public void Of_images_without_a_person_nothing_is_asked()
    {
        using var scope = NewDisposeScope();
        using var softmax = Open(1);
        using var generator = new Generator(19);
        var raw = randn([8, 512], generator: generator);
        int[] people = [7, -1, 3, 39, -1, -1, -1, 21], known = [.. Enumerable.Range(0, 8).Where(i => people[i] >= 0)];
        softmax.Draw([.. known.Select(i => people[i])], 1);
        var whole = softmax.Of(raw.index_select(0, tensor(known.Select(i => (long)i).ToArray())), 0, softmax.Directions);

        softmax.Draw(people, 1);
        float loss = 0, right = 0;
        var gradients = zeros(1);
        // The third of four parts has nobody.
        for (var part = 0; part < 4; part++)
        {
            var leaf = raw.narrow(0, 2 * part, 2).detach().requires_grad_();
            var directions = softmax.Directions.detach().requires_grad_();
            var (l, r) = softmax.Of(leaf, 2 * part, directions);
            l.backward();
            (loss, right) = (loss + l.ToSingle() / 4, right + r.ToSingle() / 4);
            gradients = gradients + directions.grad!.abs().sum();
            for (var i = 0; i < 2; i++)
                Assert.Equal(people[2 * part + i] >= 0, leaf.grad![i].abs().sum().ToSingle() > 0);
        }
        Assert.Equal(whole.Loss.ToSingle(), loss, 1e-4);
        Assert.Equal(whole.Right.ToSingle(), right, 1e-6);
        Assert.True(gradients.ToSingle() > 0);

        softmax.Step(1, 1e-3, 0, [10, 1e9f, 10, 10, 1e9f, 1e9f, 1e9f, 10]);
        Assert.True(softmax.Norms.Mean < 20, "lengths of images without a person are not remembered");
    }

    static Tensor All(PartialSoftmax softmax, int table) => softmax.All.Take(table, [.. Enumerable.Range(0, People)]).to(ScalarType.Float64);

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.3)]
    public void Loss_gradients_and_steps_are_those_of_the_plain_softmax_over_those_drawn(double rate)
    {
        using var scope = NewDisposeScope();
        using var softmax = Open(rate);
        using var generator = new Generator(19);
        var centres = All(softmax, 0);
        Tensor first = zeros_like(centres), second = zeros_like(centres);
        for (var step = 1; step <= 3; step++)
        {
            var raw = randn([Batch.Length, 512], generator: generator).requires_grad_();
            softmax.Draw(Batch, step);
            var leaf = softmax.Directions.detach().requires_grad_();
            var (loss, right) = softmax.Of(raw, 0, leaf);
            loss.backward();
            softmax.Gradients.add_(leaf.grad!);

            int[] drawn = [.. softmax.Drawn];
            if (rate == 1) Assert.Equal(Enumerable.Range(0, People), drawn);
            var rows = tensor(drawn.Select(d => (long)d).ToArray());
            Tensor plainRaw = raw.detach().to(ScalarType.Float64).requires_grad_(), plainCentres = centres.index_select(0, rows).requires_grad_();
            var cosines = (plainRaw / plainRaw.norm(1, true)).mm((plainCentres / plainCentres.norm(1, true)).t());
            double expected = 0, rightly = 0;
            var harder = zeros_like(cosines);
            for (var i = 0; i < Batch.Length; i++)
            {
                var own = Array.IndexOf(drawn, Batch[i]);
                harder[i, own] = 0.4;
                double[] c = [.. cosines[i].detach().data<double>()];
                if (c.Max() == c[own]) rightly += 1.0 / Batch.Length;
                c[own] -= 0.4;
                expected += (Math.Log(c.Sum(x => Math.Exp(16 * x))) - 16 * c[own]) / Batch.Length;
            }
            var ownPlaces = tensor(Batch.Select(b => (long)Array.IndexOf(drawn, b)).ToArray()).unsqueeze(1);
            (-((cosines - harder) * 16).log_softmax(1).gather(1, ownPlaces).mean()).backward();
            Assert.Equal(expected, loss.ToDouble(), 1e-5);
            Assert.Equal(rightly, right.ToDouble(), 1e-6);
            Near(plainRaw.grad!, raw.grad!, 1e-6);
            Near(plainCentres.grad!, softmax.CentreGradients(), 1e-4);

            // By the gradient as it was found: AdamW's quotient makes much of the last digits of small ones.
            var found = softmax.CentreGradients().to(ScalarType.Float64);
            Tensor f = first.index_select(0, rows) * 0.9 + found * 0.1, s = second.index_select(0, rows) * 0.999 + found.square() * 0.001;
            var moved = plainCentres.detach() * (1 - 0.01 * 0.05)
                - 0.01 * (f / (1 - Math.Pow(0.9, step))) / ((s / (1 - Math.Pow(0.999, step))).sqrt() + 1e-8);
            centres = centres.index_copy(0, rows, moved);
            (first, second) = (first.index_copy(0, rows, f), second.index_copy(0, rows, s));
            softmax.Step(step, rate: 0.01, decay: 0.05, new float[Batch.Length]);
            Near(centres, All(softmax, 0), 1e-5);
            centres = All(softmax, 0);
        }

        static void Near(Tensor expected, Tensor found, double most)
            => Assert.InRange((expected - found.to(ScalarType.Float64)).abs().max().ToDouble(), 0, most);
    }

    [Fact]
    public void A_draw_has_the_people_of_the_batch_and_as_many_as_the_rate_says_the_same_in_each_run()
    {
        using var softmax = Open(0.3);
        var counts = new int[People];
        var draws = new List<string>();
        for (var step = 0; step < 400; step++)
        {
            softmax.Draw(Batch, step);
            Assert.Equal(12, softmax.Drawn.Count);
            Assert.Equal(softmax.Drawn.Distinct().Order(), softmax.Drawn);
            Assert.Subset(softmax.Drawn.ToHashSet(), Batch.ToHashSet());
            foreach (var person in softmax.Drawn) counts[person]++;
            draws.Add(string.Join(' ', softmax.Drawn));
        }
        // Seven of the 35 others each time: 80 of 400, give or take four deviations.
        for (var p = 0; p < People; p++) Assert.InRange(counts[p], Batch.Contains(p) ? 400 : 48, Batch.Contains(p) ? 400 : 112);
        Assert.True(draws.Distinct().Count() > 390);
        softmax.Draw(Batch, 17);
        Assert.Equal(draws[17], string.Join(' ', softmax.Drawn));
    }

    [Theory]
    [InlineData(0.3, 12)]
    [InlineData(0.32, 12)]
    [InlineData(0.324, 12)]
    [InlineData(1, 40)]
    public void No_more_are_drawn_than_the_rate_says(double rate, int drawn)
    {
        using var softmax = Open(rate);
        softmax.Draw(Batch, 1);
        Assert.Equal(drawn, softmax.Drawn.Count);
    }

    [Fact]
    public void A_batch_of_more_people_than_the_rate_allows_has_all_of_them()
    {
        using var softmax = Open(0.01);
        softmax.Draw(Batch, 1);
        Assert.Equal(Batch.Distinct().Order(), softmax.Drawn);
    }

    [Fact]
    public void Centres_that_take_no_part_stay_as_they_are_and_a_copy_has_all()
    {
        using var scope = NewDisposeScope();
        using var softmax = Open(0.3);
        var before = All(softmax, 0);
        softmax.Draw(Batch, 2);
        softmax.Gradients.add_(randn_like(softmax.Gradients));
        softmax.Step(1, rate: 0.01, decay: 0.05, new float[Batch.Length]);
        var moved = (All(softmax, 0) - before).abs().amax([1]);
        for (var p = 0; p < People; p++) Assert.Equal(softmax.Drawn.Contains(p), moved[p].ToDouble() > 0);
        Assert.InRange(before.std().ToDouble(), 0.0097, 0.0103);
        softmax.All.Save(_folder["copy"]);
        Assert.Equal(File.ReadAllBytes(_folder["centres"]), File.ReadAllBytes(_folder["copy"]));
    }

    [Fact]
    public void A_file_of_other_people_is_refused()
    {
        ClassCentres.Create(_folder["centres"], People, seed: 5);
        var refused = Assert.Throws<TrainingException>(() => new ClassCentres(_folder["centres"], People + 1));
        Assert.Contains("41 people", refused.Message, StringComparison.Ordinal);
    }
}
