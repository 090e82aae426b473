using System.Globalization;
using EdgeFace.Evaluation;
using EdgeFace.Models;
using EdgeFace.Vision;

namespace EdgeFace.Tests.Support;

/// <summary>The shared LFW subset: 3000 pairs in 5 folds, their crops, and the reference's protocol.</summary>
sealed class Lfw
{
    readonly (string Fold, bool Same, int A, int B)[] _pairs;
    readonly string[] _files;

    public Lfw()
    {
        var pairs = File.ReadLines(TestData.Shared("lfw/pairs.csv")).Skip(1).Select(l => l.Split(',')).ToArray();
        Assert.Equal(3000, pairs.Length);
        _files = [.. pairs.SelectMany(p => p[2..4]).Distinct()];
        var index = _files.Select((f, i) => (f, i)).ToDictionary(x => x.f, x => x.i);
        _pairs = [.. pairs.Select(p => (p[0], p[1] == "1", index[p[2]], index[p[3]]))];
    }

    /// <summary>The embeddings of all crops by each embedder.</summary>
    public float[][][] Embed(params FaceEmbedder[] embedders)
    {
        var vectors = embedders.Select(_ => new float[_files.Length][]).ToArray();
        Parallel.For(0, _files.Length, i =>
        {
            var crop = ImageCodec.Load(TestData.Shared("lfw/" + _files[i]));
            for (var e = 0; e < embedders.Length; e++) embedders[e].Embed(crop.Pixels, vectors[e][i] = new float[EdgeFaceConfig.EmbeddingSize]);
        });
        return vectors;
    }

    /// <summary>
    /// The protocol of the reference: squared distance, threshold 0 to 4 in steps of 0.01, the best on the other folds, the smallest on ties.
    /// </summary>
    public double Accuracy(float[][] vectors)
    {
        var scored = _pairs.Select(p => (p.Fold, p.Same, Distance: 2 - 2 * Reference.Cosine(vectors[p.A], vectors[p.B]))).ToArray();
        var folds = scored.Select(p => p.Fold).Distinct().ToArray();
        Assert.Equal(5, folds.Length);
        return folds.Average(fold =>
        {
            var others = scored.Where(p => p.Fold != fold).ToArray();
            var best = Enumerable.Range(0, 400).Select(t => t * 0.01).MaxBy(t => others.Count(p => p.Distance < t == p.Same));
            return scored.Where(p => p.Fold == fold).Average(p => p.Distance < best == p.Same ? 1.0 : 0.0);
        });
    }

    /// <summary>The share of the pairs that are decided right at a score.</summary>
    public double AccuracyAt(float[][] vectors, double threshold)
        => _pairs.Average(p => Dot(vectors[p.A], vectors[p.B]) >= threshold == p.Same ? 1.0 : 0.0);

    /// <summary>The library's own computation of that protocol.</summary>
    public PairsResult Protocol(float[][] vectors)
        => PairsProtocol.Run(
            [.. _pairs.Select(p => PairsProtocol.SquaredDistance(vectors[p.A], vectors[p.B]))],
            [.. _pairs.Select(p => p.Same)],
            [.. _pairs.Select(p => int.Parse(p.Fold, CultureInfo.InvariantCulture))]);

    /// <summary>
    /// The share of same pairs below the score that the given share of strangers reaches: all pairs of the first 1500 crops
    /// that show two people.
    /// </summary>
    public double FalseNonMatchRate(float[][] vectors, double falseMatchRate)
    {
        var first = Math.Min(1500, _files.Length);
        var strangers = Enumerable.Range(0, first).AsParallel().SelectMany(i => Enumerable.Range(i + 1, first - i - 1)
            .Where(j => Path.GetDirectoryName(_files[i]) != Path.GetDirectoryName(_files[j])).Select(j => Dot(vectors[i], vectors[j]))).ToArray();
        Array.Sort(strangers);
        var threshold = strangers[^(int)Math.Ceiling(falseMatchRate * strangers.Length)];
        return _pairs.Where(p => p.Same).Average(p => Dot(vectors[p.A], vectors[p.B]) <= threshold ? 1.0 : 0.0);
    }

    static float Dot(float[] a, float[] b)
    {
        var sum = 0f;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
