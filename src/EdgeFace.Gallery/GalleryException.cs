namespace EdgeFace.Gallery;

/// <summary>A gallery refuses what it is asked; nothing was changed.</summary>
public class GalleryException : Exception
{
    /// <param name="message">What was wrong, and what to do.</param>
    public GalleryException(string message) : base(message) { }

    /// <param name="message">What was wrong, and what to do.</param>
    /// <param name="inner">What the store said.</param>
    public GalleryException(string message, Exception inner) : base(message, inner) { }
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
