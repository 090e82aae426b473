namespace EdgeFace.Gallery;

/// <summary>Keeps a job for its worker until it is disposed.</summary>
sealed class LeaseRenewal : IDisposable
{
    readonly CancellationTokenSource _ended = new();

    public LeaseRenewal(IEnrolJobs jobs, EnrolJob job, TimeSpan lease) => _ = Renew(jobs, job, lease, _ended.Token);

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    static async Task Renew(IEnrolJobs jobs, EnrolJob job, TimeSpan lease, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(lease / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(ended).ConfigureAwait(false))
                try
                {
                    await jobs.RenewAsync(job, lease, ended).ConfigureAwait(false);
                }
                catch (GalleryException)
                {
                    // Whether the lease still holds is found out when the job is completed.
                }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
