using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests;

/// <summary>The network in training is the network of the engine: names, values, and gradients that are the slopes of what it computes.</summary>
public sealed class NetworkTests
{
    const int Images = 2;

    public static TheoryData<string, double?, bool> Networks => new()
    {
        { "edgeface_base", null, false }, { "edgeface_s_gamma_05", 0.5, false }, { "edgeface_xs_q", null, false },
        { "edgeface_xs_gamma_06", 0.6, false }, { "edgeface_xxs", null, false }, { "edgeface_xxs", 0.27, false },
        { "edgeface_xs_gamma_06", 0.6, true }, { "edgeface_xxs", 0.27, true },
    };

    static EdgeFaceConfig Config(string name, double? gamma, bool plainHead)
    {
        var config = EdgeFaceVariants.Find(name)!;
        if (gamma != config.Gamma) config = config.WithGamma(gamma) with { Name = FormattableString.Invariant($"{name}_gamma_{gamma}") };
        return plainHead ? config.WithPlainHead() : config;
    }

    [Theory, MemberData(nameof(Networks))]
    public void Embeddings_are_those_of_the_engine(string name, double? gamma, bool plainHead)
    {
        using var folder = new TempFolder();
        var config = Config(name, gamma, plainHead);
        var path = folder["model.safetensors"];
        FormulaWeights.Write(config, path);
        using var model = ModelFile.Open(path);
        using var embedder = new FaceEmbedder(model);
        using var scope = NewDisposeScope();
        using var bank = new ParameterBank(config);
        Start.From(model, bank);
        using var network = new EdgeFaceModule(bank);

        var crops = new byte[Images * FaceEmbedder.CropBytes];
        new Random(5).NextBytes(crops);
        var expected = new float[Images * EdgeFaceConfig.EmbeddingSize];
        embedder.EmbedBatch(crops, Images, expected);
        var found = nn.functional.normalize(network.forward(tensor(crops, [Images, 112, 112, 3])), dim: 1).detach();
        Assert.True((found.flatten() - tensor(expected)).abs().max().ToDouble() <= 1e-4);

        using var teacher = TorchTeacher.For(new() { TeacherOn = TeacherOn.Libtorch }, model)!;
        var maps = new List<IReadOnlyList<Tensor>>();
        Assert.True((teacher.Embed(tensor(crops, [Images, 112, 112, 3]), maps) - found).abs().max().ToDouble() <= 1e-6);
        Assert.Equal(config.Depths, maps.Select(m => m.Count));
        Assert.All(maps.Zip(config.Dims), m => Assert.Equal(m.Second, m.First[^1].shape[^1]));
        Assert.All(maps.SelectMany(m => m), m => Assert.False(m.requires_grad));

        // And back: the same weights, bit for bit.
        var again = folder["again.efw"];
        ModelFile.Write(again, Start.Tensors(bank, bank.Values), new ModelCard { Name = "again", Kind = "recogniser" });
        using var written = ModelFile.Open(again);
        Assert.Equal(model.WeightsSha256, written.WeightsSha256);
        Assert.Equal(model.Network, written.Network);
    }

    [Theory, MemberData(nameof(Networks))]
    public void State_dict_is_the_manifest(string name, double? gamma, bool plainHead)
    {
        var config = Config(name, gamma, plainHead);
        using var scope = NewDisposeScope();
        using var bank = new ParameterBank(config);
        using var network = new EdgeFaceModule(bank);
        Assert.Equal(ParameterManifest.Of(config).Select(p => p.Name).Order(StringComparer.Ordinal),
            network.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal));
        Assert.All(network.named_parameters(), p => Assert.Equal(bank.Info(p.name).Shape.Select(d => (long)d), p.parameter.shape));
    }

    [Fact]
    public void Gradients_are_the_slopes_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var bank = new ParameterBank(EdgeFaceVariants.Xxs.WithGamma(0.3) with { Depths = [1, 1, 2, 1] }, ScalarType.Float64);
        foreach (var (name, _, values) in FormulaWeights.Of(bank.Config))
            bank.Part(bank.Values, name).copy_(tensor(values, dtype: ScalarType.Float64).view(bank.Part(bank.Values, name).shape));
        using var network = new EdgeFaceModule(bank);
        var crops = randint(0, 256, [1, 112, 112, 3], dtype: ScalarType.Byte);
        var towards = randn([1, EdgeFaceConfig.EmbeddingSize], dtype: ScalarType.Float64);
        double Loss()
        {
            using var inner = NewDisposeScope();
            using var grad = no_grad();
            return Of(network.forward(crops)).ToDouble();
        }

        Of(network.forward(crops)).backward();
        const double step = 1e-5;
        foreach (var name in bank.Names)
        {
            // One direction for each parameter tensor: a wrong entry anywhere in it shows.
            var part = bank.Part(bank.Values, name);
            var direction = randn(part.shape, dtype: ScalarType.Float64);
            direction = direction / direction.norm();
            part.add_(direction, step);
            var above = Loss();
            part.add_(direction, -2 * step);
            var below = Loss();
            part.add_(direction, step);
            double slope = (above - below) / (2 * step), gradient = (bank.Part(bank.Gradients, name) * direction).sum().ToDouble();
            Assert.True(Math.Abs(slope - gradient) <= 1e-8 + 1e-5 * Math.Abs(gradient), $"{name}: slope {slope}, gradient {gradient}");
        }

        Tensor Of(Tensor embedding) => (nn.functional.normalize(embedding, dim: 1) * towards).sum();
    }

    [Fact]
    public void Products_in_bfloat16_stay_near()
    {
        using var scope = NewDisposeScope();
        using var bank = new ParameterBank(EdgeFaceVariants.XsGamma06);
        foreach (var (name, _, values) in FormulaWeights.Of(bank.Config))
            bank.Part(bank.Values, name).copy_(tensor(values).view(bank.Part(bank.Values, name).shape));
        using EdgeFaceModule whole = new(bank), narrow = new(bank, ScalarType.BFloat16);
        var crops = randint(0, 256, [Images, 112, 112, 3], dtype: ScalarType.Byte);
        var cosine = nn.functional.cosine_similarity(whole.forward(crops), narrow.forward(crops), dim: 1).min().ToDouble();
        Assert.InRange(cosine, 0.99, 0.9999999);
    }

    [Fact]
    public void Replicas_share_weights_and_not_gradients()
    {
        using var scope = NewDisposeScope();
        using var bank = new ParameterBank(EdgeFaceVariants.Xxs);
        using var replica = bank.Replica();
        bank.Values.fill_(0.5);
        Assert.All(replica.Names, n => Assert.Equal(0.5, replica[n].min().ToDouble()));
        replica.Gradients.fill_(1);
        Assert.Equal(0, bank.Gradients.abs().max().ToDouble());
    }
}
