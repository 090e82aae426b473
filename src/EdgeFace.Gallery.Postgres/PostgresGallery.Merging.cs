namespace EdgeFace.Gallery.Postgres;

public sealed partial class PostgresGallery
{
    /// <summary>Not there yet: a gallery in PostgreSQL merges nobody.</summary>
    /// <exception cref="GalleryException">Always.</exception>
    public Person MergePeople(long into, long from) => throw NoMerging();

    /// <summary>Not there yet: a gallery in PostgreSQL merges nobody.</summary>
    /// <exception cref="GalleryException">Always.</exception>
    public Person UndoMerge(long from) => throw NoMerging();

    /// <summary>Not there yet: a gallery in PostgreSQL moves no samples.</summary>
    /// <exception cref="GalleryException">Always.</exception>
    public Sample MoveSample(long sampleId, long toPersonId) => throw NoMerging();

    /// <summary><see cref="MergePeople"/>, asynchronously.</summary>
    public Task<Person> MergePeopleAsync(long into, long from, CancellationToken cancellationToken = default)
        => Task.FromException<Person>(NoMerging());

    /// <summary><see cref="UndoMerge"/>, asynchronously.</summary>
    public Task<Person> UndoMergeAsync(long from, CancellationToken cancellationToken = default)
        => Task.FromException<Person>(NoMerging());

    /// <summary><see cref="MoveSample"/>, asynchronously.</summary>
    public Task<Sample> MoveSampleAsync(long sampleId, long toPersonId, CancellationToken cancellationToken = default)
        => Task.FromException<Sample>(NoMerging());

    static GalleryException NoMerging() => new("a gallery in PostgreSQL cannot merge people or move samples yet: "
        + "enrol the photos for the right person, and delete the other");
}
