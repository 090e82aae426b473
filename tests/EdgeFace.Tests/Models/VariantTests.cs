using EdgeFace.Models;

namespace EdgeFace.Tests.Models;

public sealed class VariantTests
{
    // The specification's table: exact parameters, and millions of multiply-adds of linear and convolution layers.
    [Theory]
    [InlineData("edgeface_base", 18_225_812, 696.09)]
    [InlineData("edgeface_s_gamma_05", 3_652_520, 151.92)]
    [InlineData("edgeface_xs_gamma_06", 1_770_492, 76.08)]
    [InlineData("edgeface_xxs", 1_244_744, 46.76)]
    public void Variants_have_the_published_sizes(string name, long parameters, double megaMacs)
    {
        var variant = EdgeFaceVariants.Find(name)!;
        Assert.Equal(parameters, variant.ParameterCount);
        Assert.Equal(megaMacs, Math.Round(variant.MultiplyAdds / 1e6, 2));
        Assert.Equal(parameters, EdgeFaceVariants.Published(name)!.Parameters);
    }

    [Fact]
    public void Plain_networks_differ_from_LoRaLin_by_the_size_of_their_linear_layers()
    {
        foreach (var lora in (EdgeFaceConfig[])[EdgeFaceVariants.SGamma05, EdgeFaceVariants.XsGamma06])
        {
            long difference = 0;
            for (var stage = 0; stage < 4; stage++)
            {
                int c = lora.Dims[stage], rank = (int)Math.Floor(c * lora.Gamma!.Value);
                // fc1 and fc2 of each block; qkv and proj of the last block of stages 1 to 3; head.fc.
                difference += lora.Depths[stage] * 2L * (4 * c * c - rank * 5 * c);
                if (stage > 0) difference += 3 * c * c - rank * 4 * c + c * c - rank * 2 * c;
                if (stage == 3) difference += 512 * c - rank * (512 + c);
            }
            Assert.Equal(lora.ParameterCount + difference, lora.WithGamma(null).ParameterCount);
        }
        Assert.Equal(EdgeFaceVariants.XsGamma06.WithGamma(null).ParameterCount, EdgeFaceVariants.Xs.ParameterCount);
        Assert.Equal(EdgeFaceVariants.Xxs.ParameterCount, EdgeFaceVariants.XxsQ.ParameterCount);
    }

    [Theory]
    [InlineData(32, 128, 0.6, 19)]
    [InlineData(100, 300, 0.6, 60)]
    [InlineData(192, 512, 0.6, 115)]
    [InlineData(584, 512, 0.5, 256)]
    [InlineData(24, 96, 0.01, 2)]
    [InlineData(24, 96, 0.1, 2)]
    [InlineData(24, 96, 0.125, 3)]
    [InlineData(96, 24, 1, 24)]
    public void LoRaLin_has_the_rank_of_its_definition(int input, int output, double gamma, int rank)
        => Assert.Equal(rank, EdgeFaceConfig.LoRaRank(input, output, gamma));

