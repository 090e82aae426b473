namespace EdgeFace.App.Galleries;

/// <summary>Work on many things on all cores, its results taken in order by one: at most a bounded number are ahead of the taker, so that memory does not grow with their number.</summary>
static class Ahead
{
    public static IEnumerable<(T Item, TResult Result)> Of<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> work)
    {
        // Enough that the cores have work while the taker waits for the disk.
        var most = 8 * Environment.ProcessorCount;
        var running = new Queue<(T Item, Task<TResult> Task)>();
        try
        {
            foreach (var item in items)
            {
                if (running.Count == most) yield return Take();
                running.Enqueue((item, Task.Run(() => work(item))));
            }
            while (running.Count > 0) yield return Take();
        }
        finally
        {
            // Who stops taking may free what the work uses.
            foreach (var (_, task) in running) task.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        }

        (T, TResult) Take()
        {
            var (item, task) = running.Dequeue();
            return (item, task.GetAwaiter().GetResult());
        }
    }
}
