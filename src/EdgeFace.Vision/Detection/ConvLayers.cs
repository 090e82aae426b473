using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection;

/// <summary>A dense convolution as a matrix product over patches in (y, x, channel) order, then ReLU unless it is the last layer.</summary>
sealed unsafe class DenseConv : IDisposable
{
    readonly PackedMatrix _weight;
    readonly Activation _activation;

    /// <param name="inputStride">Floats a pixel of the input takes; the weights of its pad lanes are zero.</param>
    public DenseConv(KernelSet kernels, ModelFile model, string name, int input, int output, int kernel, int inputStride, bool relu = true)
    {
        var source = model.Read(name + ".weight", output, input, kernel, kernel);
        var area = kernel * kernel;
        var patches = new float[output * area * inputStride];
        for (var o = 0; o < output; o++)
            for (var c = 0; c < input; c++)
                for (var p = 0; p < area; p++)
                    patches[(o * area + p) * inputStride + c] = source[(o * input + c) * area + p];
        _weight = kernels.Pack(patches, model.Read(name + ".bias", output), output, area * inputStride);
        _activation = relu ? Activation.Relu : Activation.None;
        Outputs = output;
    }

    public int Outputs { get; }

    /// <summary>Rows of patches in, rows of pixels out.</summary>
    public void Run(KernelSet kernels, float* patches, int step, float* output, int rows)
        => kernels.Gemm(patches, step, _weight, output, KernelSet.Stride(Outputs), rows, _activation);

    /// <summary>3 x 3 with stride 2 and zero padding over a 3-channel map, a line of patches at a time.</summary>
    public void RunStem(KernelSet kernels, float* input, int height, int width, float* line, float* output)
    {
        const int patch = 27;
        for (var y = 0; y < height / 2; y++)
        {
            new Span<float>(line, width / 2 * patch).Clear();
            for (var ky = 0; ky < 3; ky++)
            {
                var iy = 2 * y + ky - 1;
                if (iy < 0 || iy >= height) continue;
                var row = input + (long)iy * width * 3;
                for (var x = 0; x < width / 2; x++)
                {
                    // The patch's columns are 2x - 1 to 2x + 1; only the first can lie outside, as the width is even.
                    int skip = x == 0 ? 3 : 0;
                    new ReadOnlySpan<float>(row + (2 * x - 1) * 3 + skip, 9 - skip).CopyTo(new Span<float>(line + x * patch + ky * 9 + skip, 9 - skip));
                }
            }
            Run(kernels, line, patch, output + (long)y * (width / 2) * KernelSet.Stride(Outputs), width / 2);
        }
    }

    public void Dispose() => _weight.Dispose();
}

/// <summary>D(in, out, stride): depthwise 3 x 3 and pointwise convolution, each with ReLU.</summary>
sealed unsafe class SeparableConv : IDisposable
{
    readonly PackedDepthwise _depthwise;
    readonly DenseConv _pointwise;

    public SeparableConv(KernelSet kernels, ModelFile model, string name, int input, int output, int stride)
    {
        _depthwise = new PackedDepthwise(model.Read(name + ".dw.weight", input, 1, 3, 3), model.Read(name + ".dw.bias", input), input, 3, stride);
        _pointwise = new DenseConv(kernels, model, name + ".pw", input, output, 1, input);
    }

    /// <summary>Runs over a map of height x width, which become those of the output.</summary>
    public void Run(KernelSet kernels, float* input, ref int height, ref int width, float* middle, float* output)
    {
        kernels.DepthwiseConv(input, height, width, _depthwise, middle, relu: true);
        height = (height + _depthwise.Stride - 1) / _depthwise.Stride;
        width = (width + _depthwise.Stride - 1) / _depthwise.Stride;
        _pointwise.Run(kernels, middle, KernelSet.Stride(_depthwise.Channels), output, height * width);
    }

    public void Dispose()
    {
        _depthwise.Dispose();
        _pointwise.Dispose();
    }
}
