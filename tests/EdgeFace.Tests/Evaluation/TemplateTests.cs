using EdgeFace.Evaluation;

namespace EdgeFace.Tests.Evaluation;

public sealed class TemplateTests
{
    [Fact]
    public void Images_of_a_medium_are_averaged_and_media_added()
    {
        // Template 5: a still (1, 0) of weight 1, and a video of (0, 1) with weight 0.5 and (0, 1) with weight 0.1: (1, 0) + (0, 0.3).
        var pooled = PooledTemplates.Pool([0, 1, 1, 0, 0, 1, 0, 2], 2, [5, 5, 5, 2], [8, 3, 8, 1], [0.5f, 1, 0.1f, 0.25f]);
        Assert.Equal([2, 5], pooled.Ids);
        var length = Math.Sqrt(1 + 0.3 * 0.3);
        Assert.Equal(1 / length, pooled.Embedding(5)[0], 1e-6);
        Assert.Equal(0.3 / length, pooled.Embedding(5)[1], 1e-6);
        Assert.Equal([0f, 1f], pooled.Embedding(2).ToArray());
        Assert.Equal([0f, 1f], pooled.Embeddings.Span[..2].ToArray());
        Assert.True(pooled.Embedding(4).IsEmpty);
        // Without weights the scale of the embeddings counts: (1, 0) + (0, 1).
        Assert.Equal(Math.Sqrt(0.5), PooledTemplates.Pool([0, 1, 1, 0, 0, 1], 2, [5, 5, 5], [8, 3, 8]).Embedding(5)[0], 1e-6);
    }

    [Fact]
    public void Pairs_of_missing_templates_are_failures()
    {
        var pooled = PooledTemplates.Pool([1, 0, 0.6f, 0.8f, 0, 1, 1, 0, -1, 0], 2, [1, 2, 3, 4, 4], [0, 0, 0, 0, 1]);
        Assert.Equal([4], pooled.Empty);
        var scores = pooled.Verify([new(1, 2, true), new(2, 3, false), new(1, 3, false), new(1, 9, true), new(4, 1, false), new(7, 8, false)]);
        Assert.Equal([0.6f], scores.Genuine.ToArray());
        Assert.Equal([0f, 0.8f], scores.Impostor.ToArray());
        Assert.Equal((1L, 2L), (scores.GenuineFailures, scores.ImpostorFailures));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Equal(1, Assert.Throws<EvaluationDataException>(() => PooledTemplates.Pool([1, float.NaN], 1, [1, 1], [1, 1])).Index);
        Assert.Equal(0, Assert.Throws<EvaluationDataException>(() => PooledTemplates.Pool([1, 1], 1, [1, 1], [1, 1], [-1, 1])).Index);
        Assert.Throws<EvaluationDataException>(() => PooledTemplates.Pool([1, 1], 1, [1], [1]));
        Assert.Throws<EvaluationDataException>(() => PooledTemplates.Pool([1, 1], 1, [1, 1], [1]));
        Assert.Throws<EvaluationDataException>(() => PooledTemplates.Pool([1, 1], 1, [1, 1], [1, 1], [1]));
        // Images without weight leave no direction.
        Assert.Equal([1], PooledTemplates.Pool([1, 1], 1, [1, 1], [1, 1], [0, 0]).Empty);
    }

    // Gallery: person 1 at 0 and 90 degrees, person 2 at 60, person 3 at 180.
    static readonly float[] Gallery = [.. new[] { 0, 90, 60, 180 }.SelectMany(At)];
    static readonly int[] KnownPeople = [1, 1, 2, 3];

    static float[] At(int degrees) => [(float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180)];

