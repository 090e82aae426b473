using System.Numerics.Tensors;

namespace EdgeFace.Bench;

/// <summary>
/// People who do not exist, for searches: each has a random direction in the space of the head, and samples around it that score about 0.6
/// with each other.
/// </summary>
sealed class SyntheticGallery
{
    /// <summary>Samples of a person.</summary>
    public const int PerPerson = 5;

    const float Spread = 0.8f;

    readonly float[] _centres;

    public SyntheticGallery(int samples, EmbeddingSpace space)
    {
        (Count, Rank) = (samples, space.Rank);
        _centres = new float[samples / PerPerson * Rank];
        Coordinates = new Half[(long)samples * Rank];
        Floats = new float[(long)samples * space.Dimension];
        Parallel.For(0, samples / PerPerson, person =>
        {
            var random = new Random(person);
            var centre = _centres.AsSpan(person * Rank, Rank);
            Unit(random, centre);
            var sample = new float[Rank];
            for (var s = person * PerPerson; s < (person + 1) * PerPerson; s++)
            {
                Near(random, centre, sample);
                TensorPrimitives.ConvertToHalf(sample, Coordinates.AsSpan(s * Rank, Rank));
                var embedding = Floats.AsSpan(s * space.Dimension, space.Dimension);
                Embed(space, sample, embedding);
            }
        });
    }

    public int Count { get; }

    public int Rank { get; }

    /// <summary>As a store keeps them.</summary>
    public Half[] Coordinates { get; }

    /// <summary>The embeddings.</summary>
    public float[] Floats { get; }

    public static long Person(long sampleId) => (sampleId - 1) / PerPerson + 1;

    /// <summary>Sample numbers count from 1.</summary>
    public void Read(ReadOnlySpan<long> sampleIds, Span<long> personIds, Span<Half> coordinates)
    {
        for (var i = 0; i < sampleIds.Length; i++)
        {
            personIds[i] = Person(sampleIds[i]);
            Coordinates.AsSpan((int)(sampleIds[i] - 1) * Rank, Rank).CopyTo(coordinates[(i * Rank)..]);
        }
    }

    /// <summary>Another sample of an enrolled person and a stranger, in turn.</summary>
    public float[] Probes(int count)
    {
        var probes = new float[count * Rank];
        for (var p = 0; p < count; p++)
        {
            var random = new Random(-1 - p);
            var probe = probes.AsSpan(p * Rank, Rank);
            if (p % 2 == 0) Near(random, _centres.AsSpan(random.Next(Count / PerPerson) * Rank, Rank), probe);
            else Unit(random, probe);
        }
        return probes;
    }

    public static void Embed(EmbeddingSpace space, ReadOnlySpan<float> coordinates, Span<float> embedding)
    {
        embedding.Clear();
        for (var r = 0; r < coordinates.Length; r++)
            TensorPrimitives.MultiplyAdd(space.Basis.Slice(r * space.Dimension, space.Dimension), coordinates[r], embedding, embedding);
    }

    static void Near(Random random, ReadOnlySpan<float> centre, Span<float> to)
    {
        Unit(random, to);
        TensorPrimitives.MultiplyAdd(to, Spread, centre, to);
        TensorPrimitives.Divide(to, TensorPrimitives.Norm<float>(to), to);
    }

    static void Unit(Random random, Span<float> to)
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
        TensorPrimitives.Divide(to, TensorPrimitives.Norm<float>(to), to);
    }
}
