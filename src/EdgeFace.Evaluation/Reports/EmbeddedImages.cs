using System.Diagnostics;
using EdgeFace.Evaluation.Data;

namespace EdgeFace.Evaluation.Reports;

/// <summary>Makes the embedding of one image. Called on several threads at once.</summary>
/// <param name="image">The image.</param>
/// <param name="embedding">Receives the values, scaled to length 1.</param>
/// <returns>Null, or why there is no embedding: a failure to acquire.</returns>
public delegate string? EmbedImage(DataImage image, Span<float> embedding);

/// <summary>The embeddings of a data set's images by one model, and which images gave none.</summary>
public sealed class EmbeddedImages
{
    readonly float[] _vectors;
    readonly string?[] _failures;

    EmbeddedImages(int count, int dimension) => (_vectors, _failures, Dimension) = (new float[(long)count * dimension], new string?[count], dimension);

    /// <summary>Number of values of an embedding.</summary>
    public int Dimension { get; }

    /// <summary>Number of images, those without embedding included.</summary>
    public int Count => _failures.Length;

    /// <summary>How many images gave no embedding.</summary>
    public int FailureCount { get; private set; }

    /// <summary>Images embedded in a second, from encoded bytes.</summary>
    public double ImagesPerSecond { get; private set; }

    /// <summary>An image's embedding; zeros where it failed.</summary>
    public ReadOnlySpan<float> this[int image] => _vectors.AsSpan(image * Dimension, Dimension);

    /// <summary>Why an image gave no embedding, or null.</summary>
    public string? Failure(int image) => _failures[image];

    /// <summary>Embeds all images on all cores.</summary>
    /// <param name="images">The images.</param>
    /// <param name="dimension">Number of values of an embedding.</param>
    /// <param name="embed">Makes one.</param>
    /// <param name="done">Called after each image, on any thread.</param>
    public static EmbeddedImages Compute(IReadOnlyList<DataImage> images, int dimension, EmbedImage embed, Action? done = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(embed);
        var result = new EmbeddedImages(images.Count, dimension);
        var clock = Stopwatch.StartNew();
        Parallel.For(0, images.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, i =>
        {
            result._failures[i] = embed(images[i], result._vectors.AsSpan(i * dimension, dimension));
            done?.Invoke();
        });
        result.ImagesPerSecond = images.Count / Math.Max(clock.Elapsed.TotalSeconds, 1e-9);
        result.FailureCount = result._failures.Count(f => f is not null);
        return result;
    }

    /// <summary>The embeddings of those images that have one and of whom the person is known, and where they stand in the data set.</summary>
    internal (float[] Vectors, int[] People, int[] Images) OfKnownPeople(IReadOnlyList<int> personOf)
    {
        int[] kept = [.. Enumerable.Range(0, Count).Where(i => _failures[i] is null && personOf[i] >= 0)];
        var vectors = new float[(long)kept.Length * Dimension];
        for (var k = 0; k < kept.Length; k++) this[kept[k]].CopyTo(vectors.AsSpan(k * Dimension));
        return (vectors, [.. kept.Select(i => personOf[i])], kept);
    }
}
