using System.Data.Common;

namespace EdgeFace.Gallery;

/// <summary>Takes jobs and does them, one after another, until there is none to take.</summary>
/// <remarks>
/// Run it on several threads and machines for more at once. A sample that its person has already counts as done. A refusal by the gallery's
/// rules, or a <see cref="GalleryException"/> of the function that embeds, is final unless the store itself failed; any other exception of that
/// function lets the job be tried again.
/// </remarks>
public static class EnrolWork
{
    /// <summary>Works until there is no job to take, or it is asked to stop after the job in hand.</summary>
    /// <param name="jobs">Where jobs are taken.</param>
    /// <param name="worker">A name for this worker.</param>
    /// <param name="lease">How long a worker may be silent before its job is given to another; renewed while <paramref name="embed"/> runs.
    /// At least a second.</param>
    /// <param name="embed">Makes the samples of a job's picture.</param>
    /// <param name="options">How to enrol.</param>
    /// <param name="enrolled">Told of each sample once it is committed.</param>
    /// <param name="cancel">Ends the work after the job in hand.</param>
    /// <returns>How many jobs it completed.</returns>
    /// <exception cref="GalleryException">The store cannot be reached; the job in hand will be taken over.</exception>
    public static int Work(this IEnrolJobs jobs, string worker, TimeSpan lease, Func<EnrolJob, IReadOnlyList<NewSample>> embed,
        EnrolOptions options = default, Action<EnrolJob, Enrolment>? enrolled = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(embed);
        Require(jobs, lease);
        var done = 0;
        // What embeds stays on the caller's thread.
        while (!cancel.IsCancellationRequested && jobs.Take(worker, lease) is { } job)
        {
            IReadOnlyList<NewSample>? samples = null;
            Exception? failure = null;
            try
            {
                using var renewal = new LeaseRenewal(jobs, job, lease);
                samples = embed(job);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failure = e;
            }
            if (Settle(jobs, job, samples, failure, options, enrolled, CancellationToken.None).GetAwaiter().GetResult()) done++;
        }
        return done;
    }

    /// <summary>
    /// As <see cref="Work"/>, but it ends at once when it is cancelled: the job in hand is given back, and the attempt does not count.
    /// </summary>
    /// <param name="jobs">Where jobs are taken.</param>
    /// <param name="worker">A name for this worker.</param>
    /// <param name="lease">As for <see cref="Work"/>.</param>
    /// <param name="embed">Makes the samples of a job's picture; given the token, which it heeds.</param>
    /// <param name="options">How to enrol.</param>
    /// <param name="enrolled">Told of each sample once it is committed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How many jobs it completed.</returns>
    /// <exception cref="GalleryException">The store cannot be reached; the job in hand will be taken over.</exception>
    public static async Task<int> WorkAsync(this IEnrolJobs jobs, string worker, TimeSpan lease,
        Func<EnrolJob, CancellationToken, Task<IReadOnlyList<NewSample>>> embed, EnrolOptions options = default,
        Action<EnrolJob, Enrolment>? enrolled = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(embed);
        Require(jobs, lease);
        var done = 0;
        while (await jobs.TakeAsync(worker, lease, cancellationToken).ConfigureAwait(false) is { } job)
        {
            try
            {
                IReadOnlyList<NewSample>? samples = null;
                Exception? failure = null;
                try
                {
                    using var renewal = new LeaseRenewal(jobs, job, lease);
                    samples = await embed(job, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    failure = e;
                }
                if (await Settle(jobs, job, samples, failure, options, enrolled, cancellationToken).ConfigureAwait(false)) done++;
            }
            catch (OperationCanceledException)
            {
                await GiveBack(jobs, job).ConfigureAwait(false);
                throw;
            }
        }
        return done;
    }

    static void Require(IEnrolJobs jobs, TimeSpan lease)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentOutOfRangeException.ThrowIfLessThan(lease, TimeSpan.FromSeconds(1));
    }

    /// <summary>Completes a job or says why it failed.</summary>
    /// <returns>Whether it is completed.</returns>
    static async Task<bool> Settle(IEnrolJobs jobs, EnrolJob job, IReadOnlyList<NewSample>? samples, Exception? failure,
        EnrolOptions options, Action<EnrolJob, Enrolment>? enrolled, CancellationToken cancellationToken)
    {
        try
        {
            if (samples is null)
            {
                var again = failure is not GalleryException refusal || IsOfStore(refusal);
                await jobs.FailAsync(job, failure?.Message ?? "no samples were made", again, cancellationToken).ConfigureAwait(false);
                return false;
            }
            try
            {
                var enrolments = await jobs.CompleteAsync(job, samples, options, cancellationToken).ConfigureAwait(false);
                foreach (var enrolment in enrolments) enrolled?.Invoke(job, enrolment);
            }
            catch (DuplicateSampleException)
            {
                await jobs.CompleteAsync(job, [], options, cancellationToken).ConfigureAwait(false);
            }
            catch (GalleryException e) when (e is not LeaseLostException && !IsOfStore(e))
            {
                await jobs.FailAsync(job, e.Message, again: false, cancellationToken).ConfigureAwait(false);
                return false;
            }
            return true;
        }
        catch (LeaseLostException)
        {
            return false;
        }
    }

    /// <summary>Nobody waits for it longer than for any call that is cancelled; else the lease expires.</summary>
    static async Task GiveBack(IEnrolJobs jobs, EnrolJob job)
    {
        using var soon = new CancellationTokenSource(Prompt.Grace);
        try
        {
            await jobs.GiveBackAsync(job, soon.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or GalleryException or ObjectDisposedException)
        {
            // It is another's, or free when the lease expires.
        }
    }

    /// <summary>Whether the store failed, and did not refuse what it was asked.</summary>
    static bool IsOfStore(GalleryException e) => e.InnerException is DbException;
}
