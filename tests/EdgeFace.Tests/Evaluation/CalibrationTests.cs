using System.Text;
using System.Text.Json.Nodes;
using EdgeFace.Evaluation;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation;

public sealed class CalibrationTests
{
    static readonly EmbeddingContract OneCrop = new("some-model", new('a', 64), 16, "rgb112-v1", "crops-given");
    static readonly EmbeddingContract MirrorSum = OneCrop with { Preprocessing = "rgb112-v1+mirror-sum" };
    static readonly DateTimeOffset Created = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    static readonly Lazy<(AllPairs One, AllPairs Mirror)> Scores = new(() => (Faces(1), Faces(2)));

    static AllPairs Faces(int seed)
    {
        var random = new Random(seed);
        var embeddings = new float[600 * 16];
        for (var i = 0; i < 600; i++)
        {
            var row = embeddings.AsSpan(i * 16, 16);
            for (var k = 0; k < 16; k++) row[k] = (float)(random.NextDouble() - 0.5);
            row[i / 3 % 16] += 1;
            row[i / 48 % 16] += 1;
            Embedding.Normalise(row, "test");
        }
        int[] people = [.. Enumerable.Range(0, 600).Select(i => i / 3)];
        return AllPairs.Score(embeddings, 16, people, [.. Enumerable.Range(0, 12)], null, TestContext.Current.CancellationToken);
    }

    static readonly Lazy<Calibration> Made = new(() => Calibration.Create("drawn at random", Created,
        [(OneCrop, Scores.Value.One), (MirrorSum, Scores.Value.Mirror)], new(200)));

    internal static Calibration Make() => Made.Value;

    static Calibration Read(string json) => Calibration.FromJson(Encoding.UTF8.GetBytes(json), "test");

