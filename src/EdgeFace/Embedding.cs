using SimdVector = System.Numerics.Vector;

namespace EdgeFace;

/// <summary>An L2-normalised face embedding and what made it.</summary>
public sealed class Embedding
{
    readonly float[] _vector;

    /// <param name="vector">The values, in any scale; a normalised copy is kept.</param>
    /// <param name="contract">What made it.</param>
    /// <exception cref="ArgumentException">Wrong length.</exception>
    /// <exception cref="DegenerateEmbeddingException">A value that is not finite, or a vector of zeros.</exception>
    public Embedding(ReadOnlySpan<float> vector, EmbeddingContract contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        if (vector.Length != contract.Dimension)
            throw new ArgumentException($"an embedding of '{contract.Model}' has {contract.Dimension} values, not {vector.Length}", nameof(vector));
        _vector = vector.ToArray();
        Normalise(_vector, contract.Model);
        Contract = contract;
    }

    /// <summary>The values; their squares sum to 1.</summary>
    public ReadOnlySpan<float> Vector => _vector;

    /// <summary>What made it.</summary>
    public EmbeddingContract Contract { get; }

    /// <summary>
    /// The cosine of two embeddings, in [-1, 1]: higher is more alike. It is not a probability; a threshold of the model's card gives it meaning.
    /// </summary>
    /// <exception cref="ContractMismatchException">They were made differently.</exception>
    public float Score(Embedding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Contract.Require(other.Contract);
        return Math.Clamp(Dot(_vector, other._vector), -1f, 1f);
    }

    /// <summary>Scales to length 1 what a model gave.</summary>
    internal static void Normalise(Span<float> vector, string model)
    {
        var inverse = 1 / Length(vector, model);
        for (var i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] * inverse);
    }

    /// <summary>The length of what a model gave: a finite number above zero.</summary>
    /// <exception cref="DegenerateEmbeddingException">It has no direction.</exception>
    internal static double Length(ReadOnlySpan<float> vector, string model)
    {
        double sum = 0;
        foreach (var v in vector) sum += (double)v * v;
        return double.IsFinite(sum) && sum > 0 ? Math.Sqrt(sum) : throw new DegenerateEmbeddingException(model, zeros: sum == 0);
    }

    internal static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = System.Numerics.Vector<float>.Zero;
        var i = 0;
        for (; i <= a.Length - System.Numerics.Vector<float>.Count; i += System.Numerics.Vector<float>.Count)
            sum += new System.Numerics.Vector<float>(a[i..]) * new System.Numerics.Vector<float>(b[i..]);
        var total = SimdVector.Sum(sum);
        for (; i < a.Length; i++) total += a[i] * b[i];
        return total;
    }
}
