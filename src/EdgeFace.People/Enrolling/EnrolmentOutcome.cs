using EdgeFace.Gallery;

namespace EdgeFace.People;

/// <summary>What came of one picture.</summary>
public sealed record EnrolmentOutcome
{
    /// <summary>The picture.</summary>
    public required EnrolmentItem Item { get; init; }

    /// <summary>What came of it.</summary>
    public EnrolmentOutcomeKind Kind => Problem is { } problem
        ? problem.IsFault ? EnrolmentOutcomeKind.Failed : EnrolmentOutcomeKind.NoAnswer
        : Enrolment is null ? EnrolmentOutcomeKind.AlreadyThere : EnrolmentOutcomeKind.Enrolled;

    /// <summary>The person and the new sample, and another person whom it resembles; null where nothing was enrolled.</summary>
    public Enrolment? Enrolment { get; init; }

    /// <summary>Whether the person was added with it.</summary>
    public bool AddedPerson { get; init; }

    /// <summary>What should be looked at; none where nothing was enrolled.</summary>
    public IReadOnlyList<EnrolmentWarning> Warnings { get; init; } = [];

    /// <summary>Why there is no sample, in one line that names the picture; null where there is one.</summary>
    public string? Reason => Problem?.Message;

    /// <summary>Who is at fault; null where nobody is.</summary>
    public ErrorKind? ErrorKind => Problem?.Kind;

    /// <summary>What was thrown; null where there is a sample.</summary>
    public Exception? Error => Problem?.Cause;

    internal Problem? Problem { get; init; }
}
