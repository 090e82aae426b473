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

    readonly LinkedList<object> _waiting = [];
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
    public Lease Take(long count)
    {
        if (_holds) return default;
        lock (_waiting)
        {
            var place = _waiting.AddLast(new object());
            try
            {
                while (_waiting.First != place || !Fits(count)) Monitor.Wait(_waiting);
                _held++;
                _heldPixels += count;
            }
            finally
            {
                _waiting.Remove(place);
                Monitor.PulseAll(_waiting);
            }
        }
        _holds = true;
        return new(this, count);
    }

    bool Fits(long count) => _held == 0 || _held < pictures && _heldPixels + count <= pixels;

    void Return(long count)
    {
        _holds = false;
        lock (_waiting)
        {
            _held--;
            _heldPixels -= count;
            Monitor.PulseAll(_waiting);
        }
    }

    /// <summary>The room of one picture, held by one thread until it is disposed of; once only.</summary>
    public readonly ref struct Lease(PixelBudget? budget, long count)
    {
        public void Dispose() => budget?.Return(count);
    }
}
