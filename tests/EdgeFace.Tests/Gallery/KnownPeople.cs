using EdgeFace.Gallery;

namespace EdgeFace.Tests.Gallery;

/// <summary>Made-up people: their embeddings lie near a direction of their own, in the space of a small head.</summary>
static class KnownPeople
{
    public const int Dimension = 64;

    // As the stored galleries of Fixtures have it.
    public static EmbeddingContract Contract { get; } = new("test-model", new string('a', 64), Dimension, "rgb112-v1", "similarity5-v1+test");

    public static EmbeddingContract OtherContract { get; } = Contract with { Model = "other-model", WeightsSha256 = new string('b', 64) };

    public static EmbeddingSpace Space { get; } = EmbeddingSpace.Full(Dimension);

    /// <summary>A photo of a person: always the same for the same numbers. Photos of one person score about 0.8, of two about 0.</summary>
    public static Embedding Photo(int person, int photo, EmbeddingContract? contract = null)
    {
        Random direction = new(1000 + person), change = new(1_000_000 + 1000 * person + photo);
        var values = new float[Dimension];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(Normal(direction) + 0.5 * Normal(change));
        return new(values, contract ?? Contract);
    }

    /// <summary>An embedding that scores as much against another.</summary>
    public static Embedding At(Embedding other, double score, int seed)
    {
        var random = new Random(seed);
        var values = new double[Dimension];
        double along = 0, length = 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Normal(random);
            along += values[i] * other.Vector[i];
        }
        for (var i = 0; i < values.Length; i++)
        {
            values[i] -= along * other.Vector[i];
            length += values[i] * values[i];
        }
        var result = new float[Dimension];
        for (var i = 0; i < values.Length; i++)
            result[i] = (float)(score * other.Vector[i] + Math.Sqrt(1 - score * score) * values[i] / Math.Sqrt(length));
        return new(result, other.Contract);
    }

    /// <summary>A person whom the probe process enrols; everything follows from the external key.</summary>
    public static NewPerson Churned(string key) => new($"name of {key}.") { ExternalKey = key };

    public static IReadOnlyList<NewSample> ChurnedSamples(string key, int photos)
    {
        var person = key.Aggregate(17, (hash, c) => unchecked(31 * hash + c)) & 0x7ffff;
        return [.. Enumerable.Range(0, photos).Select(photo => new NewSample(Photo(person, photo))
        {
            Source = $"photo of {key}.",
            Crop = Crop(System.Text.Encoding.UTF8.GetBytes($"crop of {key}." + new string('x', 700 * photo))),
        })];
    }

    /// <summary>Bytes that a crop's header comes before: galleries look no further.</summary>
    public static byte[] Crop(params byte[] content) => [.. CropHeader, .. content];

    // Signature and IHDR of a PNG of 112 x 112 pixels.
    public static ReadOnlySpan<byte> CropHeader
        => [0x89, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 112, 0, 0, 0, 112, 8, 2, 0, 0, 0, 0, 0, 0, 0];

    public static string Hash(int number) => number.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
