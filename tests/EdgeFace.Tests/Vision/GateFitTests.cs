using EdgeFace.Models;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Vision;

public sealed class GateFitTests
{
    [Fact]
    public void A_regression_tells_two_kinds_apart_and_gives_the_same_twice()
    {
        var random = new Random(5);
        List<RegressionRow> rows = [.. Enumerable.Range(0, 400).Select(i =>
        {
            double a = random.NextDouble(), b = random.NextDouble();
            return new RegressionRow([1000 * a, b], a + 0.5 * b > 0.75, 1);
        })];
        var (bias, weights) = LogisticRegression.Fit(rows);
        Assert.True(weights[0] > 0 && weights[1] > 0 && bias < 0);
        Assert.InRange(weights[1] / (1000 * weights[0]), 0.4, 0.6);
        Assert.InRange(rows.Count(r => r.Fine == bias + weights[0] * r.Values[0] + weights[1] * r.Values[1] > 0), 380, 400);
        var again = LogisticRegression.Fit(rows);
        Assert.Equal(bias, again.Bias);
        Assert.Equal(weights, again.Weights);
    }

    [Fact]
    public void The_ratio_counts_pairs_against_the_set_as_it_was()
    {
        // As they were, 150 of 4,950 pairs reach the threshold, and changed, all of them do.
        GateExample[] faces = [.. Enumerable.Range(0, 100).Select(i => Face(i / 4))];
        GateExamples[] changes =
        [
            new("set", "as it is", null, false, faces),
            new("set", "spoilt", "blurred", false, [.. faces.Select(_ => Face(0))]),
        ];
        GateExamples.Compare(changes, 0.9f);
        Assert.Equal(1, changes[0].Ratio);
        Assert.Equal(33, changes[1].Ratio, 1e-9);
        Assert.Equal((true, false, true, false), (changes[0].IsFine, changes[0].IsRisky, changes[1].IsRisky, changes[1].IsFine));
        Assert.Equal((true, 1.0), changes[0].Label(faces[0], 0.9f));
        Assert.Equal((false, Math.Log(33)), changes[1].Label(faces[0], 0.9f));
        Assert.Equal((Half)1, changes[1].Centre()[0]);
    }

    [Fact]
    public void People_who_are_all_unlike_are_no_measure()
        => Assert.Contains("more people", Assert.Throws<GateFitException>(
            () => GateExamples.Compare([new("set", "as it is", null, false, [.. Enumerable.Range(0, 50).Select(i => Face(i))])], 0.5f)).Message);

    [Fact]
    public void Where_nothing_spoils_faces_there_is_no_gate()
    {
        GateExample[] faces = [.. Enumerable.Range(0, 40).Select(i => Face(i / 4))];
        GateExamples[] changes = [new("set", "as it is", null, false, faces), new("set", "the same", "blurred", false, faces)];
        GateExamples.Compare(changes, 0.5f);
        Assert.Contains("no use for a gate", Assert.Throws<GateFitException>(() => GateFit.Of(changes, 0.5f, (changes[0], 0.01))).Message);
    }

    [Fact]
    public void A_card_holds_the_centres_of_what_spoils_faces_most()
    {
        GateExample[] faces = [.. Enumerable.Range(0, 40).Select(i => Face(i / 4))];
        GateExamples[] changes = [new("set", "as it is", null, false, faces) { Ratio = 1 },
            .. Enumerable.Range(0, 40).Select(i => new GateExamples("set", "spoilt", $"way {i}", false,
                [.. faces.Select(_ => Face(100 + i) with { Own = 0 })])
            {
                Ratio = 10 + i,
            })];
        var gate = GateFit.Of(changes, 0.5f, (changes[0], 0.01));
        Assert.Equal([.. Enumerable.Range(8, 32).Select(i => $"way {i}")], gate.Kinds);
        Assert.All(faces, f => Assert.True(gate.Accepts(f)));
        Assert.All(changes.Skip(9), c => Assert.False(gate.Accepts(c.Faces[0])));
        Assert.Null(gate.ToModelGate("a test").Fault());
    }

    static GateExample Face(int direction)
    {
        var vector = new float[EdgeFaceConfig.EmbeddingSize];
        vector[direction] = 1;
        return new(vector, default, 1);
    }
}
