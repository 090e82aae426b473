namespace EdgeFace.Gallery;

/// <summary>Opens on a thread of the pool what its caller has to free.</summary>
static class OpenedOnPool
{
    /// <summary>Where the caller is gone when it is open, it is closed again.</summary>
    public static async Task<T> Run<T>(Func<T> open, CancellationToken cancellationToken) where T : IDisposable
    {
        cancellationToken.ThrowIfCancellationRequested();
        var opening = Task.Run(open, CancellationToken.None);
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = opening.ContinueWith(Close, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        static void Close(Task<T> opened)
        {
            if (opened.IsCompletedSuccessfully) opened.Result.Dispose();
            else _ = opened.Exception;
        }
    }
}
