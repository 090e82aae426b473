using System.Diagnostics;
using EdgeFace.Evaluation.Data;

namespace EdgeFace.Evaluation.Results;

/// <summary>Makes the embedding of one image. Called on several threads at once.</summary>
/// <param name="image">The image.</param>
/// <param name="embedding">Receives the values, scaled to length 1.</param>
public delegate EmbedOutcome EmbedImage(DataImage image, Span<float> embedding);

/// <summary>What became of an image.</summary>
/// <param name="Failure">Why there is no embedding, a failure to acquire; null where there is one.</param>
/// <param name="FaceScore">The detector's score of the face; null where nothing was detected.</param>
/// <param name="GateScore">The score in [0, 1] of whether the face can be recognised; null where nothing judged it.</param>
public readonly record struct EmbedOutcome(string? Failure, float? FaceScore = null, float? GateScore = null);

/// <summary>The embeddings of a data set's images by one model, and which images gave none.</summary>
public sealed class EmbeddedImages
{
    readonly float[] _vectors;
    readonly EmbedOutcome[] _outcomes;

    EmbeddedImages(EmbedOutcome[] outcomes, int dimension)
        => (_vectors, _outcomes, Dimension) = (new float[(long)outcomes.Length * dimension], outcomes, dimension);

    /// <summary>Number of values of an embedding.</summary>
    public int Dimension { get; }

    /// <summary>Number of images, those without embedding included.</summary>
    public int Count => _outcomes.Length;

    /// <summary>How many images gave no embedding.</summary>
    public int FailureCount { get; private set; }

    /// <summary>Images embedded in a second, from encoded bytes.</summary>
    public double ImagesPerSecond { get; private set; }

    /// <summary>An image's embedding; zeros where it failed.</summary>
    public ReadOnlySpan<float> this[int image] => _vectors.AsSpan(image * Dimension, Dimension);

    /// <summary>Why an image gave no embedding, or null.</summary>
    public string? Failure(int image) => _outcomes[image].Failure;

    /// <summary>The detector's score of an image's face, or null.</summary>
    public float? FaceScore(int image) => _outcomes[image].FaceScore;

    /// <summary>The gate's score of an image's face, in [0, 1]: the higher, the surer it can be recognised. Null where nothing judged it.</summary>
    public float? GateScore(int image) => _outcomes[image].GateScore;

    /// <summary>Embeds all images on all cores.</summary>
    /// <param name="images">The images.</param>
    /// <param name="dimension">Number of values of an embedding.</param>
    /// <param name="embed">Makes one.</param>
    /// <param name="done">Called after each image, on any thread.</param>
    public static EmbeddedImages Compute(IReadOnlyList<DataImage> images, int dimension, EmbedImage embed,
        Action? done = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(embed);
        var result = new EmbeddedImages(new EmbedOutcome[images.Count], dimension);
        var clock = Stopwatch.StartNew();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.For(0, images.Count, parallel, i =>
        {
            result._outcomes[i] = embed(images[i], result._vectors.AsSpan(i * dimension, dimension));
            done?.Invoke();
        });
        result.ImagesPerSecond = images.Count / Math.Max(clock.Elapsed.TotalSeconds, 1e-9);
        result.FailureCount = result._outcomes.Count(o => o.Failure is not null);
        return result;
    }

    /// <summary>A part of every embedding, where one call makes several kinds of embeddings of an image.</summary>
    /// <param name="first">Index of the part's first value.</param>
    /// <param name="dimension">Number of its values.</param>
    public EmbeddedImages Part(int first, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, Dimension - dimension);
        var part = new EmbeddedImages(_outcomes, dimension) { FailureCount = FailureCount, ImagesPerSecond = ImagesPerSecond };
        for (var i = 0; i < Count; i++) this[i].Slice(first, dimension).CopyTo(part._vectors.AsSpan(i * dimension));
        return part;
    }

    /// <summary>The embeddings of those images that have one and of whom the person is known, and where they stand in the data set.</summary>
    internal (float[] Vectors, int[] People, int[] Images) OfKnownPeople(IReadOnlyList<int> personOf)
    {
        int[] kept = [.. Enumerable.Range(0, Count).Where(i => Failure(i) is null && personOf[i] >= 0)];
        var vectors = new float[(long)kept.Length * Dimension];
        for (var k = 0; k < kept.Length; k++) this[kept[k]].CopyTo(vectors.AsSpan(k * Dimension));
        return (vectors, [.. kept.Select(i => personOf[i])], kept);
    }
}
