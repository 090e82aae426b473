using System.Diagnostics;

namespace EdgeFace.Gallery;

/// <summary>The token of the asynchronous call for which this thread works, if it does. SQLite works in the thread that asks it.</summary>
static class SqliteCancellation
{
    [ThreadStatic]
    static CancellationToken _token;

    public static bool IsAsked => _token.IsCancellationRequested;

    public static void ThrowIfAsked() => _token.ThrowIfCancellationRequested();

    /// <summary>The last moment to give up: what follows is done to its end.</summary>
    public static void PassLast()
    {
        ThrowIfAsked();
        _token = default;
    }

    public static T Run<T>(Func<T> work, CancellationToken token)
    {
        Debug.Assert(!_token.CanBeCanceled, "a thread works for one call at a time");
        _token = token;
        try
        {
            return work();
        }
        finally
        {
            _token = default;
        }
    }
}