    [Theory, InlineData(0), InlineData(-0.5), InlineData(1.0000001), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Ratios_outside_0_to_1_are_refused(double gamma)
        => Assert.Throws<ArgumentOutOfRangeException>(() => EdgeFaceVariants.Base.WithGamma(gamma));

    static Func<string, IReadOnlyList<int>?> Shapes(EdgeFaceConfig config)
    {
        var shapes = ParameterManifest.Of(config).ToDictionary(p => p.Name, p => p.Shape);
        return shapes.GetValueOrDefault;
    }

    static void DetectedAgain(EdgeFaceConfig config)
    {
        var found = EdgeFaceVariants.Detect(Shapes(config));
        Assert.True(found is not null, $"{config.Name} with ratio {config.Gamma:R} is not detected");
        Assert.Equal(ParameterManifest.Of(config).Select(p => (p.Name, p.ShapeText)),
            ParameterManifest.Of(found).Select(p => (p.Name, p.ShapeText)));
        Assert.Equal((config.Dims, config.Heads), (found.Dims, found.Heads));
    }

    [Fact]
    public void Networks_of_any_ratio_are_detected_from_their_shapes()
    {
        var random = new Random(20230704);
        for (var i = 0; i < 200; i++) DetectedAgain(EdgeFaceVariants.All[i % EdgeFaceVariants.All.Count].WithGamma(1 - random.NextDouble()));
    }

    [Fact]
    public void Ratios_at_and_beside_the_steps_of_a_rank_are_detected()
    {
        foreach (var variant in EdgeFaceVariants.All)
            foreach (var width in variant.Dims.Append(EdgeFaceConfig.EmbeddingSize))
                for (var rank = 1; rank < width; rank += 1 + width / 20)
                {
                    var gamma = rank / (double)width;
                    DetectedAgain(variant.WithGamma(gamma));
                    DetectedAgain(variant.WithGamma(Math.BitDecrement(gamma)));
                }
    }

    [Theory]
    [InlineData("edgeface_xs_gamma_06", 0.1199)] // between the steps 23/192 and 12/100: no ratio of three decimals gives these ranks
    [InlineData("edgeface_xs_gamma_06", 0.29)]   // 100 * 0.29 is below 29 in doubles
    [InlineData("edgeface_base", 0.5)]
    [InlineData("edgeface_base", 1)]
    [InlineData("edgeface_xxs", 1e-9)]
    [InlineData("edgeface_xxs", 0.7083333333333333)] // just below 17/24: times 168 rounds to 119, times 24 does not round to 17
    public void Awkward_ratios_are_detected(string name, double gamma) => DetectedAgain(EdgeFaceVariants.Find(name)!.WithGamma(gamma));

    [Fact]
    public void Plain_heads_are_detected_beside_layers_of_any_rank()
    {
        foreach (var gamma in (double[])[1e-9, 0.29, 0.5, 0.6, 0.61, 1])
            foreach (var variant in EdgeFaceVariants.All)
            {
                var config = variant.WithGamma(gamma).WithPlainHead();
                DetectedAgain(config);
                Assert.True(EdgeFaceVariants.Detect(Shapes(config))!.PlainHead);
            }
        var found = EdgeFaceVariants.Detect(Shapes(EdgeFaceVariants.XsGamma06.WithPlainHead()))!;
        Assert.Equal(("edgeface_xs_gamma_06_plain_head", EdgeFaceVariants.XsGamma06.WithPlainHead()), (found.Name, found));
        // (192 + 512) x 115 become 192 x 512.
        Assert.Equal(1_770_492 - 80_960 + 98_304, found.ParameterCount);
        Assert.Equal(found, found.WithPlainHead());
        Assert.Equal(EdgeFaceVariants.Xs, EdgeFaceVariants.Xs.WithPlainHead());
        Assert.False(found.WithGamma(null).PlainHead);
    }

    [Fact]
    public void Every_variant_is_detected_by_its_name()
    {
        foreach (var variant in EdgeFaceVariants.All.Where(v => v != EdgeFaceVariants.XxsQ))
            Assert.Equal(variant, EdgeFaceVariants.Detect(Shapes(variant)));
        Assert.Equal("edgeface_s_gamma_0.25", EdgeFaceVariants.Detect(Shapes(EdgeFaceVariants.SGamma05.WithGamma(0.25)))!.Name);
        Assert.Equal("edgeface_s_plain", EdgeFaceVariants.Detect(Shapes(EdgeFaceVariants.SGamma05.WithGamma(null)))!.Name);
        Assert.Null(EdgeFaceVariants.Find("edgeface_xl"));
    }

    [Fact]
    public void A_network_with_any_parameter_changed_or_missing_is_none()
    {
        foreach (var variant in (EdgeFaceConfig[])[EdgeFaceVariants.Xxs, EdgeFaceVariants.XsGamma06])
        {
            var shapes = Shapes(variant);
            foreach (var parameter in ParameterManifest.Of(variant))
            {
                Assert.Null(EdgeFaceVariants.Detect(name => name == parameter.Name ? null : shapes(name)));
                Assert.Null(EdgeFaceVariants.Detect(name => name == parameter.Name
                    ? [.. parameter.Shape.SkipLast(1), parameter.Shape[^1] + 1]
                    : shapes(name)));
            }
        }
    }
}