    [Fact]
    public void Searches_by_hand()
    {
        // Probes: 1 at 85 (best 90), 2 at 85 (second, behind person 1), 3 at 60 (last), a stranger at 30 and one at 60.
        var found = Identification.Search(Gallery, KnownPeople, (float[])[.. new[] { 85, 85, 60, 30, 60 }.SelectMany(At)],
            [1, 2, 3, 4, 5], 2, matedFailures: 1, nonMatedFailures: 2);
        Assert.Equal(3, found.GalleryPeople);
        Assert.Equal([1, 2, 3, null, null], found.Searches.Select(s => s.MateRank));
        double[] tops = [Math.Cos(5 * Math.PI / 180), Math.Cos(5 * Math.PI / 180), 1, Math.Cos(30 * Math.PI / 180), 1];
        Assert.All(found.Searches, s => Assert.Equal(tops[s.Probe], s.TopScore, 1e-6));
        Assert.Equal(Math.Cos(25 * Math.PI / 180), found.Searches[1].MateScore!.Value, 1e-6);
        Assert.Null(found.Searches[3].MateScore);
        // The failed search counts as not found.
        Assert.Equal([new(1, 4), new(2, 4), new(3, 4)], new[] { 1, 2, 3 }.Select(found.FoundWithin));
        Assert.Equal(new(1, 4), found.Fpir(0.9));
        Assert.Equal(new(2, 4), found.Fpir(0.8));
        Assert.Equal(new(3, 4), found.Fnir(0.9));
        Assert.Equal(new(2, 4), found.Fnir(0.9, 2));
        Assert.Equal(new(3, 4), found.Fnir(0.95, 2));
        Assert.Equal(new(4, 4), found.Fnir(0.999, 3));
    }

    [Fact]
    public void A_tie_counts_against_the_mate()
    {
        var found = Identification.Search((float[])[1, 0, 1, 0], [1, 2], (float[])[1, 0], [1], 2);
        Assert.Equal(2, found.Searches[0].MateRank);
    }

    [Fact]
    public void Fnir_at_fpir_agrees_with_counting()
    {
        var random = new Random(4);
        float[] Faces(int n) => [.. Enumerable.Range(0, n).SelectMany(_ => At(random.Next(360)))];
        int[] people = [.. Enumerable.Range(0, 700).Select(_ => random.Next(200))];
        var found = Identification.Search(Faces(100), [.. Enumerable.Range(0, 100)], Faces(700), people, 2, nonMatedFailures: 13);
        var strangers = found.Searches.Where(s => s.MateScore is null).ToArray();
        Assert.Equal(people.Count(p => p >= 100), strangers.Length);
        var at = found.AtFpir(0.2);
        var threshold = at.Threshold.Value!.Value;
        int Positives(double t) => strangers.Count(s => s.TopScore >= t);
        Assert.True(Positives(threshold) <= 0.2 * (strangers.Length + 13));
        Assert.True(Positives(MathF.BitDecrement((float)threshold)) > 0.2 * (strangers.Length + 13));
        Assert.Equal(
            found.Searches.Count(s => s.MateScore is { } m && (m < threshold || s.MateRank > 1)) / (double)(700 - strangers.Length),
            at.Fnir.Value);
        Assert.Contains("rule of 30", found.AtFpir(0.01).Fnir.Unsupported, StringComparison.Ordinal);
        Assert.Throws<EvaluationDataException>(() => found.AtFpir(0));
    }

    [Fact]
    public void Searches_do_not_depend_on_blocks()
    {
        var random = new Random(9);
        float[] Faces(int n) => [.. Enumerable.Range(0, n).SelectMany(_ => At(random.Next(36000) / 100))];
        float[] gallery = Faces(130), probes = Faces(67);
        int[] galleryPeople = [.. Enumerable.Range(0, 130).Select(i => i % 50)], probePeople = [.. Enumerable.Range(0, 67)];
        var all = Identification.Search(gallery, galleryPeople, probes, probePeople, 2);
        for (var p = 0; p < 67; p++)
        {
            var one = Identification.Search(gallery, galleryPeople, probes.AsMemory(2 * p, 2), [probePeople[p]], 2).Searches[0];
            Assert.Equal(one with { Probe = p }, all.Searches[p]);
            var scores = Enumerable.Range(0, 130)
                .Select(g => (double)gallery[2 * g] * probes[2 * p] + (double)gallery[2 * g + 1] * probes[2 * p + 1]);
            Assert.Equal(scores.Max(), one.TopScore, 1e-6);
        }
    }

    [Fact]
    public void Bad_galleries_are_refused()
    {
        Assert.Throws<EvaluationDataException>(() => Identification.Search(default, [], (float[])[1, 0], [1], 2));
        Assert.Equal(0, Assert.Throws<EvaluationDataException>(() => Identification.Search((float[])[2, 0], [1], (float[])[1, 0], [1], 2)).Index);
        Assert.Throws<EvaluationDataException>(() => Identification.Search((float[])[1, 0], [1], (float[])[1, 0], [1, 2], 2));
    }
}
