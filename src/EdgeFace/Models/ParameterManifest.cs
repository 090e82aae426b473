using System.Globalization;

namespace EdgeFace.Models;

/// <summary>One parameter tensor of a network: its state-dict name without the <c>model.</c> prefix, and its PyTorch shape.</summary>
/// <param name="Name">State-dict name, e.g. <c>stages.1.blocks.2.xca.qkv.weight</c>.</param>
/// <param name="Shape">Dimensions, outermost first: linear (out, in), convolution (out, in / groups, k, k).</param>
/// <param name="Positions">How many positions of the feature map a weight is applied to for one crop; 0 for what is not a
/// multiply-add layer.</param>
sealed record ParameterInfo(string Name, IReadOnlyList<int> Shape, int Positions = 0)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>The shape as text, e.g. <c>[100, 60]</c>.</summary>
    public string ShapeText => "[" + string.Join(", ", Shape) + "]";
}

/// <summary>
/// The contract between checkpoints, the forward pass, export and training: every parameter's name and shape, in state-dict order.
/// </summary>
static class ParameterManifest
{
    /// <summary>The parameters of <paramref name="config"/> in state-dict order.</summary>
    public static IReadOnlyList<ParameterInfo> Of(EdgeFaceConfig config)
    {
        var list = new List<ParameterInfo>();
        Stem(list, config);
        for (var stage = 0; stage < EdgeFaceConfig.StageCount; stage++)
        {
            if (stage > 0) Downsample(list, config, stage);
            for (var block = 0; block < config.Depths[stage]; block++)
            {
                var prefix = string.Create(CultureInfo.InvariantCulture, $"stages.{stage}.blocks.{block}.");
                if (config.IsAttention(stage, block)) SplitTransposeBlock(list, config, stage, prefix);
                else ConvBlock(list, config, stage, prefix);
            }
        }
        Norm(list, "head.norm", config.Dims[3]);
        Linear(list, config, "head.fc", config.Dims[3], EdgeFaceConfig.EmbeddingSize, 1);
        return list;
    }

    static void Stem(List<ParameterInfo> list, EdgeFaceConfig config)
    {
        Conv(list, "stem.0", config.Dims[0], 3, 4, Area(0));
        Norm(list, "stem.1", config.Dims[0]);
    }

    static void Downsample(List<ParameterInfo> list, EdgeFaceConfig config, int stage)
    {
        Norm(list, $"stages.{stage}.downsample.0", config.Dims[stage - 1]);
        Conv(list, $"stages.{stage}.downsample.1", config.Dims[stage], config.Dims[stage - 1], 2, Area(stage));
    }

    static void ConvBlock(List<ParameterInfo> list, EdgeFaceConfig config, int stage, string prefix)
    {
        var c = config.Dims[stage];
        list.Add(new(prefix + "gamma", [c]));
        Conv(list, prefix + "conv_dw", c, 1, EdgeFaceConfig.KernelSize(stage), Area(stage));
        Norm(list, prefix + "norm", c);
        Mlp(list, config, stage, prefix);
    }

    static void SplitTransposeBlock(List<ParameterInfo> list, EdgeFaceConfig config, int stage, string prefix)
    {
        var c = config.Dims[stage];
        list.Add(new(prefix + "gamma_xca", [c]));
        list.Add(new(prefix + "gamma", [c]));
        for (var i = 0; i < EdgeFaceConfig.Scales(stage) - 1; i++)
            Conv(list, $"{prefix}convs.{i}", config.SplitWidth(stage), 1, 3, Area(stage));
        if (stage == EdgeFaceConfig.FourierStage)
            Conv(list, prefix + "pos_embd.token_projection", c, 2 * EdgeFaceConfig.FourierHidden, 1, Area(stage));
        Norm(list, prefix + "norm_xca", c);
        list.Add(new(prefix + "xca.temperature", [config.Heads, 1, 1]));
        Linear(list, config, prefix + "xca.qkv", c, 3 * c, Area(stage));
        Linear(list, config, prefix + "xca.proj", c, c, Area(stage));
        Norm(list, prefix + "norm", c);
        Mlp(list, config, stage, prefix);
    }

    static void Mlp(List<ParameterInfo> list, EdgeFaceConfig config, int stage, string prefix)
    {
        var c = config.Dims[stage];
        Linear(list, config, prefix + "mlp.fc1", c, 4 * c, Area(stage));
        Linear(list, config, prefix + "mlp.fc2", 4 * c, c, Area(stage));
    }

    static void Linear(List<ParameterInfo> list, EdgeFaceConfig config, string name, int input, int output, int positions)
    {
        if (config.RankOf(name, input, output) is > 0 and var rank)
        {
            list.Add(new(name + ".linear1.weight", [rank, input], positions));
            list.Add(new(name + ".linear2.weight", [output, rank], positions));
            list.Add(new(name + ".linear2.bias", [output]));
        }
        else
        {
            list.Add(new(name + ".weight", [output, input], positions));
            list.Add(new(name + ".bias", [output]));
        }
    }

    static void Conv(List<ParameterInfo> list, string name, int output, int inputPerGroup, int kernel, int positions)
    {
        list.Add(new(name + ".weight", [output, inputPerGroup, kernel, kernel], positions));
        list.Add(new(name + ".bias", [output]));
    }

    static void Norm(List<ParameterInfo> list, string name, int channels)
    {
        list.Add(new(name + ".weight", [channels]));
        list.Add(new(name + ".bias", [channels]));
    }

    static int Area(int stage) => EdgeFaceConfig.MapSize(stage) * EdgeFaceConfig.MapSize(stage);
}
