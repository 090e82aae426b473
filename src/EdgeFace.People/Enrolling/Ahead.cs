namespace EdgeFace.People;

/// <summary>
/// Work on many things on all cores, its results taken in order by one: at most a bounded number are ahead of the taker, and no more are worked on
/// at once than there are cores, so that memory does not grow with their number.
/// </summary>
static class Ahead
{
    /// <summary>What is done, at least one result at a time. Items are drawn on the thread of the taker, which waits for results: one of the pool
    /// would be missing to the work.</summary>
    /// <param name="stop">Drops what was not begun; what is in hand is waited for.</param>
    /// <exception cref="OperationCanceledException">It was stopped; all results before the first that was dropped were given.</exception>
    public static IEnumerable<IReadOnlyList<TResult>> Of<T, TResult>(
        IEnumerable<T> items, Func<T, TResult> work, CancellationToken stop = default)
    {
        // Enough that the cores have work while the taker waits for the disk.
        var most = 8 * Environment.ProcessorCount;
        var running = new Queue<Task<TResult>>();
        // Work that waits, for a file or for room, would have the thread pool start ever more of it.
        using var cores = new SemaphoreSlim(Environment.ProcessorCount);
        try
        {
            foreach (var item in items)
            {
                running.Enqueue(Task.Run(() => OnACore(item), CancellationToken.None));
                if (running.Count == most) yield return Take();
            }
            while (running.Count > 0) yield return Take();
        }
        finally
        {
            // Who stops taking may free what the work uses.
            Task.WhenAll(running).ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        async Task<TResult> OnACore(T item)
        {
            await cores.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                return work(item);
            }
            finally
            {
                cores.Release();
            }
        }

        List<TResult> Take()
        {
            List<TResult> done = [running.Dequeue().GetAwaiter().GetResult()];
            while (running.TryPeek(out var next) && next.IsCompletedSuccessfully) done.Add(running.Dequeue().GetAwaiter().GetResult());
            return done;
        }
    }
}
