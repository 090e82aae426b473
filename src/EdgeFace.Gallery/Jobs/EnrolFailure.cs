namespace EdgeFace.Gallery;

/// <summary>A job that was given up.</summary>
public sealed record EnrolFailure
{
    /// <summary>Number of the job.</summary>
    public required long Id { get; init; }

    /// <summary>Whose picture it is.</summary>
    public required NewPerson Person { get; init; }

    /// <summary>Where the picture is.</summary>
    public required string Source { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>What was wrong, in the words of the last worker.</summary>
    public required string Error { get; init; }
}
