namespace EdgeFace.Tests.Support;

/// <summary>Work on many threads at once.</summary>
static class Threads
{
    /// <summary>Threads of their own, not the pool's, which would hand them out one by one. The first failure is thrown.</summary>
    public static void Run(int count, Action<int> work)
    {
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            try
            {
                work(i);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        }))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }
}
