namespace EdgeFace.Training.Data;

/// <summary>Makes batches ahead on worker threads and gives them in order.</summary>
sealed class Ahead<T> : IDisposable
{
    readonly Queue<Task<T>> _ahead = [];
    readonly Func<long, T> _make;
    readonly int _batch;
    long _next;

    /// <param name="make">Makes the batch whose first view has a number.</param>
    /// <param name="batch">Views of a batch.</param>
    /// <param name="first">The number of the first view.</param>
    /// <param name="workers">How many batches are made at once, each on a thread of its own.</param>
    public Ahead(Func<long, T> make, int batch, long first, int workers)
    {
        (_make, _batch, _next) = (make, batch, first);
        for (var i = 0; i < workers; i++) Enqueue();
    }

    /// <summary>The next batch.</summary>
    public T Take()
    {
        var batch = _ahead.Dequeue();
        Enqueue();
        return batch.GetAwaiter().GetResult();
    }

    /// <summary>Waits until what is made ahead is made.</summary>
    public void Settle() => Task.WaitAll([.. _ahead]);

    void Enqueue()
    {
        var first = _next;
        _next += _batch;
        _ahead.Enqueue(Task.Factory.StartNew(() => _make(first), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    /// <summary>Waits for the batches in the making.</summary>
    public void Dispose() => Task.WhenAll(_ahead).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
}
