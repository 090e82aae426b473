namespace EdgeFace.Gallery;

/// <summary>
/// A gallery refuses what it is asked; nothing was changed. Its kind is <see cref="ErrorKind.Request"/> unless the gallery is
/// damaged or the machine failed.
/// </summary>
public class GalleryException : EdgeFaceException
{
    /// <param name="message">What was wrong, and what to do.</param>
    public GalleryException(string message) : base(message, ErrorKind.Request) { }

    /// <param name="message">What was wrong, and what to do.</param>
    /// <param name="inner">What the store said.</param>
    public GalleryException(string message, Exception inner) : base(message, ErrorKind.Request, inner) { }
}

/// <summary>The person has this image already.</summary>
/// <param name="personId">Who.</param>
/// <param name="sampleId">The sample that is the same image.</param>
public sealed class DuplicateSampleException(long personId, long sampleId)
    : GalleryException($"person {personId} has this image already, as sample {sampleId}")
{
    /// <summary>Who.</summary>
    public long PersonId { get; } = personId;

    /// <summary>The sample that is the same image.</summary>
    public long SampleId { get; } = sampleId;
}

/// <summary>A gallery, or an export of one, is bound to another contract than the one asked for.</summary>
public sealed class GalleryContractException : GalleryException
{
    /// <param name="place">The gallery or export.</param>
    /// <param name="bound">What it is bound to.</param>
    /// <param name="asked">What was asked for.</param>
    public GalleryContractException(string place, EmbeddingContract bound, EmbeddingContract asked)
        : base($"{place} is bound to {Text(bound)}, not to {Text(asked)}: "
            + Advice(bound, asked))
        => (Bound, Asked) = (bound, asked);

    /// <summary>What the gallery is bound to.</summary>
    public EmbeddingContract Bound { get; }

    /// <summary>What was asked for.</summary>
    public EmbeddingContract Asked { get; }

    /// <summary>No model brings back a former way to align.</summary>
    static string Advice(EmbeddingContract bound, EmbeddingContract asked)
    {
        const string anew = "embed its people anew (an export is first imported with its own model)";
        // The header of an export may lack the aligner.
        var onlyAligner = bound.Aligner is not null && asked.Aligner is not null && bound with { Aligner = asked.Aligner } == asked
            && asked.ParseAligner().IsOtherVersionOf(bound.ParseAligner());
        return onlyAligner ? $"it is of another version of EdgeFace, which aligned faces otherwise: {anew}"
            : $"use the models it was made with, or {anew}";
    }

    static string Text(EmbeddingContract contract)
        => $"the contract (model '{contract.Model}', weights {contract.WeightsSha256}, dimension {contract.Dimension}, "
            + $"preprocessing '{contract.Preprocessing}', aligner '{contract.Aligner}')";
}
