using EdgeFace.Tests.Support;
using EdgeFace.Training.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>AdaDistill's centres against the formulas of its paper, written out image by image in double precision.</summary>
public sealed class FollowedCentresTests : IDisposable
{
    const int People = 9, Width = 512, Scale = 16;

    // Twice the same person within a part and again in the other one, and nobody known.
    static readonly int[] Batch = [7, 3, 7, 7, 0, -1];

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.6)]
    public void Loss_gradients_and_centres_are_those_of_the_formulas(double rate)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(23);
        ClassCentres.Create(_folder["centres"], People, seed: 5);
        using var softmax = new PartialSoftmax(new(_folder["centres"], People),
            new HeadRecipe { AdaDistill = true, SampleRate = rate, Scale = Scale, Size = 0.35 }, seed: 3);
        Assert.Equal(["adadistill", "right"], softmax.Names);
        var centres = Rows(softmax);
        for (var step = 1; step <= 3; step++)
        {
            var teacher = nn.functional.normalize(randn([Batch.Length, Width], generator: generator), dim: 1);
            // From far from the teacher to near: the weight of an image runs through its whole range.
            var raw = randn([Batch.Length, Width], generator: generator) * 0.2 + teacher * (step * 4 - 6);
            softmax.Draw(Batch, step);
            int[] drawn = [.. softmax.Drawn];
            double loss = 0, expected = 0, right = 0, rightly = 0;
            for (var part = 0; part < 2; part++)
            {
                var leaf = raw.narrow(0, 3 * part, 3).clone().requires_grad_();
                var (l, r) = softmax.Of(leaf, 3 * part, softmax.Directions, teacher.narrow(0, 3 * part, 3));
                l.backward();
                (loss, right) = (loss + l.ToDouble() / 2, right + r.ToDouble() / 2);
                int[] known = [.. Enumerable.Range(3 * part, 3).Where(i => Batch[i] >= 0)];
                double[][] now = [.. centres.Select(c => (double[])c.Clone())];
                foreach (var i in known) Move(now[Batch[i]], Vector(raw[i]), Vector(teacher[i]));
                var plain = leaf.detach().to(ScalarType.Float64).requires_grad_();
                var plainCentres = stack([.. drawn.Select(d => tensor(now[d]))]);
                var cosines = (plain / plain.norm(1, true)).mm((plainCentres / plainCentres.norm(1, true)).t());
                var sum = zeros(1, dtype: ScalarType.Float64);
                foreach (var i in known)
                {
                    var own = Array.IndexOf(drawn, Batch[i]);
                    var logits = cosines[i - 3 * part] * Scale;
                    if (cosines[i - 3 * part].argmax().ToInt64() == own) rightly += 1.0 / 5;
                    logits = logits - nn.functional.one_hot(tensor((long)own), drawn.Length) * (0.35 * Scale);
                    sum = sum - logits.log_softmax(0)[own];
                }
                // Means are over the five images that have a person; two parts count alike.
                (sum / 5 * 2).backward();
                expected += sum.ToDouble() / 5;
                Assert.InRange((plain.grad! - leaf.grad!.to(ScalarType.Float64)).abs().max().ToDouble(), 0, 1e-5);
            }
            Assert.Equal(expected, loss, 1e-4);
            Assert.Equal(rightly, right, 1e-5);

            for (var i = 0; i < Batch.Length; i++)
                if (Batch[i] >= 0) Move(centres[Batch[i]], Vector(raw[i]), Vector(teacher[i]));
            softmax.Step(step, rate: 0.01, decay: 0.05, new float[Batch.Length]);
            var found = Rows(softmax);
            for (var p = 0; p < People; p++)
                for (var k = 0; k < Width; k++) Assert.Equal(centres[p][k], found[p][k], 1e-5);
            // What is stored has the digits of a float.
            centres = found;
        }
    }

    [Fact]
    public void A_network_unlike_its_teacher_learns_images_and_one_alike_learns_people()
    {
        float[] image = new float[Width], centre = new float[Width];
        (image[0], centre[0], centre[1]) = (1, 0.6f, 0.8f);
        using var scope = NewDisposeScope();
        var teacher = tensor(image, [1, Width]);
        var followed = new FollowedCentres(2);
        followed.Set([0], -teacher, teacher);
        followed.Set([1], teacher, teacher);
        float[] unlike = [.. centre], alike = [.. centre];
        followed.Move(unlike, 0);
        followed.Move(alike, 1);
        Assert.Equal(1, unlike[0], 1e-5);
        Assert.Equal(0, unlike[1], 1e-5);
        // 0.6 of the centre stays.
        Assert.Equal(0.6 * 0.6 + 0.4, alike[0], 1e-6);
        Assert.Equal(0.6 * 0.8, alike[1], 1e-6);
    }

    static void Move(double[] centre, double[] raw, double[] teacher)
    {
        var likeness = Math.Clamp(Dot(centre, teacher) / Math.Sqrt(Dot(centre, centre)), 1e-6, 1);
        var alpha = Math.Clamp(Dot(raw, teacher) / Math.Sqrt(Dot(raw, raw)) * likeness, 1e-6, 1);
        for (var i = 0; i < Width; i++) centre[i] = alpha * centre[i] + (1 - alpha) * teacher[i];
    }

    static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    static double[] Vector(Tensor row) => [.. row.to(ScalarType.Float64).data<double>()];

    static double[][] Rows(PartialSoftmax softmax)
        => [.. Enumerable.Range(0, People).Select(p => Vector(softmax.All.Take(0, [p])[0]))];
}
