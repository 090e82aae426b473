namespace EdgeFace.People;

/// <summary>An error as it is told.</summary>
/// <param name="Message">One line.</param>
/// <param name="Kind">Who is at fault.</param>
/// <param name="Cause">What was thrown.</param>
readonly record struct Problem(string Message, ErrorKind Kind, Exception Cause)
{
    /// <summary>Whether something failed; otherwise there is no answer in a sound input.</summary>
    public bool IsFault => Kind != ErrorKind.NoAnswer;

    /// <summary>How an error is told; null of a bug, which keeps its stack trace.</summary>
    public static Problem? Of(Exception e)
    {
        var kind = EdgeFaceException.KindOf(e);
        return e switch
        {
            AggregateException { InnerExceptions: [var inner, ..] } => Of(inner),
            OutOfMemoryException => new("there is not enough memory for this; a smaller picture or fewer at once may do", kind, e),
            OperationCanceledException => new("stopped; nothing of it is left behind", kind, e),
            _ => kind == ErrorKind.Program ? null : new(e.Message, kind, e),
        };
    }

    /// <summary>How an error of one item among many is told, after which the others go on; null of what ends the whole.</summary>
    public static Problem? OfItem(Exception e)
        => Of(e) is { Cause: not (OperationCanceledException or IEndsAll) } problem ? problem : null;
}
