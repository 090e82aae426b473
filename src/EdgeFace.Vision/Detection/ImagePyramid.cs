using System.Buffers;
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

    readonly List<PictureLevel> _levels = [];
    readonly List<NativeBuffer?> _memory = [];
    readonly List<MemoryHandle> _pinned = [];
    RgbImage? _image;

    /// <summary>The picture's size; its pixels are <see cref="Whole"/>.</summary>
    public (int Width, int Height) Picture { get; private set; }

    /// <summary>The picture itself: of a large JPEG not decoded before it is asked for.</summary>
    public PictureLevel Whole => At(0);

    /// <summary>Begins with a picture, whose pixels stay where they are until the last level was used.</summary>
    public void Begin(byte* pixels, int width, int height)
    {
        _levels.Clear();
        (_image, Picture) = (null, (width, height));
        _levels.Add(new((nint)pixels, width, height));
    }

    /// <summary>Begins with a picture. If it has a reduced copy, that is the level it says, and smaller ones are made of it.</summary>
    public void Begin(RgbImage image)
    {
        _levels.Clear();
        (_image, Picture) = (image, (image.Width, image.Height));
    }

    /// <summary>Ends with the picture.</summary>
    public void End()
    {
        _levels.Clear();
        _image = null;
        foreach (var pinned in _pinned) pinned.Dispose();
        _pinned.Clear();
        var bytes = 0L;
        foreach (var memory in _memory) bytes += (memory?.Count ?? 0) * sizeof(float);
        if (bytes > MostKeptBytes) Free();
    }

    /// <summary>Level k, or the smallest there can be: a level is at least 2 pixels wide and high.</summary>
    public PictureLevel Level(ref int level)
    {
        while (level > 0 && Math.Min(Picture.Width, Picture.Height) >> level < 2) level--;
        return At(level);
    }

    PictureLevel At(int level)
    {
        while (_levels.Count <= level) _levels.Add(default);
        if (_levels[level].Width == 0)
        {
            _levels[level] = _image is { } image && level == 0 ? Pinned(image)
                : _image?.Reduced is { } reduced && level == reduced.Level ? Pinned(reduced.Image) : Halve(At(level - 1), level);
        }
        return _levels[level];
    }

    PictureLevel Pinned(RgbImage image)
    {
        var pixels = image.Pin();
        _pinned.Add(pixels);
        return new((nint)pixels.Pointer, image.Width, image.Height);
    }

    PictureLevel Halve(PictureLevel from, int level)
    {
        int width = from.Width / 2, height = from.Height / 2;
        var half = new PictureLevel((nint)Memory(level - 1, 3L * width * height), width, height);
        for (var y = 0; y < height; y++) kernels.HalveRow(from.Row(2 * y), from.Row(2 * y + 1), half.Row(y), width);
        return half;
    }

    float* Memory(int copy, long bytes)
    {
        var floats = (bytes + sizeof(float) - 1) / sizeof(float);
        while (_memory.Count <= copy) _memory.Add(null);
        if (_memory[copy] is { } kept && kept.Count >= floats) return kept.Pointer;
        var larger = new NativeBuffer(floats);
        _memory[copy]?.Dispose();
        _memory[copy] = larger;
        return larger.Pointer;
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
        foreach (var memory in _memory) memory?.Dispose();
        _memory.Clear();
    }

    public void Dispose() => Free();
}
