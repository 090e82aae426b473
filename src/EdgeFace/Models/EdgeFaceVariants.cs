namespace EdgeFace.Models;

/// <summary>What is published of a variant: sizes and accuracies (arXiv 2307.01838 and the reference repository).</summary>
/// <param name="Parameters">Exact number of parameters, or null where nothing is published.</param>
/// <param name="MegaFlops">The paper's MFLOPs.</param>
/// <param name="Lfw">LFW accuracy in percent.</param>
/// <param name="CfpFp">CFP-FP accuracy in percent (the lower of the published figures).</param>
/// <param name="AgeDb30">AgeDB-30 accuracy in percent (the lower of the published figures).</param>
/// <param name="IjbB">IJB-B TAR at FAR 1e-4 in percent.</param>
/// <param name="IjbC">IJB-C TAR at FAR 1e-4 in percent.</param>
sealed record PublishedFacts(long? Parameters, double? MegaFlops, double? Lfw, double? CfpFp, double? AgeDb30, double? IjbB, double? IjbC);

/// <summary>The networks of the paper, and the plain networks that the official quantised checkpoints hold.</summary>
static class EdgeFaceVariants
{
    /// <summary>EdgeFace-Base: EdgeNeXt-Base with plain linear layers.</summary>
    public static EdgeFaceConfig Base { get; } = new() { Name = "edgeface_base", Dims = [80, 160, 288, 584], Depths = [3, 3, 9, 3], Heads = 8 };

    /// <summary>EdgeFace-S (gamma 0.5).</summary>
    public static EdgeFaceConfig SGamma05 { get; } =
        new() { Name = "edgeface_s_gamma_05", Dims = [48, 96, 160, 304], Depths = [3, 3, 9, 3], Heads = 8, Gamma = 0.5 };

    /// <summary>EdgeFace-XS (gamma 0.6): the paper's entry below 2 M parameters.</summary>
    public static EdgeFaceConfig XsGamma06 { get; } =
        new() { Name = "edgeface_xs_gamma_06", Dims = [32, 64, 100, 192], Depths = [3, 3, 9, 3], Heads = 4, Gamma = 0.6 };

    /// <summary>EdgeNeXt-X-Small with plain linear layers: the official checkpoint <c>edgeface_xs_q</c>.</summary>
    public static EdgeFaceConfig Xs { get; } = XsGamma06 with { Name = "edgeface_xs_q", Gamma = null };

    /// <summary>EdgeFace-XXS: EdgeNeXt-XX-Small with plain linear layers.</summary>
    public static EdgeFaceConfig Xxs { get; } = new() { Name = "edgeface_xxs", Dims = [24, 48, 88, 168], Depths = [2, 2, 6, 2], Heads = 4 };

    /// <summary>The same network as <see cref="Xxs"/>, as the official quantised checkpoint <c>edgeface_xxs_q</c> holds it.</summary>
    public static EdgeFaceConfig XxsQ { get; } = Xxs with { Name = "edgeface_xxs_q" };

    /// <summary>All variants, largest first.</summary>
    public static IReadOnlyList<EdgeFaceConfig> All { get; } = [Base, SGamma05, Xs, XsGamma06, Xxs, XxsQ];

    /// <summary>Published facts of a variant by name, or null.</summary>
    public static PublishedFacts? Published(string name) => name switch
    {
        "edgeface_base" => new(18_225_812, 1398.83, 99.83, 97.01, 97.60, null, null),
        "edgeface_s_gamma_05" => new(3_652_520, 306.12, 99.78, 95.74, 96.93, 93.58, 95.63),
        "edgeface_xs_gamma_06" => new(1_770_492, 154.00, 99.73, 94.37, 96.00, 92.67, 94.85),
        "edgeface_xxs" => new(1_244_744, 94.72, 99.57, 93.63, 94.92, null, null),
        _ => null,
    };

    /// <summary>The variant called <paramref name="name"/> (ordinal, ignoring case), or null.</summary>
    public static EdgeFaceConfig? Find(string name) => All.FirstOrDefault(v => string.Equals(v.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// The network whose manifest has the given parameter names and shapes: a known variant, or one with another rank ratio. Null when none fits.
    /// </summary>
    /// <param name="shapeOf">Shape of a parameter by name, or null when it is absent.</param>
    public static EdgeFaceConfig? Detect(Func<string, IReadOnlyList<int>?> shapeOf)
    {
        if (shapeOf("stem.0.weight") is not [var stem, ..] || All.FirstOrDefault(v => v.Dims[0] == stem) is not { } variant) return null;
        double? gamma = null;
        var plainHead = shapeOf("head.fc.weight") is not null;
        var plain = plainHead && shapeOf("stages.0.blocks.0.mlp.fc1.weight") is not null;
        if (!plain && (gamma = GammaOf(variant with { PlainHead = plainHead }, shapeOf)) is null) return null;
        var network = Named(variant, gamma);
        if (plainHead && !plain) network = network.WithPlainHead();
        return Fits(network, shapeOf) ? network : null;
    }

    /// <summary>A ratio that gives all the ranks found: the published one, or the one with the fewest decimals. Null where there is none.</summary>
    static double? GammaOf(EdgeFaceConfig variant, Func<string, IReadOnlyList<int>?> shapeOf)
    {
        // With ratio 1, a layer's rank is the lesser of its widths.
        var layers = ParameterManifest.Of(variant.WithGamma(1)).Where(p => p.Name.EndsWith(".linear1.weight", StringComparison.Ordinal))
            .Select(p => (Width: p.Shape[0], Rank: shapeOf(p.Name) is [var rank, ..] ? rank : 0)).Distinct().ToList();
        var low = layers.Max(l => l.Rank > 2 ? l.Rank / (double)l.Width : 0);
        var high = Math.Min(1, layers.Min(l => (l.Rank + 1.0) / l.Width));
        return Ratios().Cast<double?>()
            .FirstOrDefault(g => g is > 0 and <= 1 && layers.All(l => EdgeFaceConfig.LoRaRank(l.Width, l.Width, g.Value) == l.Rank));

        IEnumerable<double> Ratios()
        {
            foreach (var v in All)
                if (v.Dims.SequenceEqual(variant.Dims) && v.Gamma is { } published) yield return published;
            // Two layers' bounds may lie as near as 1 / (512 * 584 / 8).
            foreach (var scale in (int[])[10, 100, 1000, 10_000, 100_000])
                for (var n = (int)Math.Ceiling(low * scale); n <= high * scale; n++) yield return n / (double)scale;
            // The product that is floored is a rounded one: a ratio just below a layer's step may reach it, but not another layer's same step.
            for (var n = 0; n < 8; n++, low = Math.BitDecrement(low)) yield return low;
        }
    }

    static EdgeFaceConfig Named(EdgeFaceConfig variant, double? gamma)
        => All.FirstOrDefault(v => v.Dims.SequenceEqual(variant.Dims) && v.Gamma == gamma)
            ?? variant with { Name = Family(variant) + (gamma is { } g ? FormattableString.Invariant($"_gamma_{g}") : "_plain"), Gamma = gamma };

    static string Family(EdgeFaceConfig variant) => string.Join('_', variant.Name.Split('_').Take(2));

    static bool Fits(EdgeFaceConfig config, Func<string, IReadOnlyList<int>?> shapeOf)
        => ParameterManifest.Of(config).All(p => shapeOf(p.Name) is { } shape && shape.SequenceEqual(p.Shape));
}
