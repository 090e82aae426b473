namespace EdgeFace.Gallery;

/// <remarks>
/// SQLite only blocks: it waits for the disk in the thread that asks. So an asynchronous call is the blocking one on a thread of the pool, which
/// it holds until it is done; the caller's thread is free, but nothing is gained where many wait at once. A call that is cancelled gives up before
/// its next statement, within a long one, or at the latest before it commits. It waits no longer for other calls or processes; what it does of
/// itself after its commit, above all clearing what was deleted, goes on without the caller.
/// </remarks>
public sealed partial class SqliteGallery
{
    /// <inheritdoc/>
    public Task<GalleryInfo> GetInfoAsync(CancellationToken cancellationToken = default)
        => OnPool(() => Info, cancellationToken);

    /// <inheritdoc/>
    public Task<Person> AddPersonAsync(NewPerson person, CancellationToken cancellationToken = default)
        => OnPool(() => AddPerson(person), cancellationToken);

    /// <inheritdoc/>
    public Task<Person> UpdatePersonAsync(long personId, NewPerson person, CancellationToken cancellationToken = default)
        => OnPool(() => UpdatePerson(personId, person), cancellationToken);

    /// <inheritdoc/>
    public Task<Person?> FindPersonAsync(long personId, CancellationToken cancellationToken = default)
        => OnPool(() => FindPerson(personId), cancellationToken);

    /// <inheritdoc/>
    public Task<Person?> FindPersonAsync(string externalKey, CancellationToken cancellationToken = default)
        => OnPool(() => FindPerson(externalKey), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Person>> PersonsAsync(long afterId = 0, int count = 1000, CancellationToken cancellationToken = default)
        => OnPool(() => Persons(afterId, count), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Person>> PersonsNamedAsync(string name, CancellationToken cancellationToken = default)
        => OnPool(() => PersonsNamed(name), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Sample>> SamplesAsync(long personId, CancellationToken cancellationToken = default)
        => OnPool(() => Samples(personId), cancellationToken);

    /// <inheritdoc/>
    public Task<byte[]?> CropAsync(long sampleId, CancellationToken cancellationToken = default)
        => OnPool(() => Crop(sampleId), cancellationToken);

    /// <inheritdoc/>
    public Task<Embedding?> EmbeddingOfAsync(long sampleId, CancellationToken cancellationToken = default)
        => OnPool(() => EmbeddingOf(sampleId), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ContainsSourceAsync(string sourceSha256, CancellationToken cancellationToken = default)
        => OnPool(() => ContainsSource(sourceSha256), cancellationToken);

    /// <inheritdoc/>
    public Task<Enrolment> EnrolAsync(long personId, NewSample sample, EnrolOptions options = default, CancellationToken cancellationToken = default)
        => OnPool(() => Enrol(personId, sample, options), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Enrolment>> EnrolAsync(
        NewPerson person, IReadOnlyList<NewSample> samples, EnrolOptions options = default, CancellationToken cancellationToken = default)
        => OnPool(() => Enrol(person, samples, options), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IReadOnlyList<Candidate>>> SearchAsync(
        IReadOnlyList<Embedding> probes, int count, CancellationToken cancellationToken = default)
        => OnPool(() => Search(probes, count), cancellationToken);

    /// <inheritdoc/>
    public Task<Deletion> DeletePersonAsync(long personId, CancellationToken cancellationToken = default)
        => OnPool(() => DeletePerson(personId), cancellationToken);

    /// <inheritdoc/>
    public Task<Deletion> DeletePersonsAsync(IReadOnlyCollection<long> personIds, CancellationToken cancellationToken = default)
        => OnPool(() => DeletePersons(personIds), cancellationToken);

    /// <inheritdoc/>
    public Task<Person> MergePeopleAsync(long into, long from, CancellationToken cancellationToken = default)
        => OnPool(() => MergePeople(into, from), cancellationToken);

    /// <inheritdoc/>
    public Task<Person> UndoMergeAsync(long from, CancellationToken cancellationToken = default)
        => OnPool(() => UndoMerge(from), cancellationToken);

    /// <inheritdoc/>
    public Task<Sample> MoveSampleAsync(long sampleId, long toPersonId, CancellationToken cancellationToken = default)
        => OnPool(() => MoveSample(sampleId, toPersonId), cancellationToken);

    /// <inheritdoc/>
    public Task<Deletion> DeleteSampleAsync(long sampleId, CancellationToken cancellationToken = default)
        => OnPool(() => DeleteSample(sampleId), cancellationToken);

    /// <inheritdoc/>
    public Task<GalleryCheck> CheckAsync(CancellationToken cancellationToken = default)
        => OnPool(() => Check(), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditEntry>> AuditAsync(long afterId = 0, int count = 1000, CancellationToken cancellationToken = default)
        => OnPool(() => Audit(afterId, count), cancellationToken);

    /// <summary><see cref="Dispose"/>, on the pool: it may write the index.</summary>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    static Task<T> OnPool<T>(Func<T> call, CancellationToken cancellationToken)
        => Prompt.Run(token => Task.Run(() => SqliteCancellation.Run(call, token), token), cancellationToken);
}
