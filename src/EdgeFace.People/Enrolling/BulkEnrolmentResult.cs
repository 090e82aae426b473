namespace EdgeFace.People;

/// <summary>What came of enrolling many pictures, in their order.</summary>
public sealed record BulkEnrolmentResult
{
    /// <summary>The pictures that are samples now.</summary>
    public required IReadOnlyList<EnrolmentOutcome> Enrolled { get; init; }

    /// <summary>How many pictures their people had already.</summary>
    public required int AlreadyThere { get; init; }

    /// <summary>How many people were added.</summary>
    public required int PeopleAdded { get; init; }

    /// <summary>Sound pictures without the face that is meant, or with one that cannot be recognised.</summary>
    public required IReadOnlyList<EnrolmentOutcome> NoAnswer { get; init; }

    /// <summary>Pictures that cannot be used or were refused.</summary>
    public required IReadOnlyList<EnrolmentOutcome> Failed { get; init; }

    /// <summary>Whether it was stopped before all were dealt with; the same call goes on with the rest.</summary>
    public required bool Stopped { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>How many pictures were dealt with.</summary>
    public int Taken => Enrolled.Count + AlreadyThere + NoAnswer.Count + Failed.Count;

    /// <summary>Pictures dealt with in a second.</summary>
    public double PicturesPerSecond => Taken / Math.Max(Elapsed.TotalSeconds, 1e-9);

    /// <summary>What should be looked at.</summary>
    public IEnumerable<EnrolmentWarning> Warnings => Enrolled.SelectMany(o => o.Warnings);

    /// <summary>The samples that look like another person: a warning that one may be wrong, or that one person was enrolled twice.</summary>
    public IEnumerable<EnrolmentOutcome> Resemblances => Enrolled.Where(o => o.Enrolment!.Resembles is not null);
}
