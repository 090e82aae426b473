namespace EdgeFace.Vision;

/// <summary>
/// How many pictures, and how many pixels of them, may be in memory at once. Who finds no room waits, first come, first served, so that a large
/// picture is not passed over for ever. A picture larger than the budget goes alone.
/// </summary>
sealed class PixelBudget(int pictures, long pixels)
{
    // An ordinary photo. While it is decoded a pixel takes 7 bytes, up to 15 (ImageLimits).
    const long PixelsOfCore = 25_000_000;
    const long BytesOfPixel = 10;

    // Who holds a lease takes no other: two threads that waited for one another's would wait for ever.
    [ThreadStatic]
    static bool _holds;

    readonly LinkedList<Waiter> _waiting = [];
    int _held;
    long _heldPixels;

    /// <summary>
    /// The one of this process: as many pictures as processors, 25 million pixels for each, and no more than fill a quarter of the memory that the
    /// process may use.
    /// </summary>
    public static PixelBudget OfProcess { get; } = new(Environment.ProcessorCount,
        Math.Min(PixelsOfCore * Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / BytesOfPixel));

    /// <summary>The pixels that may be held at once.</summary>
    public long Pixels => pixels;

    /// <summary>How many pictures are held.</summary>
    public int Held => _held;

    /// <summary>Waits for room. Within a lease of the same thread it takes none and does not wait.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before there was room.</exception>
    public Lease Take(long count, CancellationToken cancellation = default)
    {
        if (_holds) return default;
        cancellation.ThrowIfCancellationRequested();
        if (Queue(count) is { } place)
        {
            try
            {
                place.Value.Room.Wait(cancellation);
            }
            catch
            {
                // Room that came at the same moment is for the next.
                if (!Leave(place)) Return(count);
                throw;
            }
        }
        return Hold(count);
    }

    /// <summary>Waits for room, which is to be held by the thread that works: <see cref="Hold"/>.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before there was room.</exception>
    public async Task ReserveAsync(long count, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Queue(count) is not { } place) return;
        await using var registration = cancellation.UnsafeRegister(_ =>
        {
            if (Leave(place)) place.Value.Cancel(cancellation);
        }, null).ConfigureAwait(false);
        await place.Value.Room.ConfigureAwait(false);
    }

    /// <summary>The lease of room that this thread was given.</summary>
    public Lease Hold(long count)
    {
        _holds = true;
        return new(this, count);
    }

    /// <summary>Takes room, or a place among those who wait.</summary>
    LinkedListNode<Waiter>? Queue(long count)
    {
        lock (_waiting)
        {
            var place = _waiting.AddLast(new Waiter(count));
            Admit();
            return place.List is null ? null : place;
        }
    }

    /// <summary>Waits no longer; false where there was room meanwhile.</summary>
    bool Leave(LinkedListNode<Waiter> place)
    {
        lock (_waiting)
        {
            if (place.List is null) return false;
            _waiting.Remove(place);
            // It may have been the one that the others waited behind.
            Admit();
            return true;
        }
    }

    void Admit()
    {
        while (_waiting.First is { } first && Fits(first.Value.Count))
        {
            _held++;
            _heldPixels += first.Value.Count;
            _waiting.RemoveFirst();
            first.Value.Admit();
        }
    }

    bool Fits(long count) => _held == 0 || _held < pictures && _heldPixels + count <= pixels;

    void Return(long count)
    {
        lock (_waiting)
        {
            _held--;
            _heldPixels -= count;
            Admit();
        }
    }

    sealed class Waiter(long count)
    {
        // What follows must not run under the lock of the budget.
        readonly TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Count => count;

        public Task Room => _room.Task;

        public void Admit() => _room.SetResult();

        public void Cancel(CancellationToken cancellation) => _room.SetCanceled(cancellation);
    }

    /// <summary>The room of one picture, held by one thread until it is disposed of; once only.</summary>
    public readonly ref struct Lease(PixelBudget? budget, long count)
    {
        public void Dispose()
        {
            if (budget is null) return;
            _holds = false;
            budget.Return(count);
        }
    }
}
