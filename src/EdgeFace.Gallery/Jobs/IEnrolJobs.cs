namespace EdgeFace.Gallery;

/// <summary>
/// Enrolment by many workers at once. A job is leased to one worker at a time; a worker that ends without a word loses its job to another when
/// the lease expires. A job is completed in the transaction that enrols its samples, and by its last taker only, so it is done exactly once. For
/// any number of threads and processes. <see cref="EnrolWork"/> takes and does them.
/// </summary>
/// <remarks>Each method has two forms, and is cancelled, as those of <see cref="IGallery"/>.</remarks>
public interface IEnrolJobs
{
    /// <summary>A job that was taken so often without being completed is dead.</summary>
    int MostAttempts { get; }

    /// <summary>How many jobs there are.</summary>
    EnrolCounts Counts { get; }

    /// <summary><see cref="Counts"/>, asynchronously.</summary>
    Task<EnrolCounts> GetCountsAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds jobs; those that are there already (same external key and source, whatever became of them) are passed over, so
    /// adding again is harmless.
    /// </summary>
    /// <returns>How many were added.</returns>
    /// <exception cref="GalleryException">A job is refused; none was added.</exception>
    int Add(IReadOnlyList<NewEnrolJob> jobs);

    /// <summary><see cref="Add"/>, asynchronously.</summary>
    Task<int> AddAsync(IReadOnlyList<NewEnrolJob> jobs, CancellationToken cancellationToken = default);

    /// <summary>Takes a job whose lease has expired, or else the oldest that waits.</summary>
    /// <param name="worker">A name for who takes it, shown in messages; 1 to 200 characters.</param>
    /// <param name="lease">How long the job is the worker's alone, unless renewed; more than zero.</param>
    /// <returns>The job, or null if there is none to take now.</returns>
    EnrolJob? Take(string worker, TimeSpan lease);

    /// <summary><see cref="Take"/>, asynchronously. A call that is cancelled may have taken a job, which is free again after the lease.</summary>
    Task<EnrolJob?> TakeAsync(string worker, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Extends the lease of a job: it is the worker's for so long from now.</summary>
    /// <exception cref="LeaseLostException">Another worker has it.</exception>
    void Renew(EnrolJob job, TimeSpan lease);

    /// <summary><see cref="Renew"/>, asynchronously.</summary>
    Task RenewAsync(EnrolJob job, TimeSpan lease, CancellationToken cancellationToken = default);

    /// <summary>Gives a job back untried: it waits as it did before it was taken, and the attempt does not count.</summary>
    /// <exception cref="LeaseLostException">Another worker has it.</exception>
    void GiveBack(EnrolJob job);

    /// <summary><see cref="GiveBack"/>, asynchronously.</summary>
    Task GiveBackAsync(EnrolJob job, CancellationToken cancellationToken = default);

    /// <summary>Enrols the samples of a job and completes it, in one transaction.</summary>
    /// <exception cref="LeaseLostException">Another worker has the job; nothing was enrolled.</exception>
    /// <exception cref="GalleryException">As for <see cref="IGallery.Enrol(NewPerson, IReadOnlyList{NewSample}, EnrolOptions)"/>; the job is
    /// still the worker's.</exception>
    IReadOnlyList<Enrolment> Complete(EnrolJob job, IReadOnlyList<NewSample> samples, EnrolOptions options = default);

    /// <summary><see cref="Complete"/>, asynchronously.</summary>
    Task<IReadOnlyList<Enrolment>> CompleteAsync(
        EnrolJob job, IReadOnlyList<NewSample> samples, EnrolOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a job back with what was wrong. It waits for another attempt, or is dead if that is not wanted or it was tried often enough.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="error">What was wrong; cut after 2000 characters.</param>
    /// <param name="again">Whether another attempt might succeed.</param>
    /// <exception cref="LeaseLostException">Another worker has it.</exception>
    void Fail(EnrolJob job, string error, bool again);

    /// <summary><see cref="Fail"/>, asynchronously.</summary>
    Task FailAsync(EnrolJob job, string error, bool again, CancellationToken cancellationToken = default);

    /// <summary>Lets the dead jobs be tried again, from the first attempt.</summary>
    /// <returns>How many.</returns>
    int RetryDead();

    /// <summary><see cref="RetryDead"/>, asynchronously.</summary>
    Task<int> RetryDeadAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes the jobs that are done; they could then be added again.</summary>
    /// <returns>How many.</returns>
    int RemoveDone();

    /// <summary><see cref="RemoveDone"/>, asynchronously.</summary>
    Task<int> RemoveDoneAsync(CancellationToken cancellationToken = default);

    /// <summary>The dead jobs in the order of their numbers, a page at a time.</summary>
    /// <param name="afterId">Only numbers above this one.</param>
    /// <param name="count">At most so many.</param>
    IReadOnlyList<EnrolFailure> Failures(long afterId = 0, int count = 1000);

    /// <summary><see cref="Failures"/>, asynchronously.</summary>
    Task<IReadOnlyList<EnrolFailure>> FailuresAsync(long afterId = 0, int count = 1000, CancellationToken cancellationToken = default);
}
