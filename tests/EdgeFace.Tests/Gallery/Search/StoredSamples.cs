using EdgeFace.Gallery.Search;

namespace EdgeFace.Tests.Gallery.Search;

/// <summary>A store in memory with the oracle beside it.</summary>
sealed class StoredSamples(int rank)
{
    readonly Dictionary<long, (long Person, Half[] Coordinates)> _rows = [];

    public ExactIndex Oracle { get; } = new(rank);

    public int Reads { get; private set; }

    public Half[] Coordinates(long sampleId) => _rows[sampleId].Coordinates;

    public Half[] Add(long sampleId, long personId, float[] values)
    {
        Half[] coordinates = [.. values.Select(v => (Half)v)];
        _rows.Add(sampleId, (personId, coordinates));
        Oracle.Add(sampleId, personId, [.. coordinates.Select(c => (float)c)]);
        return coordinates;
    }

    public void Remove(long sampleId)
    {
        _rows.Remove(sampleId);
        Oracle.Remove(sampleId);
    }

    public void Read(ReadOnlySpan<long> sampleIds, Span<long> personIds, Span<Half> coordinates)
    {
        Reads += sampleIds.Length;
        for (var i = 0; i < sampleIds.Length; i++)
        {
            personIds[i] = 0;
            if (!_rows.TryGetValue(sampleIds[i], out var row)) continue;
            personIds[i] = row.Person;
            row.Coordinates.CopyTo(coordinates[(i * rank)..]);
        }
    }

    public static float[] Unit(Random random, int rank)
    {
        var values = new float[rank];
        double squares = 0;
        for (var i = 0; i < rank; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            squares += values[i] * values[i];
        }
        return [.. values.Select(v => (float)(v / Math.Sqrt(squares)))];
    }

    /// <summary>A unit vector that scores about 1 / sqrt(1 + spread^2) with another.</summary>
    public static float[] Near(Random random, float[] centre, double spread)
    {
        var other = Unit(random, centre.Length);
        double[] sum = [.. centre.Zip(other, (c, o) => c + spread * o)];
        var length = Math.Sqrt(sum.Sum(s => s * s));
        return [.. sum.Select(s => (float)(s / length))];
    }
}
