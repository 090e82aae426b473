using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection;

/// <summary>Stage 1: the single-shot, anchor-free detector (spec: docs/detector.md). Weights are immutable and shared.</summary>
sealed unsafe class DetectorNetwork : IDisposable
{
    /// <summary>Channels of an output cell: score, four distances, five landmarks.</summary>
    public const int CellChannels = 15;

    /// <summary>Floats an output cell takes.</summary>
    public const int CellStride = 16;

    readonly KernelSet _kernels;
    readonly DenseConv _stem, _lat8, _lat16, _lat32, _out8, _out16, _out32;
    readonly SeparableConv[] _s4, _s8, _s16, _s32;
    readonly SeparableConv _fpn8, _fpn16, _fpn32, _head8, _head16, _head32;

    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    public DetectorNetwork(ModelFile model, KernelSet kernels)
    {
        _kernels = kernels;
        _stem = new(kernels, model, "stem", 3, 16, 3, 3);
        _s4 = [Separable("s4.0", 16, 32, 2), Separable("s4.1", 32, 32, 1)];
        _s8 = [Separable("s8.0", 32, 64, 2), Separable("s8.1", 64, 64, 1), Separable("s8.2", 64, 64, 1)];
        _s16 = [Separable("s16.0", 64, 96, 2), Separable("s16.1", 96, 96, 1), Separable("s16.2", 96, 96, 1)];
        _s32 = [Separable("s32.0", 96, 128, 2), Separable("s32.1", 128, 128, 1)];
        (_lat8, _lat16, _lat32) = (Pointwise("lat8", 64, 64), Pointwise("lat16", 96, 64), Pointwise("lat32", 128, 64));
        (_fpn8, _fpn16, _fpn32) = (Separable("fpn8", 64, 64, 1), Separable("fpn16", 64, 64, 1), Separable("fpn32", 64, 64, 1));
        (_head8, _head16, _head32) = (Separable("head8", 64, 64, 1), Separable("head16", 64, 64, 1), Separable("head32", 64, 64, 1));
        (_out8, _out16, _out32) = (Pointwise("out8", 64, CellChannels, false), Pointwise("out16", 64, CellChannels, false), Pointwise("out32", 64, CellChannels, false));

        SeparableConv Separable(string name, int input, int output, int stride) => new(kernels, model, name, input, output, stride);
        DenseConv Pointwise(string name, int input, int output, bool relu = true) => new(kernels, model, name, input, output, 1, input, relu);
    }

    /// <summary>Working memory for pictures of up to the given size, multiples of 32. One thread at a time.</summary>
    public sealed class Memory(int height, int width) : IDisposable
    {
        readonly NativeBuffer _buffer = new(Floats(height, width));

        public int Height { get; } = height;
        public int Width { get; } = width;

        /// <summary>(height, width, 3): the input.</summary>
        public float* Input => _buffer.Pointer;

        public Span<float> InputSpan => new(Input, Height * Width * 3);

        public float* Rest => _buffer.Pointer + (long)Height * Width * 3;

        // In units of the input's area: 3 for the input, 4 and 2 for the two working maps, and c3 to c5, p3 to p5, three outputs and their neighbours.
        static long Floats(int height, int width) => (long)height * width * 3 + (long)height * width * 6 + (long)height * width / 64 * 4 * 64 + 32L * width + 4096;

        public void Dispose() => _buffer.Dispose();
    }

    /// <summary>Called with each named map when a reference is compared.</summary>
    public delegate void Probe(string name, float* map, int height, int width, int channels);

