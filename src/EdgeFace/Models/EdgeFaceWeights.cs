using System.Globalization;
using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>All weights of one network, folded and packed for one kernel set. Immutable after construction and shared by all threads.</summary>
sealed unsafe class EdgeFaceWeights : IDisposable
{
    /// <param name="parameter">A fresh copy of a parameter's values by its name in the manifest; it may be changed here.</param>
    /// <param name="int8">Whether a linear layer's parameter is computed in bytes.</param>
    public EdgeFaceWeights(EdgeFaceConfig config, KernelSet kernels, Func<string, float[]> parameter, Func<string, bool> int8)
    {
        Config = config;
        Kernels = kernels;
        Stem = PackStem(config, kernels, parameter);
        StemNorm = new NormWeights(parameter, "stem.1", config.Dims[0]);
        Stages = [.. Enumerable.Range(0, EdgeFaceConfig.StageCount).Select(s => new StageWeights(config, kernels, parameter, int8, s))];
        Head = new LinearWeights(parameter, int8, config, "head.fc", config.Dims[3], EdgeFaceConfig.EmbeddingSize)
            .AfterNorm(parameter("head.norm.weight"), parameter("head.norm.bias")).Pack(kernels);
    }

    public EdgeFaceConfig Config { get; }
    public KernelSet Kernels { get; }

    /// <summary>(C, 4 * 4 * 3), patches in (y, x, colour) order.</summary>
    public PackedMatrix Stem { get; }
    public NormWeights StemNorm { get; }
    public StageWeights[] Stages { get; }
    public Linear Head { get; }

    static PackedMatrix PackStem(EdgeFaceConfig config, KernelSet kernels, Func<string, float[]> parameter)
    {
        var weight = parameter("stem.0.weight");
        var patches = new float[weight.Length];
        for (var o = 0; o < config.Dims[0]; o++)
            for (var c = 0; c < 3; c++)
                for (var p = 0; p < 16; p++)
                    patches[o * 48 + p * 3 + c] = weight[o * 48 + c * 16 + p];
        return kernels.Pack(patches, parameter("stem.0.bias"), config.Dims[0], 48);
    }

    public void Dispose()
    {
        Stem.Dispose();
        StemNorm.Dispose();
        foreach (var stage in Stages) stage.Dispose();
        Head.Dispose();
    }
}

/// <summary>A LayerNorm whose output stays in the residual stream: scale and shift, padded with zeros.</summary>
sealed unsafe class NormWeights : IDisposable
{
    readonly NativeBuffer _data;
    readonly int _stride;

    public NormWeights(Func<string, float[]> parameter, string name, int channels)
    {
        _stride = KernelSet.Stride(channels);
        _data = new NativeBuffer(2L * _stride);
        parameter(name + ".weight").CopyTo(new Span<float>(Scale, channels));
        parameter(name + ".bias").CopyTo(new Span<float>(Shift, channels));
    }

    public float* Scale => _data.Pointer;
    public float* Shift => _data.Pointer + _stride;

    public void Dispose() => _data.Dispose();
}

/// <summary>One stage: the downsampling before it (but stage 0) and its blocks.</summary>
sealed class StageWeights : IDisposable
{
    public StageWeights(EdgeFaceConfig config, KernelSet kernels, Func<string, float[]> parameter, Func<string, bool> int8, int stage)
    {
        if (stage > 0) Downsample = PackDownsample(config, kernels, parameter, stage);
        Blocks =
        [
            .. Enumerable.Range(0, config.Depths[stage] - (stage > 0 ? 1 : 0)).Select(b => new ConvBlockWeights(config, kernels, parameter, int8, stage, b)),
        ];
        if (stage > 0) Attention = new AttentionBlockWeights(config, kernels, parameter, int8, stage, config.Depths[stage] - 1);
    }

    /// <summary>(C, 2 * 2 * padded C of the stage before), patches in (y, x, channel) order, the norm's affine part folded in.</summary>
    public PackedMatrix? Downsample { get; }
    public ConvBlockWeights[] Blocks { get; }
    public AttentionBlockWeights? Attention { get; }

    static PackedMatrix PackDownsample(EdgeFaceConfig config, KernelSet kernels, Func<string, float[]> parameter, int stage)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.downsample.");
        int input = config.Dims[stage - 1], output = config.Dims[stage], stride = KernelSet.Stride(input);
        float[] weight = parameter(name + "1.weight"), bias = parameter(name + "1.bias"), scale = parameter(name + "0.weight"), shift = parameter(name + "0.bias");
        var patches = new float[output * 4 * stride];
        for (var o = 0; o < output; o++)
        {
            double sum = bias[o];
            for (var c = 0; c < input; c++)
                for (var p = 0; p < 4; p++)
                {
                    var w = weight[(o * input + c) * 4 + p];
                    sum += (double)w * shift[c];
                    patches[(o * 4 + p) * stride + c] = w * scale[c];
                }
            bias[o] = (float)sum;
        }
        return kernels.Pack(patches, bias, output, 4 * stride);
    }

    public void Dispose()
    {
        Downsample?.Dispose();
        foreach (var block in Blocks) block.Dispose();
        Attention?.Dispose();
    }
}

