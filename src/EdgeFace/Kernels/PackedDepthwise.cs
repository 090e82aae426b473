namespace EdgeFace.Kernels;

/// <summary>A depthwise convolution's weights, packed [k * k][channels rounded up to 8] so that lanes run over channels.</summary>
sealed unsafe class PackedDepthwise : IDisposable
{
    readonly NativeBuffer _data;

    /// <param name="weight">[channels][1][kernel][kernel].</param>
    /// <param name="bias">One value a channel.</param>
    public PackedDepthwise(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int channels, int kernel, int stride = 1)
    {
        var taps = kernel * kernel;
        if (weight.Length != channels * taps || bias.Length != channels)
            throw new ArgumentException($"a [{channels}, 1, {kernel}, {kernel}] weight with a bias is expected, "
                + $"got {weight.Length} and {bias.Length} values");
        if (stride is not (1 or 2)) throw new ArgumentOutOfRangeException(nameof(stride), stride, "depthwise strides are 1 or 2");
        Channels = channels;
        Kernel = kernel;
        Stride = stride;
        var padded = KernelSet.Stride(channels);
        _data = new NativeBuffer((long)padded * (taps + 1));
        bias.CopyTo(new Span<float>(Bias, channels));
        for (var c = 0; c < channels; c++)
            for (var t = 0; t < taps; t++)
                Weights[t * padded + c] = weight[c * taps + t];
    }

    public int Channels { get; }

    /// <summary>Side of the square kernel; the padding is half of it.</summary>
    public int Kernel { get; }

    public int Stride { get; }

    public float* Bias => _data.Pointer;

    public float* Weights => _data.Pointer + KernelSet.Stride(Channels);

    public void Dispose() => _data.Dispose();
}
