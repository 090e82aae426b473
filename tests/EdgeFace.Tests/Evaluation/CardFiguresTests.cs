using EdgeFace.Evaluation;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation;

/// <summary>What cards say of thresholds and rates.</summary>
public sealed class CardFiguresTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_default_card_says_what_its_calibration_gives()
    {
        var lfw = TestData.Shared("lfw");
        Assert.Equal(0, ToolRun.Of("calibrate", lfw, "--aligned", "-o", _folder["cal.json"]).ExitCode);
        var calibration = Calibration.Load(_folder["cal.json"]);
        var shipped = ModelCard.FromJson(File.ReadAllBytes(TestData.Model("edgeface-xs-distilled.card.json")), "card");
        var made = CardFigures.WithThresholds(shipped with { Thresholds = [], ThresholdSource = null }, calibration,
            "`edgeface calibrate LFW --aligned -o FILE`", "LFW folds 1-5: press photographs of mostly adult, well-known people");
        Assert.Equal(shipped.Thresholds, made.Thresholds);
        Assert.Equal(shipped.ThresholdSource, made.ThresholdSource);
        for (var kind = 0; kind < 2; kind++)
            Assert.Equal(shipped.Measurements[2 + kind].Value, CardFigures.Misses(calibration, kind, 1e-3, 1e-4));
    }

    [Fact]
    public void Rates_that_the_data_do_not_support_stay_out()
    {
        Estimate known = new(0.4, new Interval(0.39, 0.41)), rate = new(0.02, new Interval(0.01, 0.03));
        var none = Estimate.NotSupported("too few pairs");
        var calibration = Of([T(1e-2, known, rate), T(1e-3, known, none), T(1e-4, none, none)],
            [T(1e-2, known, rate), T(1e-3, none, none), T(1e-4, none, none)]);
        var card = CardFigures.WithThresholds(new() { Name = "n", Kind = "recogniser" }, calibration, "`command`", "people");
        Assert.Equal([new ModelThreshold(1e-2, 0.4, 0.4, null, 0.02, 0.02)], card.Thresholds);
        Assert.StartsWith("`command`: 10 genuine and 2,000 impostor pairs, every image with every other, of 70 aligned crops of 60 people "
            + "(people), 3 left out;",
            card.ThresholdSource, StringComparison.Ordinal);
        Assert.EndsWith("FMR 1e-2: threshold [0.390, 0.410], FNMR [1.00, 3.00] %", card.ThresholdSource, StringComparison.Ordinal);
        Assert.Equal("FNMR at FMR 1e-2 2.00 % [1.00, 3.00]", CardFigures.Misses(calibration, 0, 1e-2, 1e-3));
        Assert.Null(CardFigures.Misses(calibration, 0, 1e-4));

        var empty = CardFigures.WithThresholds(card, Of([T(1e-2, none, none)], [T(1e-2, none, none)]), "`command`", "people");
        Assert.Empty(empty.Thresholds);
        Assert.Null(empty.ThresholdSource);
    }

    [Fact]
    public void Accuracy_is_given_with_what_is_known_of_it()
    {
        Assert.Equal("accuracy 99.00 +- 0.50 %, interval over people [98.00, 99.50]; EER 1.10 % [0.70, 1.60]",
            CardFigures.Accuracy(0.99, 0.005, new(0.98, 0.995), new(0.011, new Interval(0.007, 0.016))));
        Assert.Equal("accuracy 99.00 +- 0.50 %", CardFigures.Accuracy(0.99, 0.005, null, Estimate.NotSupported("none")));
    }

    static CalibratedThreshold T(double fmr, Estimate threshold, Estimate fnmr) => new(fmr, threshold, fnmr, 0, 0);

    static Calibration Of(CalibratedThreshold[] one, CalibratedThreshold[] mirror) => new()
    {
        Schema = Calibration.CurrentSchema, Created = DateTimeOffset.UnixEpoch, Data = new("d", 70, 3, 60, 10, 2000), Confidence = 0.95,
        Embeddings = [new(new("m", "w", 512, "a", "b"), one), new(new("m", "w", 512, "c", "b"), mirror)],
    };
}
