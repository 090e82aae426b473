namespace EdgeFace.Vision.Detection;

/// <summary>Working memory of one search, for tiles of one size after the other. One thread at a time.</summary>
sealed class TileMemory : IDisposable
{
    DetectorNetwork.Memory? _memory;

    /// <summary>The memory for tiles of a size; what was of another size is freed.</summary>
    public DetectorNetwork.Memory Of(int height, int width)
    {
        if (_memory is { } last && last.Height == height && last.Width == width) return last;
        _memory?.Dispose();
        // Not to be freed again, should there be no memory for the next.
        _memory = null;
        return _memory = new(height, width);
    }

    public void Dispose() => _memory?.Dispose();
}