    /// <summary>Maps of the three outputs: (height / stride, width / stride, CellStride) for strides 8, 16 and 32.</summary>
    public (nint Out8, nint Out16, nint Out32) Run(Memory memory, Probe? probe = null)
    {
        int h = memory.Height, w = memory.Width, area = h * w;
        float* a = memory.Rest, b = a + 4L * area, rest = b + 2L * area;
        float* c3 = Take(64, 64), c4 = Take(256, 96), c5 = Take(1024, 128);
        float* p3 = Take(64, 64), p4 = Take(256, 64), p5 = Take(1024, 64);
        float* out8 = Take(64, CellStride), out16 = Take(256, CellStride), out32 = Take(1024, CellStride);

        // The line of stem patches lies in b, which is free until the first separable layer.
        _stem.RunStem(_kernels, memory.Input, h, w, b, a);
        int y = h / 2, x = w / 2;
        probe?.Invoke("stem", a, y, x, 16);
        foreach (var layer in _s4) layer.Run(_kernels, a, ref y, ref x, b, a);
        Layers(_s8, a, c3);
        probe?.Invoke("c3", c3, y, x, 64);
        Layers(_s16, c3, c4);
        probe?.Invoke("c4", c4, y, x, 96);
        Layers(_s32, c4, c5);
        probe?.Invoke("c5", c5, y, x, 128);

        Pyramid(_lat32, c5, 128, _fpn32, null, p5, h / 32, w / 32);
        Pyramid(_lat16, c4, 96, _fpn16, p5, p4, h / 16, w / 16);
        Pyramid(_lat8, c3, 64, _fpn8, p4, p3, h / 8, w / 8);
        probe?.Invoke("p5", p5, h / 32, w / 32, 64);
        probe?.Invoke("p4", p4, h / 16, w / 16, 64);
        probe?.Invoke("p3", p3, h / 8, w / 8, 64);

        Head(_head8, _out8, p3, out8, h / 8, w / 8);
        Head(_head16, _out16, p4, out16, h / 16, w / 16);
        Head(_head32, _out32, p5, out32, h / 32, w / 32);
        probe?.Invoke("out8", out8, h / 8, w / 8, CellChannels);
        probe?.Invoke("out16", out16, h / 16, w / 16, CellChannels);
        probe?.Invoke("out32", out32, h / 32, w / 32, CellChannels);
        return ((nint)out8, (nint)out16, (nint)out32);

        float* Take(int divisor, int stride)
        {
            var start = rest;
            rest += (long)area / divisor * stride;
            return start;
        }

        // A separable layer reads its input fully before its pointwise part writes, so it may write where it read.
        void Layers(SeparableConv[] layers, float* from, float* to)
        {
            foreach (var layer in layers)
            {
                layer.Run(_kernels, from, ref y, ref x, b, to);
                from = to;
            }
        }

        void Pyramid(DenseConv lateral, float* map, int channels, SeparableConv smooth, float* coarser, float* to, int rows, int columns)
        {
            lateral.Run(_kernels, map, channels, a, rows * columns);
            if (coarser is not null) AddUpsampled(coarser, a, rows, columns);
            smooth.Run(_kernels, a, ref rows, ref columns, b, to);
        }

        void Head(SeparableConv head, DenseConv last, float* map, float* to, int rows, int columns)
        {
            head.Run(_kernels, map, ref rows, ref columns, b, a);
            last.Run(_kernels, a, 64, to, rows * columns);
        }
    }

    /// <summary>map += the coarser map, each of its pixels taken for 2 x 2.</summary>
    void AddUpsampled(float* coarser, float* map, int rows, int columns)
    {
        for (var y = 0; y < rows; y++)
            for (var x = 0; x < columns; x++)
                _kernels.Add(coarser + ((long)(y / 2) * (columns / 2) + x / 2) * 64, map + ((long)y * columns + x) * 64, 64);
    }

    public void Dispose()
    {
        foreach (var layer in (IDisposable[])[_stem, .. _s4, .. _s8, .. _s16, .. _s32, _lat8, _lat16, _lat32, _fpn8, _fpn16, _fpn32, _head8, _head16, _head32, _out8, _out16, _out32])
            layer.Dispose();
    }
}
