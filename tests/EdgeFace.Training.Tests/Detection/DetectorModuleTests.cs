using EdgeFace.Kernels;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Detection;
using EdgeFace.Training.Network;
using EdgeFace.Vision.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeFace.Training.Tests.Detection;

/// <summary>The detector's networks in training are those of the engine: names, values, and gradients that are slopes.</summary>
public sealed unsafe class DetectorModuleTests
{
    const int Side = 96;

    [Theory]
    [InlineData(DetectorLayers.Detector)]
    [InlineData(DetectorLayers.Refiner)]
    public void Parameters_are_those_of_the_model_and_go_back_bit_for_bit(string network)
    {
        using var folder = new TempFolder();
        using var model = Open(network);
        using var scope = NewDisposeScope();
        using var bank = Bank(network, ScalarType.Float32);
        Assert.Equal(model.Parameters.Select(p => $"{p.Name} {p.ShapeText}").Order(StringComparer.Ordinal),
            Manifest(network).Select(p => $"{p.Name} {p.ShapeText}").Order(StringComparer.Ordinal));
        using var module = Module(network, bank);
        Assert.Equal(bank.Names.Order(StringComparer.Ordinal), module.named_parameters().Select(p => p.name).Order(StringComparer.Ordinal));
        DetectorStart.From(model, bank);
        ModelFile.Write(folder["again.efw"], Start.Tensors(bank, bank.Values), model.Card);
        using var again = ModelFile.Open(folder["again.efw"]);
        Assert.Equal(model.WeightsSha256, again.WeightsSha256);
    }

    [Fact]
    public void Cells_are_those_of_the_engine()
    {
        using var model = Open(DetectorLayers.Detector);
        using var engine = new DetectorNetwork(model, KernelSet.Default);
        using var pass = engine.NewPass();
        var pixels = Pixels(Side);
        pass.Run(new ByteRows(pixels, Side), Side, Side);
        var expected = new List<float>();
        foreach (var map in pass.Outputs)
            for (var y = 0; y < map.Height; y++)
                for (var x = 0; x < map.Width; x++)
                    expected.AddRange(new ReadOnlySpan<float>(map.Row(y) + x * map.Step, DetectorLayers.CellChannels));
        Assert.Equal(new CellGrid(Side).Count * DetectorLayers.CellChannels, expected.Count);

        using var scope = NewDisposeScope();
        using var bank = Bank(DetectorLayers.Detector, ScalarType.Float32);
        DetectorStart.From(model, bank);
        using var module = new DetectorModule(bank);
        var found = module.forward(tensor(pixels, [1, Side, Side, 3])).detach().flatten();
        Assert.True((found - tensor(expected)).abs().max().ToDouble() <= 1e-4);
    }

    [Fact]
    public void Refinements_are_those_of_the_engine()
    {
        using var model = Open(DetectorLayers.Refiner);
        using var engine = new RefinerNetwork(model, KernelSet.Default);
        using var memory = engine.NewMemory();
        var pixels = Pixels(RefinerNetwork.PatchSize);
        RefinerNetwork.Look(memory, 0, new ByteRows(pixels, RefinerNetwork.PatchSize));
        engine.Finish(memory, 1);
        float[] expected = [.. new ReadOnlySpan<float>(memory.OutputOf(0), RefinerNetwork.Outputs)];

        using var scope = NewDisposeScope();
        using var bank = Bank(DetectorLayers.Refiner, ScalarType.Float32);
        DetectorStart.From(model, bank);
        using var module = new RefinerModule(bank);
        var found = module.forward(tensor(pixels, [1, RefinerNetwork.PatchSize, RefinerNetwork.PatchSize, 3])).detach().flatten();
        Assert.True((found - tensor(expected)).abs().max().ToDouble() <= 1e-4);
    }

    [Theory]
    [InlineData(DetectorLayers.Detector)]
    [InlineData(DetectorLayers.Refiner)]
    public void Gradients_of_the_loss_are_the_slopes_of_finite_differences(string network)
    {
        using var scope = NewDisposeScope();
        using var bank = Bank(network, ScalarType.Float64);
        DetectorStart.Fresh(bank, 3);
        manual_seed(7);
        // Biases away from zero: at the kink of ReLU there is no slope.
        foreach (var name in bank.Names)
            if (bank.Info(name).Shape.Count == 1) bank.Part(bank.Values, name).add_(randn(bank.Info(name).Shape[0], dtype: ScalarType.Float64), 0.3);
        using var module = Module(network, bank);
        var isDetector = network == DetectorLayers.Detector;
        var side = isDetector ? 32 : RefinerNetwork.PatchSize;
        var views = tensor(Pixels(side), [1, side, side, 3]);
        long[] shape = isDetector ? [1, new CellGrid(side).Count, CellTarget.Values] : [1, PatchTarget.Values];
        var targets = rand(shape, dtype: ScalarType.Float64);
        var weights = new Dictionary<string, double> { ["score"] = 1, ["boxes"] = 0.5, ["points"] = 2 };
        var loss = isDetector ? DetectionLoss.Cells(weights, 3) : DetectionLoss.Patches(weights);
        double Value()
        {
            using var inner = NewDisposeScope();
            using var grad = no_grad();
            return loss.Of(module.forward(views), targets).Sum.ToDouble();
        }

        loss.Of(module.forward(views), targets).Sum.backward();
        const double step = 1e-7;
        foreach (var name in bank.Names)
        {
            var part = bank.Part(bank.Values, name);
            var direction = randn(part.shape, dtype: ScalarType.Float64);
            direction = direction / direction.norm();
            part.add_(direction, step);
            var above = Value();
            part.add_(direction, -2 * step);
            var below = Value();
            part.add_(direction, step);
            double slope = (above - below) / (2 * step), gradient = (bank.Part(bank.Gradients, name) * direction).sum().ToDouble();
            Assert.True(Math.Abs(slope - gradient) <= 1e-5 + 1e-3 * Math.Abs(gradient), $"{name}: slope {slope}, gradient {gradient}");
        }
    }

    internal static ModelFile Open(string network) => ModelFile.Open(RepositoryFiles.Full($"models/{network}.efw"));

    static IReadOnlyList<ParameterInfo> Manifest(string network)
        => network == DetectorLayers.Detector ? DetectorLayers.OfDetector : DetectorLayers.OfRefiner;

    static ParameterBank Bank(string network, ScalarType type) => new(network, Manifest(network), type);

    static nn.Module<Tensor, Tensor> Module(string network, ParameterBank bank)
        => network == DetectorLayers.Detector ? new DetectorModule(bank) : new RefinerModule(bank);

    static byte[] Pixels(int side)
    {
        var pixels = new byte[3 * side * side];
        new Random(4).NextBytes(pixels);
        return pixels;
    }
}
