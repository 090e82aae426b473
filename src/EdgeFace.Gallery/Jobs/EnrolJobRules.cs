namespace EdgeFace.Gallery;

/// <summary>What every store of jobs refuses, and in the same words.</summary>
static class EnrolJobRules
{
    const int MostErrorCharacters = 2000;

    /// <summary>The job as it is stored.</summary>
    public static NewEnrolJob Accepted(NewEnrolJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(job.Person);
        if (job.Person.ExternalKey is null)
            throw new GalleryException($"'{job.Person.Name}' has no external key, by which the workers could find the person: give one");
        if (string.IsNullOrEmpty(job.Source)) throw new GalleryException($"the job of '{job.Person.Name}' has no source");
        GalleryRules.RequireSource(job.Source);
        return job with { Person = GalleryRules.Accepted(job.Person) };
    }

    public static void RequireTaker(string worker, TimeSpan lease)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(worker);
        if (worker.Length > NewPerson.MostCharacters)
            throw new ArgumentException($"a worker's name may have {NewPerson.MostCharacters} characters", nameof(worker));
        RequireLease(lease);
    }

    public static void RequireLease(TimeSpan lease) => ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lease, TimeSpan.Zero);

    /// <summary>An error as every store can keep it.</summary>
    public static string Storable(string error)
        => new([.. error.Take(MostErrorCharacters).Select(c => c == '\0' || char.IsSurrogate(c) ? '?' : c)]);
}
