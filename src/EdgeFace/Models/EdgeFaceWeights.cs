using System.Globalization;
using EdgeFace.Kernels;

namespace EdgeFace.Models;

/// <summary>All weights of one network, folded and packed for one kernel set. Immutable after construction and shared by all threads.</summary>
sealed unsafe class EdgeFaceWeights : IDisposable
{
    public EdgeFaceWeights(EdgeFaceConfig config, KernelSet kernels, Parameters parameters)
    {
        Config = config;
        Kernels = kernels;
        Stem = PackStem(config, kernels, parameters);
        StemNorm = new NormWeights(parameters, "stem.1", config.Dims[0]);
        Stages = [.. Enumerable.Range(0, EdgeFaceConfig.StageCount).Select(s => new StageWeights(config, kernels, parameters, s))];
        Head = new LinearWeights(parameters, config, "head.fc", config.Dims[3], EdgeFaceConfig.EmbeddingSize).AfterNorm("head.norm").Pack(kernels);
    }

    public EdgeFaceConfig Config { get; }
    public KernelSet Kernels { get; }

    /// <summary>(C, 4 * 4 * 3), patches in (y, x, colour) order.</summary>
    public PackedMatrix Stem { get; }
    public NormWeights StemNorm { get; }
    public StageWeights[] Stages { get; }
    public Linear Head { get; }

    static PackedMatrix PackStem(EdgeFaceConfig config, KernelSet kernels, Parameters parameters)
    {
        var weight = parameters.Read("stem.0.weight", config.Dims[0] * 48).Span;
        var patches = new float[weight.Length];
        for (var o = 0; o < config.Dims[0]; o++)
            for (var c = 0; c < 3; c++)
                for (var p = 0; p < 16; p++)
                    patches[o * 48 + p * 3 + c] = weight[o * 48 + c * 16 + p];
        return kernels.Pack(patches, parameters.Read("stem.0.bias", config.Dims[0]).Span, config.Dims[0], 48);
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

    public NormWeights(Parameters parameters, string name, int channels)
    {
        _stride = KernelSet.Stride(channels);
        _data = new NativeBuffer(2L * _stride);
        parameters.Read(name + ".weight", channels).Span.CopyTo(new Span<float>(Scale, channels));
        parameters.Read(name + ".bias", channels).Span.CopyTo(new Span<float>(Shift, channels));
    }

    public float* Scale => _data.Pointer;
    public float* Shift => _data.Pointer + _stride;

    public void Dispose() => _data.Dispose();
}

/// <summary>One stage: the downsampling before it (but stage 0) and its blocks.</summary>
sealed class StageWeights : IDisposable
{
    public StageWeights(EdgeFaceConfig config, KernelSet kernels, Parameters parameters, int stage)
    {
        if (stage > 0) Downsample = PackDownsample(config, kernels, parameters, stage);
        Blocks =
        [
            .. Enumerable.Range(0, config.Depths[stage] - (stage > 0 ? 1 : 0))
                .Select(b => new ConvBlockWeights(config, kernels, parameters, stage, b)),
        ];
        if (stage > 0) Attention = new AttentionBlockWeights(config, kernels, parameters, stage, config.Depths[stage] - 1);
    }

    /// <summary>(C, 2 * 2 * padded C of the stage before), patches in (y, x, channel) order, the norm's affine part folded in.</summary>
    public PackedMatrix? Downsample { get; }
    public ConvBlockWeights[] Blocks { get; }
    public AttentionBlockWeights? Attention { get; }

    static PackedMatrix PackDownsample(EdgeFaceConfig config, KernelSet kernels, Parameters parameters, int stage)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.downsample.");
        int input = config.Dims[stage - 1], output = config.Dims[stage], stride = KernelSet.Stride(input);
        Span<float> weight = parameters.Read(name + "1.weight", output * 4 * input).Span, bias = parameters.Read(name + "1.bias", output).Span;
        Span<float> scale = parameters.Read(name + "0.weight", input).Span, shift = parameters.Read(name + "0.bias", input).Span;
        var patches = parameters.Zeros(output * 4 * stride).Span;
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
        var packed = kernels.Pack(patches, bias, output, 4 * stride);
        parameters.Release();
        return packed;
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
    public MlpWeights(EdgeFaceConfig config, KernelSet kernels, Parameters parameters, int stage, string block)
    {
        var c = config.Dims[stage];
        Fc1 = new LinearWeights(parameters, config, block + "mlp.fc1", c, 4 * c).AfterNorm(block + "norm").Pack(kernels);
        Fc2 = new LinearWeights(parameters, config, block + "mlp.fc2", 4 * c, c).TimesLayerScale(block + "gamma").Pack(kernels);
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
    public ConvBlockWeights(EdgeFaceConfig config, KernelSet kernels, Parameters parameters, int stage, int block)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.blocks.{block}.");
        ConvDw = Depthwise.Pack(parameters, name + "conv_dw", config.Dims[stage], EdgeFaceConfig.KernelSize(stage));
        Mlp = new MlpWeights(config, kernels, parameters, stage, name);
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
    public AttentionBlockWeights(EdgeFaceConfig config, KernelSet kernels, Parameters parameters, int stage, int block)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.blocks.{block}.");
        int c = config.Dims[stage], width = config.SplitWidth(stage);
        HeadWidth = c / config.Heads;
        HeadStride = KernelSet.Stride(HeadWidth);
        Convs =
        [
            .. Enumerable.Range(0, EdgeFaceConfig.Scales(stage) - 1)
                .Select(i => FormattableString.Invariant($"{name}convs.{i}"))
                .Select(conv => Depthwise.Pack(parameters, conv, width, 3)),
        ];
        if (stage == EdgeFaceConfig.FourierStage)
        {
            var projection = name + "pos_embd.token_projection";
            Position = PositionEncoding.Compute(EdgeFaceConfig.MapSize(stage), c,
                parameters.Read(projection + ".weight", c * 2 * EdgeFaceConfig.FourierHidden).Span, parameters.Read(projection + ".bias", c).Span);
        }
        Temperature = parameters.Read(name + "xca.temperature", config.Heads).ToArray();
        Qkv = new LinearWeights(parameters, config, name + "xca.qkv", c, 3 * c)
            .AfterNorm(name + "norm_xca").WithPaddedHeadOutputs(3, config.Heads, HeadStride).Pack(kernels);
        Proj = new LinearWeights(parameters, config, name + "xca.proj", c, c)
            .TimesLayerScale(name + "gamma_xca").WithPaddedHeadInputs(config.Heads, HeadStride).Pack(kernels);
        Mlp = new MlpWeights(config, kernels, parameters, stage, name);
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

static class Depthwise
{
    public static PackedDepthwise Pack(Parameters parameters, string name, int channels, int kernel)
        => new(parameters.Read(name + ".weight", channels * kernel * kernel).Span, parameters.Read(name + ".bias", channels).Span, channels, kernel);
}
