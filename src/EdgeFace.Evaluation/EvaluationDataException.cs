namespace EdgeFace.Evaluation;

/// <summary>Data that cannot be evaluated: a score that is no number, lists of different lengths, a side without pairs.</summary>
public sealed class EvaluationDataException : EdgeFaceException
{
    /// <param name="message">What is wrong, with what to do where that is known.</param>
    /// <param name="index">The offending element, counted from 0.</param>
    public EvaluationDataException(string message, long? index = null) : base(message, ErrorKind.Input) => Index = index;

    /// <summary>The offending element, counted from 0, where it is a single one.</summary>
    public long? Index { get; }

    internal static void RequireEqualLengths(int expected, int found, string what)
    {
        if (expected != found) throw new EvaluationDataException($"{expected} pairs or images, but {found} {what}: one is needed for each");
    }

    internal static void RequireFinite(ReadOnlySpan<float> values, string what)
    {
        for (var i = 0; i < values.Length; i++)
            if (!float.IsFinite(values[i])) throw new EvaluationDataException($"{what} {i} is {values[i]}, which is not a finite number", i);
    }

    internal static void RequireThreshold(double threshold)
    {
        if (double.IsNaN(threshold)) throw new EvaluationDataException("the threshold is not a number") { Kind = ErrorKind.Request };
    }

    internal static void RequireRate(double rate)
    {
        if (!(rate > 0 && rate < 1))
            throw new EvaluationDataException($"a false match rate lies between 0 and 1, both excluded, not at {rate}") { Kind = ErrorKind.Request };
    }
}
