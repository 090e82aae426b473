namespace EdgeFace.App.Output;

/// <summary>A result cannot be written to stdout.</summary>
sealed class ResultLostException(IOException inner)
    : EdgeFaceException($"the result cannot be written to stdout: {inner.Message}", ErrorKind.Machine, inner), IEndsAll
{
    /// <summary>Whoever was reading has had enough, as <c>head</c>: nobody needs to be told.</summary>
    public bool ReaderLeft => InnerException is ClosedPipeException;
}
