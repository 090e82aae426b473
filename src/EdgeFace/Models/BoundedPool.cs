namespace EdgeFace.Models;

/// <summary>Working memories for any number of threads, never more than a limit: further callers wait until one is returned.</summary>
/// <remarks>A thread that holds one must not take another of the same pool, or waiting could last for ever.</remarks>
sealed class BoundedPool<T>(int limit, Func<T> create) : IDisposable where T : class, IDisposable
{
    // The last one returned goes out first: it is the warmest.
    readonly Stack<T> _idle = new(limit);

    /// <summary>How many there are, in use or idle.</summary>
    public int Count { get; private set; }

    /// <exception cref="OperationCanceledException">It was cancelled before one was free.</exception>
    public T Take(CancellationToken cancellation = default)
    {
        using var registration = cancellation.UnsafeRegister(static pool => ((BoundedPool<T>)pool!).WakeAll(), this);
        lock (_idle)
        {
            while (_idle.Count == 0 && Count == limit)
            {
                cancellation.ThrowIfCancellationRequested();
                Monitor.Wait(_idle);
            }
            if (_idle.TryPop(out var idle)) return idle;
            Count++;
        }
        try
        {
            return create();
        }
        catch
        {
            lock (_idle)
            {
                Count--;
                Monitor.Pulse(_idle);
            }
            throw;
        }
    }

    void WakeAll()
    {
        lock (_idle) Monitor.PulseAll(_idle);
    }

    public void Return(T memory)
    {
        lock (_idle)
        {
            _idle.Push(memory);
            Monitor.Pulse(_idle);
        }
    }

    /// <summary>Frees what was returned; called when nothing is in use any more.</summary>
    public void Dispose()
    {
        while (_idle.TryPop(out var memory)) memory.Dispose();
    }
}
