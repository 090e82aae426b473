using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection;

/// <summary>Stage 2: a second look at a found face, 64 x 64 pixels in, score and landmarks out (spec: docs/detector.md).</summary>
sealed unsafe class RefinerNetwork : IDisposable
{
    /// <summary>Side of the input patch in pixels.</summary>
    public const int PatchSize = 64;

    /// <summary>Score logit and five landmarks.</summary>
    public const int Outputs = 11;

    readonly KernelSet _kernels;
    readonly DenseConv _stem, _pool, _out;
    readonly SeparableConv _r4, _r80, _r81, _r160, _r161;

    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    public RefinerNetwork(ModelFile model, KernelSet kernels)
    {
        _kernels = kernels;
        _stem = new(kernels, model, "stem", 3, 16, 3, 3);
        _r4 = new(kernels, model, "r4", 16, 32, 2);
        _r80 = new(kernels, model, "r8.0", 32, 64, 2);
        _r81 = new(kernels, model, "r8.1", 64, 64, 1);
        _r160 = new(kernels, model, "r16.0", 64, 96, 2);
        _r161 = new(kernels, model, "r16.1", 96, 96, 1);
        _pool = new(kernels, model, "pool", 96, 64, 4, 96);
        _out = new(kernels, model, "out", 64, Outputs, 1, 64, relu: false);
    }

    /// <param name="patch">(64, 64, 3), values byte / 127.5 - 1.</param>
    /// <param name="output">Receives 11 values.</param>
    public void Run(ReadOnlySpan<float> patch, Span<float> output, DetectorNetwork.Probe? probe = null)
    {
        using var memory = new NativeBuffer(2 * 32 * 32 * 16);
        float* a = memory.Pointer, b = a + 32 * 32 * 16;
        fixed (float* input = patch) _stem.RunStem(_kernels, input, PatchSize, PatchSize, b, a);
        int y = PatchSize / 2, x = PatchSize / 2;
        _r4.Run(_kernels, a, ref y, ref x, b, a);
        _r80.Run(_kernels, a, ref y, ref x, b, a);
        _r81.Run(_kernels, a, ref y, ref x, b, a);
        probe?.Invoke("refiner.r8", a, y, x, 64);
        _r160.Run(_kernels, a, ref y, ref x, b, a);
        _r161.Run(_kernels, a, ref y, ref x, b, a);
        probe?.Invoke("refiner.r16", a, y, x, 96);
        _pool.Run(_kernels, a, 4 * 4 * 96, b, 1);
        _out.Run(_kernels, b, 64, a, 1);
        new ReadOnlySpan<float>(a, Outputs).CopyTo(output);
    }

    public void Dispose()
    {
        foreach (var layer in (IDisposable[])[_stem, _r4, _r80, _r81, _r160, _r161, _pool, _out]) layer.Dispose();
    }
}
