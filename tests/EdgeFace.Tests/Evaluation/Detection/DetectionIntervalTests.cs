using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation.Detection;

/// <summary>Figures and intervals against slow ones, written from the definitions, on random pictures.</summary>
public sealed class DetectionIntervalTests
{
    static readonly DetectionOptions Options = new() { FalsePositiveRates = [0.2, 0.5], Scores = [0.5], SizeBounds = [40] };

    static FaceBox Place(int number, int size) => new(100 * number, 0, 100 * number + size, size);

    static DetectionPicture[] Random(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            AnnotatedFace[] faces = [.. Enumerable.Range(0, random.Next(4)).Select(f => new AnnotatedFace(Place(f, random.Next(2) == 0 ? 30 : 50)))];
            // Few different scores, so that many are equal.
            DetectedFace[] found = [.. faces.Where(_ => random.Next(3) > 0).Select(f => new DetectedFace(f.Box!.Value, random.Next(3, 10) / 10f)),
                .. Enumerable.Range(0, random.Next(3)).Select(i => new DetectedFace(Place(10 + i, random.Next(2) == 0 ? 30 : 50),
                    random.Next(1, 9) / 10f))];
            return new DetectionPicture(faces, found);
        })];
    }

    sealed record Item(float Score, bool IsFace, bool IsSmall);

    /// <summary>All detections of so many copies of each picture; faces and detections stand at the same places or share nothing.</summary>
    static List<Item> Items(DetectionPicture[] pictures, int[] weights)
        => [.. pictures.SelectMany((p, i) => Enumerable.Repeat(p, weights[i]))
            .SelectMany(p => p.Detected.Select(d => new Item(d.Score, p.Annotated.Any(a => a.Box == d.Box), d.Box.Width < 40)))];

    static int Faces(DetectionPicture[] pictures, int[] weights, bool smallOnly)
        => pictures.Select((p, i) => weights[i] * p.Annotated.Count(a => !smallOnly || a.Box!.Value.Width < 40)).Sum();

    static double AveragePrecision(DetectionPicture[] pictures, int[] weights, bool smallOnly)
    {
        var items = Items(pictures, weights).Where(i => !smallOnly || i.IsSmall).ToList();
        double faces = Faces(pictures, weights, smallOnly), area = 0, before = 0;
        var curve = items.Select(i => i.Score).Distinct().OrderDescending()
            .Select(s => (Right: items.Count(i => i.IsFace && i.Score >= s), All: items.Count(i => i.Score >= s))).ToList();
        foreach (var (right, _) in curve)
        {
            area += (right - before) / faces * curve.Where(c => c.Right >= right).Max(c => (double)c.Right / c.All);
            before = right;
        }
        return faces == 0 ? double.NaN : area;
    }

    static double Recall(DetectionPicture[] pictures, int[] weights, double rate)
    {
        var items = Items(pictures, weights);
        double best = 0;
        foreach (var s in items.Select(i => i.Score).Distinct())
            if (items.Count(i => !i.IsFace && i.Score >= s) <= rate * weights.Sum() + 1e-9)
                best = Math.Max(best, items.Count(i => i.IsFace && i.Score >= s));
        return best / Faces(pictures, weights, smallOnly: false);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Values_and_intervals_are_those_of_copies_of_pictures(int seed)
    {
        var pictures = Random(seed, 25);
        var bootstrap = new PersonBootstrap(replicates: 200, seed: (ulong)seed);
        var result = DetectionProtocol.Evaluate(pictures, Options, bootstrap);
        int[] once = [.. Enumerable.Repeat(1, pictures.Length)];
        foreach (var (found, slow) in ((Estimate, Func<int[], double>)[])
        [
            (result.All.AveragePrecision, w => AveragePrecision(pictures, w, smallOnly: false)),
            (result.Sizes[0].AveragePrecision, w => AveragePrecision(pictures, w, smallOnly: true)),
            (result.All.RecallAtRates[0], w => Recall(pictures, w, 0.2)),
            (result.All.RecallAtRates[1], w => Recall(pictures, w, 0.5)),
            (result.Scores[0].Precision, w => Items(pictures, w).Where(i => i.Score >= 0.5f).Average(i => i.IsFace ? 1.0 : 0)),
            (result.Scores[0].FalsePositivesPerPicture, w => Items(pictures, w).Count(i => i.Score >= 0.5f && !i.IsFace) / (double)w.Sum()),
        ])
        {
            Assert.Equal(slow(once), found.Value!.Value, 12);
            var expected = bootstrap.Interval(pictures.Length, slow)!.Value;
            Assert.Equal(expected.Low, found.Interval!.Value.Low, 12);
            Assert.Equal(expected.High, found.Interval.Value.High, 12);
            Assert.True(expected.Low < expected.High);
        }
    }

    [Fact]
    public void The_order_of_pictures_and_of_their_detections_changes_no_figure()
    {
        var pictures = Random(7, 40);
        var random = new Random(8);
        DetectionPicture[] shuffled = [.. pictures.OrderBy(_ => random.Next())
            .Select(p => p with { Detected = [.. p.Detected.OrderBy(_ => random.Next())] })];
        DetectionResult a = DetectionProtocol.Evaluate(pictures, Options), b = DetectionProtocol.Evaluate(shuffled, Options);
        Assert.Equal(a.All.AveragePrecision.Value!.Value, b.All.AveragePrecision.Value!.Value, 12);
        Assert.Equal(a.All.RecallAtRates.Select(r => r.Value), b.All.RecallAtRates.Select(r => r.Value));
        Assert.Equal(a.Curve, b.Curve);
        // The same seed, the same pictures: the same interval.
        Assert.Equal(a.All.AveragePrecision.Interval, DetectionProtocol.Evaluate(pictures, Options).All.AveragePrecision.Interval);
    }
}
