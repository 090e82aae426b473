namespace EdgeFace.Gallery;

/// <summary>
/// Connections for reading, opened as they are needed. Each serves one caller at a time; who finds none free waits for the next, in the order of
/// coming. They wait for no writer: SQLite's log lets each see one state of the file while the next is written.
/// </summary>
/// <param name="open">Opens one.</param>
/// <param name="most">At most so many.</param>
sealed class SqliteReaders(Func<SqliteRows> open, int most) : IDisposable
{
    readonly object _lock = new();
    readonly Stack<SqliteRows> _idle = new();
    readonly Queue<TaskCompletionSource<SqliteRows?>> _waiting = new();
    int _inUse;
    bool _disposed;

    /// <exception cref="ObjectDisposedException">The gallery is closed.</exception>
    public T Use<T>(Func<SqliteRows, T> work)
    {
        var rows = Take();
        try
        {
            rows ??= open();
            return work(rows);
        }
        catch
        {
            // Whatever state an error leaves a connection in, nobody meets it.
            rows?.Dispose();
            rows = null;
            throw;
        }
        finally
        {
            Return(rows);
        }
    }

    /// <summary>Waits until nobody reads any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            while (_inUse > 0) Monitor.Wait(_lock);
            while (_idle.TryPop(out var rows)) rows.Dispose();
        }
    }

    /// <returns>Null where one is to be opened.</returns>
    SqliteRows? Take()
    {
        TaskCompletionSource<SqliteRows?> turn;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteGallery));
            if (_inUse < most)
            {
                _inUse++;
                return _idle.TryPop(out var rows) ? rows : null;
            }
            _waiting.Enqueue(turn = new());
        }
        return turn.Task.GetAwaiter().GetResult();
    }

    /// <summary>Hands it on to who waits longest, so that nobody who comes later is faster.</summary>
    void Return(SqliteRows? rows)
    {
        TaskCompletionSource<SqliteRows?>? next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next))
            {
                _inUse--;
                if (rows is not null) _idle.Push(rows);
                Monitor.PulseAll(_lock);
            }
        }
        next?.SetResult(rows);
    }
}
