namespace EdgeFace.Models;

/// <summary>Lets an owner of native memory be disposed of at any time: the memory is freed once the last call that uses it has ended.</summary>
/// <param name="free">Frees the memory; called once.</param>
sealed class CallsInProgress(Action free)
{
    // The owner counts as one until it is disposed of.
    int _users = 1;
    bool _closed;

    /// <summary>Begins a call, which <see cref="Leave"/> ends.</summary>
    /// <exception cref="ObjectDisposedException">The owner was disposed of.</exception>
    public void Enter(object owner)
    {
        for (;;)
        {
            var users = Volatile.Read(ref _users);
            ObjectDisposedException.ThrowIf(users == 0 || Volatile.Read(ref _closed), owner);
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users) return;
        }
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0) free();
    }

    /// <summary>The owner's Dispose: later calls are refused. May be called again.</summary>
    public void Close()
    {
        if (!Interlocked.Exchange(ref _closed, true)) Leave();
    }
}
