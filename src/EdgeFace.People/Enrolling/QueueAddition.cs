namespace EdgeFace.People;

/// <summary>What came of adding pictures to a queue.</summary>
public sealed record QueueAddition
{
    /// <summary>How many were added.</summary>
    public required int Added { get; init; }

    /// <summary>How many were there already, whatever became of them.</summary>
    public required int AlreadyThere { get; init; }

    /// <summary>The pictures that a queue cannot take, and why.</summary>
    public required IReadOnlyList<EnrolmentOutcome> Refused { get; init; }
}
