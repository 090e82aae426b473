namespace EdgeFace.Vision;

/// <summary>How a <see cref="FaceAnalyzer"/> that makes its parts has them work.</summary>
public sealed record AnalyzerOptions
{
    /// <summary>How faces are searched for.</summary>
    public DetectorOptions Detector { get; init; } = new();

    /// <summary>How crops are embedded; null for the recogniser's defaults.</summary>
    public EmbedderOptions? Embedder { get; init; }
}
