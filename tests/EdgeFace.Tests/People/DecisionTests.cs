using EdgeFace.Evaluation;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.People;

public sealed class DecisionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_card_decides_at_its_rates(bool mirrorSum)
    {
        using var pipeline = FacePipeline.Open(new() { Input = AnalyzerInput.Crops, MirrorSum = mirrorSum });
        foreach (var entry in pipeline.Card.Thresholds)
        {
            var decision = Decision.For(pipeline, new() { Fmr = entry.Fmr });
            Assert.Equal((mirrorSum ? entry.MirrorSum : entry.OneCrop, entry.Fmr), (decision.Threshold, decision.Fmr));
            Assert.Contains("people", decision.MeasuredOn, StringComparison.Ordinal);
        }
        Assert.Equal(1e-4, Decision.For(pipeline).Fmr);
        Assert.Equal(Decision.For(pipeline, new() { Fmr = pipeline.Card.Thresholds.Max(t => t.Fmr) }).Threshold, Decision.For(pipeline).UnlikeBelow);
        Assert.Equal(ErrorKind.Request, Assert.ThrowsAny<EdgeFaceException>(() => Decision.For(pipeline, new() { Fmr = 0.3 })).Kind);
    }

    [Fact]
    public void A_number_decides_without_a_rate()
    {
        using var pipeline = FacePipeline.Open(new() { Input = AnalyzerInput.Crops });
        var decision = Decision.For(pipeline, new() { Threshold = 0.4 });
        Assert.Equal((0.4, null, null), (decision.Threshold, decision.Fmr, decision.MeasuredOn));
        foreach (var wrong in (double[])[1.01, -1.01, double.NaN])
            Assert.ThrowsAny<EdgeFaceException>(() => Decision.For(pipeline, new() { Threshold = wrong }));
        Assert.ThrowsAny<EdgeFaceException>(() => Decision.For(pipeline, new() { Threshold = 0.4, Calibration = "a.json" }));
    }

    [Fact]
    public void A_model_without_thresholds_wants_one()
    {
        using var folder = new TempFolder();
        using (var model = DefaultModels.OpenRecogniser())
            model.WithCard(model.Card with { Thresholds = [] }).Save(folder["plain.efw"], WeightPrecision.Float32);
        using var pipeline = FacePipeline.Open(new() { Model = folder["plain.efw"], Input = AnalyzerInput.Crops });
        var refused = Assert.Throws<NoThresholdException>(() => Decision.For(pipeline));
        Assert.Equal(pipeline.Card.Name, refused.Model);
        Assert.Equal(0.4, Decision.For(pipeline, new() { Threshold = 0.4 }).Threshold);
    }

    [Fact]
    public void A_calibration_of_other_embeddings_is_refused()
    {
        using var folder = new TempFolder();
        using var pipeline = FacePipeline.Open(new() { Input = AnalyzerInput.Crops });
        var other = pipeline.Contract with { Model = "another" };
        Assert.Equal(ErrorKind.Input, Assert.Throws<CalibrationException>(
            () => Decision.For(pipeline, new() { Calibration = folder.Write("no.json", [1, 2]) })).Kind);
        foreach (var (contract, fits) in ((EmbeddingContract, bool)[])[(pipeline.Contract, true), (other, false)])
        {
            CalibratedThreshold at = new(1e-3, new Estimate(0.37, null), new Estimate(0.01, null), 3, 2);
            var calibration = new Calibration
            {
                Schema = Calibration.CurrentSchema, Created = DateTimeOffset.UnixEpoch, Data = new("a test", 4, 0, 2, 2, 4), Confidence = 0.95,
                Embeddings = [new(contract, [at])],
            };
            File.WriteAllText(folder["cal.json"], calibration.ToJson());
            var options = new DecisionOptions { Calibration = folder["cal.json"], Fmr = 1e-3 };
            if (fits)
            {
                var decision = Decision.For(pipeline, options);
                Assert.Equal((0.37, 1e-3, 0.37), (decision.Threshold, decision.Fmr, decision.UnlikeBelow));
                Assert.Contains("a test", decision.MeasuredOn, StringComparison.Ordinal);
            }
            else Assert.Throws<CalibrationMismatchException>(() => Decision.For(pipeline, options));
        }
    }
}
