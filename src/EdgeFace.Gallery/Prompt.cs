namespace EdgeFace.Gallery;

/// <summary>Asynchronous work that never keeps its caller waiting once it is cancelled.</summary>
static class Prompt
{
    // With what it takes to be scheduled, within the 100 ms that callers are promised.
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Does work that observes the token it is given. Where it takes longer to undo what it did, or to store what it can no longer undo, the caller
    /// goes on and it ends by itself.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled before it was done.</exception>
    public static async Task<T> Run<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled) return await work(CancellationToken.None).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        // The work is told on another thread: telling a server takes time, and whoever cancels must not wait for that.
        var told = new CancellationTokenSource();
        using var telling = cancellationToken.UnsafeRegister(static source => _ = ((CancellationTokenSource)source!).CancelAsync(), told);
        var task = work(told.Token);
        try
        {
            return await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAny(task, Task.Delay(Grace, CancellationToken.None)).ConfigureAwait(false);
            if (task is { IsCompleted: true, IsCanceled: false }) return await task.ConfigureAwait(false);
            // Nobody is told any more how it ended.
            _ = task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
