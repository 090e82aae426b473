using System.Collections.Immutable;

namespace EdgeFace.Models;

/// <summary>
/// The shape of one EdgeFace network (arXiv 2307.01838; spec section 2): EdgeNeXt stages, with every linear layer optionally
/// replaced by LoRaLin. Input 112 x 112 RGB, output <see cref="EmbeddingSize"/> values.
/// </summary>
sealed record EdgeFaceConfig
{
    /// <summary>Side of the square input crop, in pixels.</summary>
    public const int CropSize = 112;

    /// <summary>Number of values in an embedding.</summary>
    public const int EmbeddingSize = 512;

    /// <summary>Number of stages.</summary>
    public const int StageCount = 4;

    /// <summary>Hidden width per axis of the Fourier position encoding.</summary>
    public const int FourierHidden = 32;

    /// <summary>The only stage (0-based) whose attention block adds a position encoding.</summary>
    public const int FourierStage = 1;

    static readonly ImmutableArray<int> KernelSizes = [3, 5, 7, 9];
    static readonly ImmutableArray<int> SplitScales = [2, 2, 3, 4];
    static readonly ImmutableArray<int> MapSizes = [28, 14, 7, 3];

    /// <summary>Name of the variant, the official checkpoint's stem, e.g. <c>edgeface_xs_gamma_06</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Channels of the four stages.</summary>
    public required ImmutableArray<int> Dims { get; init; }

    /// <summary>Blocks of the four stages; in stages 1 to 3 the last one is the attention block.</summary>
    public required ImmutableArray<int> Depths { get; init; }

    /// <summary>Heads of the cross-covariance attention.</summary>
    public required int Heads { get; init; }

    /// <summary>LoRaLin's rank ratio in (0, 1], or null where linear layers are plain.</summary>
    public double? Gamma { get; init; }

    /// <summary>
    /// Whether the last layer, <c>head.fc</c>, is plain where the others are LoRaLin: its rank bounds the directions that embeddings have.
    /// </summary>
    public bool PlainHead { get; init; }

    /// <summary>Side of stage <paramref name="stage"/>'s square feature map, in pixels: 28, 14, 7, 3.</summary>
    public static int MapSize(int stage) => MapSizes[stage];

    /// <summary>Side of stage <paramref name="stage"/>'s depthwise kernels: 3, 5, 7, 9.</summary>
    public static int KernelSize(int stage) => KernelSizes[stage];

    /// <summary>Channel groups of the attention block of stage <paramref name="stage"/>: 2, 3, 4 for stages 1 to 3.</summary>
    public static int Scales(int stage) => SplitScales[stage];

    /// <summary>Whether block <paramref name="block"/> of stage <paramref name="stage"/> is a split-transpose attention block.</summary>
    public bool IsAttention(int stage, int block) => stage > 0 && block == Depths[stage] - 1;

    /// <summary>Width of the channel groups of stage <paramref name="stage"/>'s attention block but the last, as torch.chunk cuts them.</summary>
    public int SplitWidth(int stage) => (Dims[stage] + Scales(stage) - 1) / Scales(stage);

    /// <summary>Rank of LoRaLin(in, out, gamma): max(2, floor(min(in, out) * gamma)).</summary>
    public static int LoRaRank(int input, int output, double gamma) => Math.Max(2, (int)Math.Floor(Math.Min(input, output) * gamma));

    /// <summary>Rank of a linear layer of this network, or 0 where it is plain.</summary>
    internal int RankOf(string layer, int input, int output)
        => Gamma is not { } gamma || (PlainHead && layer == "head.fc") ? 0 : LoRaRank(input, output, gamma);

    /// <summary>The same network with LoRaLin of another rank ratio, or with plain linear layers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">gamma is outside (0, 1].</exception>
    public EdgeFaceConfig WithGamma(double? gamma)
    {
        if (gamma is { } g && !(g > 0 && g <= 1))
            throw new ArgumentOutOfRangeException(nameof(gamma), gamma, "LoRaLin's rank ratio lies in (0, 1].");
        return this with { Gamma = gamma, PlainHead = PlainHead && gamma is not null };
    }

    /// <summary>The same network with a plain head; itself where it has one.</summary>
    public EdgeFaceConfig WithPlainHead()
        => Gamma is null || PlainHead ? this : this with { Name = Name + "_plain_head", PlainHead = true };

    /// <summary>Total number of parameters.</summary>
    public long ParameterCount => ParameterManifest.Of(this).Sum(p => p.Count);

    /// <summary>Multiply-adds of the linear and convolution layers for one crop (attention products and norms not counted).</summary>
    public long MultiplyAdds => ParameterManifest.Of(this).Sum(p => p.Count * p.Positions);
}
