namespace EdgeFace.Gallery;

/// <summary>A picture of a person that a worker has taken, to be enrolled.</summary>
public sealed record EnrolJob
{
    /// <summary>Number of the job.</summary>
    public required long Id { get; init; }

    /// <summary>Whose picture it is; with an external key.</summary>
    public required NewPerson Person { get; init; }

    /// <summary>Where the picture is, as it was said when the job was added.</summary>
    public required string Source { get; init; }

    /// <summary>Who took it.</summary>
    public required string Worker { get; init; }

    /// <summary>How often it has been taken, from 1. Only the last taker can complete it.</summary>
    public required int Attempt { get; init; }
}