    [Fact]
    public void Thresholds_are_those_of_all_pairs()
    {
        var calibration = Make();
        Assert.Equal(new CalibrationData("drawn at random", 600, 12, 200, 600, 179_100), calibration.Data);
        var expected = Scores.Value.Mirror.AtFmr([0.001], new(200))[0];
        var found = calibration.RequireFor(MirrorSum).Thresholds.Single(t => t.Fmr == 1e-3);
        Assert.Equal((expected.Threshold, expected.Fnmr, expected.Point!.Value.Fmr.Count, expected.PersonPairs),
            (found.Threshold, found.Fnmr, found.FalseMatches, found.PersonPairs));
        Assert.Equal(expected.Threshold.Value, calibration.ThresholdFor(MirrorSum, 1e-3));
        Assert.NotEqual(expected.Threshold.Value, calibration.ThresholdFor(OneCrop, 1e-3));
        Assert.NotNull(found.Threshold.Interval);
        // 179,100 pairs let 18 false matches be expected at 1e-4.
        Assert.Contains("rule of 30",
            Assert.Throws<CalibrationException>(() => calibration.ThresholdFor(OneCrop, 1e-4)).Message, StringComparison.Ordinal);
        Assert.Contains("0.01, 0.001",
            Assert.Throws<CalibrationException>(() => calibration.ThresholdFor(OneCrop, 0.5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Supported_rates_are_told_for_galleries()
    {
        // Of 179,100 pairs only 1e-2 and 1e-3 are supported.
        Assert.Equal(
            ((double[])[1e-2, 1e-3]).SelectMany(f => ((long[])[100, 1_000, 10_000]).Select(n => new ExpectedFpir(f, n, SearchRates.Fpir(f, n)))),
            Make().ExpectedFpir);
        Assert.Equal([7, 7], Calibration.Create("", Created, [(OneCrop, Scores.Value.One)], new(100), [7]).ExpectedFpir.Select(e => e.People));
        // A file from before there were such figures.
        var node = JsonNode.Parse(Make().ToJson())!;
        node.AsObject().Remove("expectedFpir");
        Assert.Empty(Read(node.ToJsonString()).ExpectedFpir);
    }

    [Fact]
    public void It_comes_back_from_a_file_as_it_was()
    {
        using var folder = new TempFolder();
        var calibration = Make();
        var path = Path.Combine(folder.Path, "c.json");
        File.WriteAllText(path, calibration.ToJson(), new UTF8Encoding(true));
        var back = Calibration.Load(path);
        Assert.Equal(calibration.ToJson(), back.ToJson());
        Assert.Equal(Created, back.Created);
        Assert.Equal(calibration.Embeddings[1].Thresholds, back.RequireFor(MirrorSum).Thresholds);
        Assert.Contains("\"schema\": \"edgeface.calibration.v1\"", calibration.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_model_is_refused_by_name()
    {
        var other = OneCrop with { Model = "other-model", WeightsSha256 = new('b', 64) };
        var refusal = Assert.Throws<CalibrationMismatchException>(() => Make().RequireFor(other));
        Assert.Equal(other, refusal.Found);
        Assert.Equal([OneCrop, MirrorSum], refusal.Calibrated);
        foreach (var text in (string[])["some-model", "other-model", "aaaaaaaaaaaa", "bbbbbbbbbbbb", "rgb112-v1+mirror-sum"])
            Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        foreach (var almost in (EmbeddingContract[])[
            OneCrop with { WeightsSha256 = new('b', 64) },
            OneCrop with { Aligner = "x" },
            OneCrop with { Dimension = 17 },
            OneCrop with { Preprocessing = "x" }])
            Assert.Throws<CalibrationMismatchException>(() => Make().ThresholdFor(almost, 1e-2));
    }

    [Fact]
    public void Kinds_that_do_not_belong_together_are_refused()
    {
        Assert.Throws<EvaluationDataException>(() => Calibration.Create("", Created, []));
        Assert.Throws<EvaluationDataException>(() => Calibration.Create("", Created, [(OneCrop, Scores.Value.One), (OneCrop, Scores.Value.Mirror)]));
        var fewer = AllPairs.Score((float[])[1, 0, 0, 1], 2, [1, 2], null, null, TestContext.Current.CancellationToken);
        Assert.Throws<EvaluationDataException>(() => Calibration.Create("", Created, [(OneCrop, Scores.Value.One), (MirrorSum, fewer)]));
    }

    public static TheoryData<string> Faults => [.. Edits.Keys];

    static readonly Dictionary<string, Action<JsonNode>> Edits = new()
    {
        ["another schema"] = n => n["schema"] = "edgeface.calibration.v2",
        ["no schema"] = n => n.AsObject().Remove("schema"),
        ["no contract"] = n => n["embeddings"]![0]!.AsObject().Remove("contract"),
        ["a contract without weights"] = n => n["embeddings"]![0]!["contract"]!.AsObject().Remove("weightsSha256"),
        ["null for embeddings"] = n => n["embeddings"]![0] = null,
        ["no embeddings"] = n => n["embeddings"] = new JsonArray(),
        ["one contract twice"] = n => n["embeddings"]![1]!["contract"] = n["embeddings"]![0]!["contract"]!.DeepClone(),
        ["null for a threshold"] = n => n["embeddings"]![0]!["thresholds"]![2] = null,
        ["rate 0"] = n => n["embeddings"]![0]!["thresholds"]![4]!["fmr"] = 0,
        ["a rate as text"] = n => n["embeddings"]![0]!["thresholds"]![0]!["fmr"] = "0.01",
        ["rates that rise"] = n => n["embeddings"]![0]!["thresholds"]![1]!["fmr"] = 0.05,
        ["a threshold of 40"] = n => n["embeddings"]![0]!["thresholds"]![1]!["threshold"]!["value"] = 40,
        ["thresholds that fall"] = n => n["embeddings"]![0]!["thresholds"]![1]!["threshold"]!["value"] = -0.5,
        ["a figure and a reason"] = n => n["embeddings"]![0]!["thresholds"]![0]!["threshold"]!["unsupported"] = "why",
        ["neither figure nor reason"] = n => n["embeddings"]![0]!["thresholds"]![0]!["threshold"] = new JsonObject(),
        ["an interval upside down"] = n => n["embeddings"]![0]!["thresholds"]![0]!["threshold"]!["interval"]
            = new JsonObject { ["low"] = 0.9, ["high"] = 0.1 },
        ["an FNMR of 2"] = n => n["embeddings"]![0]!["thresholds"]![0]!["fnmr"]!["value"] = 2,
        ["negative images"] = n => n["data"]!["images"] = -1,
        ["negative false matches"] = n => n["embeddings"]![0]!["thresholds"]![0]!["falseMatches"] = -1,
        ["a date that is none"] = n => n["created"] = "yesterday",
        ["an FPIR that does not follow"] = n => n["expectedFpir"]![0]!["fpir"] = 0.5,
        ["an FPIR of a negative gallery"] = n => n["expectedFpir"]![0]!["people"] = -1,
        ["null for an FPIR"] = n => n["expectedFpir"]![0] = null,
        ["confidence 95"] = n => n["confidence"] = 95,
    };

    [Theory, MemberData(nameof(Faults))]
    public void A_damaged_file_is_refused(string fault)
    {
        var node = JsonNode.Parse(Make().ToJson())!;
        Assert.NotNull(Read(node.ToJsonString()));
        Edits[fault](node);
        Assert.StartsWith("test: not a calibration",
            Assert.Throws<CalibrationException>(() => Read(node.ToJsonString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_file_or_no_json_is_refused()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "c.json");
        Assert.Contains(path, Assert.Throws<CalibrationException>(() => Calibration.Load(path)).Message, StringComparison.Ordinal);
        Assert.Throws<CalibrationException>(() => Calibration.Load(folder.Path));
        File.WriteAllBytes(path, new byte[(1 << 20) + 1]);
        Assert.Contains("bytes", Assert.Throws<CalibrationException>(() => Calibration.Load(path)).Message, StringComparison.Ordinal);
        foreach (var text in (string[])["", "null", "[]", "{", "\0\0", "{}"]) Assert.Throws<CalibrationException>(() => Read(text));
    }
}
