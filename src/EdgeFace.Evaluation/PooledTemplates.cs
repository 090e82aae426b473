using System.Collections.Frozen;

namespace EdgeFace.Evaluation;

/// <summary>Two templates to be compared.</summary>
/// <param name="A">Number of the one template.</param>
/// <param name="B">Number of the other.</param>
/// <param name="Same">They are of one person.</param>
public readonly record struct TemplatePair(int A, int B, bool Same);

/// <summary>
/// Templates as IJB-B and IJB-C define them: one embedding for all images and video frames of a person in one situation. Images are
/// weighted, usually by the detector's face score; those of one medium (one video, or one still) are averaged, the media are added, and the
/// sum is scaled to length 1 (InsightFace's <c>image2template_feature</c>).
/// </summary>
public sealed class PooledTemplates
{
    readonly float[] _embeddings;
    readonly FrozenDictionary<int, int> _rows;

    PooledTemplates(float[] embeddings, int[] ids, int[] empty, int dimension)
    {
        (_embeddings, Ids, Empty, Dimension) = (embeddings, ids, empty, dimension);
        _rows = ids.Select((id, row) => (id, row)).ToFrozenDictionary(x => x.id, x => x.row);
    }

    /// <summary>Numbers of the templates, ascending, in the order of <see cref="Embeddings"/>.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>Templates whose images cancel out or have no weight, so that they have no direction. They count as failures.</summary>
    public IReadOnlyList<int> Empty { get; }

    /// <summary>Values of a template.</summary>
    public int Dimension { get; }

    /// <summary>One row for each template, of length 1.</summary>
    public ReadOnlyMemory<float> Embeddings => _embeddings;

    /// <summary>
    /// Pools images into templates. Images without an embedding are left out by the caller; a template all of whose images are left
    /// out is a failure to enrol.
    /// </summary>
    /// <param name="embeddings">One row for each image, used in the scale given: the reference keeps the network's.</param>
    /// <param name="dimension">Values of an embedding.</param>
    /// <param name="template">Number of each image's template.</param>
    /// <param name="media">Number of each image's medium; counts within a template only.</param>
    /// <param name="weights">Weight of each image, not negative; empty for equal weights.</param>
    /// <exception cref="EvaluationDataException">A value is not finite, a weight is negative, or the lengths do not fit.</exception>
    public static PooledTemplates Pool(ReadOnlySpan<float> embeddings, int dimension, IReadOnlyList<int> template,
        IReadOnlyList<int> media, ReadOnlySpan<float> weights = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(media);
        if ((long)template.Count * dimension != embeddings.Length)
            throw new EvaluationDataException($"{embeddings.Length} values are not {template.Count} embeddings of {dimension}");
        EvaluationDataException.RequireEqualLengths(template.Count, media.Count, "media");
        if (weights.Length > 0) EvaluationDataException.RequireEqualLengths(template.Count, weights.Length, "weights");
        for (var i = 0; i < weights.Length; i++)
            if (!(weights[i] >= 0 && float.IsFinite(weights[i]))) throw new EvaluationDataException($"weight {i} is {weights[i]}", i);

        List<float> pooled = [];
        List<int> ids = [], empty = [];
        double[] sum = new double[dimension], medium = new double[dimension];
        foreach (var images in Enumerable.Range(0, template.Count).GroupBy(i => template[i]).OrderBy(g => g.Key))
        {
            Array.Clear(sum);
            foreach (var ofMedium in images.GroupBy(i => media[i]).OrderBy(g => g.Key))
            {
                Array.Clear(medium);
                foreach (var i in ofMedium)
                    for (var k = 0; k < dimension; k++)
                    {
                        var value = embeddings[i * dimension + k];
                        if (!float.IsFinite(value)) throw new EvaluationDataException($"embedding {i} holds values that are not finite", i);
                        medium[k] += (double)value * (weights.Length > 0 ? weights[i] : 1);
                    }
                var count = ofMedium.Count();
                for (var k = 0; k < dimension; k++) sum[k] += medium[k] / count;
            }
            var length = Math.Sqrt(sum.Sum(v => v * v));
            // What remains when equal images cancel is rounding, not a direction.
            if (!(length > 1e-12)) empty.Add(images.Key);
            else
            {
                ids.Add(images.Key);
                foreach (var v in sum) pooled.Add((float)(v / length));
            }
        }
        return new([.. pooled], [.. ids], [.. empty], dimension);
    }

    /// <summary>A template's embedding, or nothing where there is none.</summary>
    public ReadOnlySpan<float> Embedding(int id) => _rows.TryGetValue(id, out var row) ? Row(row) : [];

    /// <summary>
    /// The 1:1 protocol: scores of a list of pairs. A pair with a template that is not there counts as a failure
    /// (<see cref="ScoreSet.GenuineFailures"/>, <see cref="ScoreSet.ImpostorFailures"/>).
    /// </summary>
    public ScoreSet Verify(IReadOnlyList<TemplatePair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var scores = new float[pairs.Count];
        Parallel.For(0, pairs.Count, i => scores[i] = Score(pairs[i]));
        List<float> genuine = [], impostor = [];
        long genuineFailures = 0, impostorFailures = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i])) (pairs[i].Same ? genuine : impostor).Add(scores[i]);
            else if (pairs[i].Same) genuineFailures++;
            else impostorFailures++;
        }
        return new ScoreSet([.. genuine], [.. impostor]).WithFailures(genuineFailures, impostorFailures);
    }

    float Score(TemplatePair pair)
    {
        if (!_rows.TryGetValue(pair.A, out var a) || !_rows.TryGetValue(pair.B, out var b)) return float.NaN;
        Span<float> score = stackalloc float[1];
        DotBlocks.Compute(Row(a), Row(b), Dimension, score);
        return score[0];
    }

    ReadOnlySpan<float> Row(int row) => _embeddings.AsSpan(row * Dimension, Dimension);
}
