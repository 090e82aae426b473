namespace EdgeFace;

/// <summary>
/// What made an embedding. Two embeddings may be compared only if their contracts are equal: another model, other weights, another
/// preprocessing or another aligner puts faces elsewhere.
/// </summary>
/// <param name="Model">Name of the recogniser, from its card.</param>
/// <param name="WeightsSha256">Identity of the weights, lower-case hexadecimal (docs/file-format.md says over what).</param>
/// <param name="Dimension">Number of values.</param>
/// <param name="Preprocessing">The text of a <see cref="CropPreprocessing"/>.</param>
/// <param name="Aligner">The text of an <see cref="AlignerSource"/>.</param>
public sealed record EmbeddingContract(string Model, string WeightsSha256, int Dimension, string Preprocessing, string Aligner)
{
    /// <summary><see cref="Preprocessing"/> as a value.</summary>
    public CropPreprocessing ParsePreprocessing() => CropPreprocessing.Parse(Preprocessing);

    /// <summary><see cref="Aligner"/> as a value.</summary>
    public AlignerSource ParseAligner() => AlignerSource.Parse(Aligner);

    /// <summary>The same but for where the crops come from: what a pipeline that aligns states.</summary>
    public EmbeddingContract WithAligner(AlignerSource aligner)
    {
        ArgumentNullException.ThrowIfNull(aligner);
        return this with { Aligner = aligner.ToString() };
    }

    /// <summary>Refuses embeddings made otherwise.</summary>
    /// <exception cref="ContractMismatchException">The contracts differ.</exception>
    public void Require(EmbeddingContract other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (this != other) throw new ContractMismatchException(this, other);
    }
}

/// <summary>Two embeddings that were made differently cannot be compared.</summary>
public sealed class ContractMismatchException(EmbeddingContract expected, EmbeddingContract found)
    : EdgeFaceException($"embeddings of different contracts cannot be compared: {Differences(expected, found)}; "
        + "embed both sides with the same model and pipeline", ErrorKind.Request)
{
    /// <summary>The contract asked for.</summary>
    public EmbeddingContract Expected { get; } = expected;

    /// <summary>The contract that was brought.</summary>
    public EmbeddingContract Found { get; } = found;

    static string Differences(EmbeddingContract a, EmbeddingContract b)
    {
        var list = new List<string>();
        if (a.Model != b.Model) list.Add($"model '{a.Model}' and '{b.Model}'");
        if (a.WeightsSha256 != b.WeightsSha256) list.Add($"weights {Short(a.WeightsSha256)} and {Short(b.WeightsSha256)}");
        if (a.Dimension != b.Dimension) list.Add($"dimension {a.Dimension} and {b.Dimension}");
        if (a.Preprocessing != b.Preprocessing) list.Add($"preprocessing '{a.Preprocessing}' and '{b.Preprocessing}'");
        if (a.Aligner != b.Aligner) list.Add($"aligner '{a.Aligner}' and '{b.Aligner}'");
        return string.Join(", ", list);
    }

    static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;
}
