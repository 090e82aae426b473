namespace EdgeFace.Models;

/// <summary>Working memories for any number of threads, never more than a limit: further callers wait until one is returned.</summary>
/// <remarks>A thread that holds one must not take another of the same pool, or waiting could last for ever.</remarks>
sealed class ScratchPool(EdgeFaceConfig config, int images, int limit) : IDisposable
{
    // The last one returned goes out first: it is the warmest.
    readonly Stack<Scratch> _idle = new(limit);

    /// <summary>How many there are, in use or idle.</summary>
    public int Count { get; private set; }

    public Scratch Take()
    {
        lock (_idle)
        {
            while (_idle.Count == 0 && Count == limit) Monitor.Wait(_idle);
            if (_idle.TryPop(out var idle)) return idle;
            Count++;
        }
        try
        {
            return new Scratch(config, images);
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

    public void Return(Scratch scratch)
    {
        lock (_idle)
        {
            _idle.Push(scratch);
            Monitor.Pulse(_idle);
        }
    }

    /// <summary>Frees what was returned; called when nothing is in use any more.</summary>
    public void Dispose()
    {
        while (_idle.TryPop(out var scratch)) scratch.Dispose();
    }
}
