using EdgeFace.Kernels;

namespace EdgeFace.Vision.Detection.Maps;

/// <summary>Reads and packs the layers of a network, and frees them together.</summary>
sealed class LayerSet(KernelSet kernels, ModelFile model) : IDisposable
{
    readonly List<IDisposable> _packed = [];

    /// <summary>A convolution over all channels as a matrix product over its patches, in (row, column, channel) order.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, of another shape or not finite.</exception>
    public DenseLayer Dense(string name, int inputs, int outputs, int kernel = 1, Activation activation = Activation.Relu, bool reversed = false)
    {
        var patches = Patches(name, inputs, outputs, kernel, reversed);
        return new(name, Pack(patches, model.Read(name + ".bias", outputs), outputs, kernel * kernel * inputs), activation);
    }

    /// <summary>Several pointwise convolutions of one map as one, their outputs side by side.</summary>
    public DenseLayer Joined(string name, int inputs, params ReadOnlySpan<(string Name, int Outputs)> parts)
    {
        List<float> weight = [], bias = [];
        foreach (var part in parts)
        {
            weight.AddRange(model.Read(part.Name + ".weight", part.Outputs, inputs, 1, 1));
            bias.AddRange(model.Read(part.Name + ".bias", part.Outputs));
        }
        return new(name, Pack([.. weight], [.. bias], bias.Count, inputs), Activation.None);
    }

    /// <summary>A depthwise 3 x 3 convolution; of several names, their channels side by side.</summary>
    public PackedDepthwise Depthwise(int stride, params ReadOnlySpan<(string Name, int Channels)> parts)
    {
        List<float> weight = [], bias = [];
        foreach (var part in parts)
        {
            weight.AddRange(model.Read(part.Name + ".weight", part.Channels, 1, 3, 3));
            bias.AddRange(model.Read(part.Name + ".bias", part.Channels));
        }
        var packed = new PackedDepthwise([.. weight], [.. bias], bias.Count, 3, stride);
        _packed.Add(packed);
        return packed;
    }

    public SeparableLayer Separable(string name, int inputs, int outputs, int stride)
        => new(Depthwise(stride, (name + ".dw", inputs)), Dense(name + ".pw", inputs, outputs) with { Name = name });

    /// <param name="reversed">The channels of the pixels come in the opposite order.</param>
    float[] Patches(string name, int inputs, int outputs, int kernel, bool reversed)
    {
        var source = model.Read(name + ".weight", outputs, inputs, kernel, kernel);
        var area = kernel * kernel;
        var patches = new float[source.Length];
        for (var o = 0; o < outputs; o++)
            for (var c = 0; c < inputs; c++)
                for (var p = 0; p < area; p++)
                    patches[(o * area + p) * inputs + (reversed ? inputs - 1 - c : c)] = source[(o * inputs + c) * area + p];
        return patches;
    }

    PackedMatrix Pack(float[] weight, float[] bias, int outputs, int inputs)
    {
        var packed = kernels.Pack(weight, bias, outputs, inputs);
        _packed.Add(packed);
        return packed;
    }

    public void Dispose()
    {
        foreach (var packed in _packed) packed.Dispose();
    }
}