/// <summary>fc1 with the norm before it, fc2 with the layer scale after it.</summary>
sealed class MlpWeights : IDisposable
{
    public MlpWeights(EdgeFaceConfig config, KernelSet kernels, Func<string, float[]> parameter, Func<string, bool> int8, int stage, string block)
    {
        var c = config.Dims[stage];
        Fc1 = new LinearWeights(parameter, int8, config, block + "mlp.fc1", c, 4 * c).AfterNorm(parameter(block + "norm.weight"), parameter(block + "norm.bias")).Pack(kernels);
        Fc2 = new LinearWeights(parameter, int8, config, block + "mlp.fc2", 4 * c, c).TimesLayerScale(parameter(block + "gamma")).Pack(kernels);
    }

    public Linear Fc1 { get; }
    public Linear Fc2 { get; }

    public void Dispose()
    {
        Fc1.Dispose();
        Fc2.Dispose();
    }
}

sealed class ConvBlockWeights : IDisposable
{
    public ConvBlockWeights(EdgeFaceConfig config, KernelSet kernels, Func<string, float[]> parameter, Func<string, bool> int8, int stage, int block)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.blocks.{block}.");
        ConvDw = new PackedDepthwise(parameter(name + "conv_dw.weight"), parameter(name + "conv_dw.bias"), config.Dims[stage], EdgeFaceConfig.KernelSize(stage));
        Mlp = new MlpWeights(config, kernels, parameter, int8, stage, name);
    }

    public PackedDepthwise ConvDw { get; }
    public MlpWeights Mlp { get; }

    public void Dispose()
    {
        ConvDw.Dispose();
        Mlp.Dispose();
    }
}

/// <summary>The split-transpose block (STDA): split depthwise convolutions, position encoding, cross-covariance attention, MLP.</summary>
sealed unsafe class AttentionBlockWeights : IDisposable
{
    public AttentionBlockWeights(EdgeFaceConfig config, KernelSet kernels, Func<string, float[]> parameter, Func<string, bool> int8, int stage, int block)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.blocks.{block}.");
        int c = config.Dims[stage], width = config.SplitWidth(stage);
        HeadWidth = c / config.Heads;
        HeadStride = KernelSet.Stride(HeadWidth);
        Convs =
        [
            .. Enumerable.Range(0, EdgeFaceConfig.Scales(stage) - 1)
                .Select(i => FormattableString.Invariant($"{name}convs.{i}"))
                .Select(conv => new PackedDepthwise(parameter(conv + ".weight"), parameter(conv + ".bias"), width, 3)),
        ];
        if (stage == EdgeFaceConfig.FourierStage)
            Position = PositionEncoding.Compute(EdgeFaceConfig.MapSize(stage), c, parameter(name + "pos_embd.token_projection.weight"), parameter(name + "pos_embd.token_projection.bias"));
        Temperature = parameter(name + "xca.temperature");
        Qkv = new LinearWeights(parameter, int8, config, name + "xca.qkv", c, 3 * c)
            .AfterNorm(parameter(name + "norm_xca.weight"), parameter(name + "norm_xca.bias")).WithPaddedHeadOutputs(3, config.Heads, HeadStride).Pack(kernels);
        Proj = new LinearWeights(parameter, int8, config, name + "xca.proj", c, c)
            .TimesLayerScale(parameter(name + "gamma_xca")).WithPaddedHeadInputs(config.Heads, HeadStride).Pack(kernels);
        Mlp = new MlpWeights(config, kernels, parameter, int8, stage, name);
    }

    public PackedDepthwise[] Convs { get; }

    /// <summary>(H * W, padded C), or null.</summary>
    public NativeBuffer? Position { get; }

    /// <summary>One value a head.</summary>
    public float[] Temperature { get; }

    /// <summary>Outputs [q, k, v][heads][HeadStride].</summary>
    public Linear Qkv { get; }

    /// <summary>Inputs [heads][HeadStride].</summary>
    public Linear Proj { get; }
    public MlpWeights Mlp { get; }
    public int HeadWidth { get; }
    public int HeadStride { get; }

    public void Dispose()
    {
        foreach (var conv in Convs) conv.Dispose();
        Position?.Dispose();
        Qkv.Dispose();
        Proj.Dispose();
        Mlp.Dispose();
    }
}
