using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection;

/// <summary>
/// A picture and its half-size copies, each pixel the mean of 2 x 2 of the level before; levels are made when first asked for. Their memory is
/// kept for the next picture.
/// </summary>
sealed unsafe class ImagePyramid(KernelSet kernels) : IDisposable
{
    // Copies of a larger picture are not kept between pictures.
    const long MostKeptBytes = 16 << 20;

    // Between two looks at whether the search was cancelled.
    const int RowsAtOnce = 64;

    readonly List<PictureLevel> _levels = [];
    readonly List<NativeBuffer> _memory = [];
    CancellationToken _cancellation;

    public PictureLevel Picture => _levels[0];

    /// <summary>Begins with a picture, whose pixels stay where they are until the last level was used.</summary>
    public void Begin(byte* pixels, int width, int height, CancellationToken cancellation = default)
    {
        _cancellation = cancellation;
        _levels.Clear();
        _levels.Add(new((nint)pixels, width, height));
    }

    /// <summary>Ends with the picture.</summary>
    public void End()
    {
        _levels.Clear();
        var bytes = 0L;
        foreach (var memory in _memory) bytes += memory.Count * sizeof(float);
        if (bytes > MostKeptBytes) Free();
    }

    /// <summary>Level k, or the smallest there can be: a level is at least 2 pixels wide and high.</summary>
    public PictureLevel Level(ref int level)
    {
        while (_levels.Count <= level && _levels[^1] is { Width: >= 4, Height: >= 4 } last) _levels.Add(Halve(last));
        level = Math.Min(level, _levels.Count - 1);
        return _levels[level];
    }

    PictureLevel Halve(PictureLevel from)
    {
        int width = from.Width / 2, height = from.Height / 2;
        var half = new PictureLevel((nint)Memory(_levels.Count - 1, 3L * width * height), width, height);
        for (var y = 0; y < height; y++)
        {
            if (y % RowsAtOnce == 0) _cancellation.ThrowIfCancellationRequested();
            kernels.HalveRow(from.Row(2 * y), from.Row(2 * y + 1), half.Row(y), width);
        }
        return half;
    }

    float* Memory(int copy, long bytes)
    {
        var floats = (bytes + sizeof(float) - 1) / sizeof(float);
        if (copy == _memory.Count) _memory.Add(new NativeBuffer(floats));
        else if (_memory[copy].Count < floats)
        {
            var larger = new NativeBuffer(floats);
            _memory[copy].Dispose();
            _memory[copy] = larger;
        }
        return _memory[copy].Pointer;
    }

    /// <summary>The level to sample from when one step of the target covers the given number of source pixels.</summary>
    public static int LevelFor(double step, double most)
    {
        var level = 0;
        for (; step >= most; step /= 2) level++;
        return level;
    }

    /// <summary>A side of the picture scaled by s, in whole pixels.</summary>
    public static int Scaled(int side, double s) => Math.Max(1, (int)Math.Round(side * s));

    void Free()
    {
        foreach (var memory in _memory) memory.Dispose();
        _memory.Clear();
    }

    public void Dispose() => Free();
}
