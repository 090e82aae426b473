using System.Numerics.Tensors;

namespace EdgeFace.Gallery;

sealed class FloatIndex
{
    readonly Dictionary<long, (long Person, float[] Coordinates)> _samples = [];

    public int Count => _samples.Count;

    public void Add(long sample, long person, ReadOnlySpan<Half> coordinates)
    {
        var values = new float[coordinates.Length];
        TensorPrimitives.ConvertToSingle(coordinates, values);
        _samples[sample] = (person, values);
    }

    public long? PersonOf(long sample) => _samples.TryGetValue(sample, out var found) ? found.Person : null;

    public void Remove(long sample) => _samples.Remove(sample);

    public List<(long Person, long Sample, double Score)> Search(float[] query, int count)
        => [.. _samples.Select(s => (s.Value.Person, Sample: s.Key, Score: Math.Clamp((double)TensorPrimitives.Dot<float>(query, s.Value.Coordinates), -1, 1)))
            .GroupBy(s => s.Person).Select(g => g.OrderByDescending(s => s.Score).ThenBy(s => s.Sample).First())
            .OrderByDescending(s => s.Score).ThenBy(s => s.Person).Take(count)];
}
