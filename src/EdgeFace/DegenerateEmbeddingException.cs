namespace EdgeFace;

/// <summary>An embedding of zeros, or with values that are not finite: it has no direction, and nothing can be compared with it.</summary>
public sealed class DegenerateEmbeddingException : EdgeFaceException
{
    internal DegenerateEmbeddingException(string model, bool zeros)
        : base($"an embedding of model '{model}' {(zeros ? "is all zeros" : "holds values that are not finite")}: it has no direction and compares "
            + "with nothing; the model's weights are no good, or what was stored of it is damaged", ErrorKind.Input)
        => Model = model;

    /// <summary>The model it is of, by the name on its card.</summary>
    public string Model { get; }
}
