namespace EdgeFace.People;

/// <summary>What a worker did.</summary>
public sealed record QueueWorkResult
{
    /// <summary>How many pictures it completed: enrolled, or there already.</summary>
    public required int Done { get; init; }

    /// <summary>The pictures that are samples now, in the order in which they were stored.</summary>
    public required IReadOnlyList<EnrolmentOutcome> Enrolled { get; init; }

    /// <summary>Whether it was stopped before the queue was empty.</summary>
    public required bool Stopped { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Pictures completed in a second.</summary>
    public double PicturesPerSecond => Done / Math.Max(Elapsed.TotalSeconds, 1e-9);

    /// <summary>What should be looked at.</summary>
    public IEnumerable<EnrolmentWarning> Warnings => Enrolled.SelectMany(o => o.Warnings);

    /// <summary>The samples that look like another person.</summary>
    public IEnumerable<EnrolmentOutcome> Resemblances => Enrolled.Where(o => o.Enrolment!.Resembles is not null);
}
