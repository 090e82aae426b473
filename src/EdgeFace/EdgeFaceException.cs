namespace EdgeFace;

/// <summary>Who can do something about an error; exit codes and, in a server, statuses follow from it.</summary>
public enum ErrorKind
{
    /// <summary>Nobody is at fault: the input is sound, and there is no answer in it (a photo without a face).</summary>
    NoAnswer,

    /// <summary>The input is at fault: a picture, model, data set or gallery that is damaged, too large or of another kind.</summary>
    Input,

    /// <summary>The request is at fault: it names what is not there, or asks for what does not go together.</summary>
    Request,

    /// <summary>The machine is at fault: a disk, a permission, memory, a server that does not answer. The same request may succeed later.</summary>
    Machine,

    /// <summary>This program is at fault.</summary>
    Program,
}

/// <summary>An error that the libraries of EdgeFace expect; its message says what was wrong, where, and what to do.</summary>
public abstract class EdgeFaceException : Exception
{
    /// <param name="message">What was wrong, where, and what to do.</param>
    /// <param name="kind">Who is at fault, unless <paramref name="inner"/> says that a file is missing or the machine failed.</param>
    /// <param name="inner">What was underneath.</param>
    protected EdgeFaceException(string message, ErrorKind kind, Exception? inner = null) : base(message, inner)
        => Kind = inner is IOException or UnauthorizedAccessException or OutOfMemoryException or EdgeFaceException ? KindOf(inner) : kind;

    /// <summary>Who is at fault.</summary>
    public ErrorKind Kind { get; init; }

    /// <summary>Who is at fault for any exception; <see cref="ErrorKind.Program"/> for one that nobody expected.</summary>
    public static ErrorKind KindOf(Exception exception) => exception switch
    {
        EdgeFaceException known => known.Kind,
        FileNotFoundException or DirectoryNotFoundException or OperationCanceledException => ErrorKind.Request,
        InvalidDataException or EndOfStreamException => ErrorKind.Input,
        IOException or UnauthorizedAccessException or OutOfMemoryException => ErrorKind.Machine,
        AggregateException { InnerExceptions: [var inner, ..] } => KindOf(inner),
        _ => ErrorKind.Program,
    };
}
