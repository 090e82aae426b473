using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Training.Commands;

namespace EdgeFace.Training.Tests;

/// <summary>What a run writes says what it is, and decides by what was measured of it.</summary>
public sealed class TrainedCardTests : IDisposable
{
    const string Stated = """
        {
          "name": "front-door", "kind": "recogniser", "version": "3", "licence": "ours alone", "nonCommercial": true, "limits": "adults",
          "sources": [{ "name": "data", "origin": "the camera at the front door", "licence": "consent of all" }]
        }
        """;

    readonly CropFolder _crops = new(people: 4), _others = new(people: 70, first: 100);

    public TrainedCardTests()
    {
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _crops.File("teacher.safetensors"));
        File.WriteAllText(_crops.File("card.json"), Stated);
        File.WriteAllText(_crops.File("recipe.json"), new Recipe { Network = "edgeface_xxs", Views = 8, Batch = 8, Part = 8, WarmUp = 8 }.ToJson());
        File.WriteAllLines(Path.Combine(_others.Data, "pairs.csv"), ["fold,same,a,b", .. Enumerable.Range(0, 34).SelectMany(i => (string[])
        [
            $"{i % 2 + 1},1,{Crop(2 * i, 0)},{Crop(2 * i, 1)}", $"{i % 2 + 1},0,{Crop(2 * i, 0)},{Crop(2 * i + 1, 1)}",
        ])]);
    }

    public void Dispose()
    {
        _crops.Dispose();
        _others.Dispose();
    }

    static string Crop(int person, int i) => $"person-{100 + person}/{i}.png";

    string[] Distil(string to, params string[] more) =>
    [
        "distil", "--recipe", _crops.File("recipe.json"), "--data", _crops.Data, "--teacher", _crops.File("teacher.safetensors"),
        "--start", _crops.File("teacher.safetensors"), "--out", _crops.File(to), "--threads", "1", .. more,
    ];

    [Fact]
    public void A_model_that_was_trained_here_decides_by_its_own_thresholds_and_says_on_what_they_were_measured()
    {
        Assert.Equal(0, TrainTool.Run(Distil("out", "--card", _crops.File("card.json"), "--validation", _others.Data)));
        Assert.Equal(0, TrainTool.Run(["export", _crops.File("out/model.safetensors"), _crops.File("mine.efw")]));
        using var model = ModelFile.Open(_crops.File("mine.efw"));
        var card = model.Card;
        Assert.Equal(("front-door", "3", "ours alone", true, "adults"), (card.Name, card.Version, card.Licence, card.NonCommercial, card.Limits));
        Assert.Equal(["data", "start and teacher teacher"], card.Sources!.Select(s => s.Name));
        Assert.Equal(("the camera at the front door", "consent of all"), (card.Sources![0].Origin, card.Sources[0].Licence));
        Assert.Contains("unknown", card.Sources[1].Licence, StringComparison.Ordinal);
        Assert.Contains(model.WeightsSha256, card.Training, StringComparison.Ordinal);
        Assert.Contains("8 views of 8 crops of data", card.Training, StringComparison.Ordinal);
        Assert.Contains(Recipe.Read(_crops.File("recipe.json")).ToJson(), card.Training, StringComparison.Ordinal);
        Assert.Matches("by edgeface-train [0-9.]+\\+[0-9a-f]{40}:", card.Training!);
        Assert.Contains(card.Measurements, m => m.Value.StartsWith("accuracy ", StringComparison.Ordinal)
            && m.Protocol.EndsWith("one crop", StringComparison.Ordinal));
        Assert.Contains(card.Measurements, m => m.Value.StartsWith("FNMR at FMR 1e-2 ", StringComparison.Ordinal));
        Assert.Contains(card.Measurements, m => m.Protocol.Contains("cosine to the teacher", StringComparison.Ordinal));
        var threshold = Assert.Single(card.Thresholds, t => t.Fmr == 1e-2);
        Assert.DoesNotContain(card.Thresholds, t => t.Fmr < 1e-3);

        string[] photos = [Path.Combine(_others.Data, Crop(0, 0)), Path.Combine(_others.Data, Crop(0, 1))];
        var decided = ToolRun.Of(["compare", .. photos, "--aligned", "--model", _crops.File("mine.efw"), "--fmr", "1e-2", "--json"]);
        Assert.InRange(decided.ExitCode, 0, 1);
        Assert.Equal(threshold.OneCrop, decided.Json.GetProperty("threshold").GetDouble());
        Assert.Equal(decided.ExitCode == 0, decided.Json.GetProperty("score").GetDouble() >= threshold.OneCrop);
        var measured = decided.Json.GetProperty("measuredOn").GetString();
        Assert.Contains("102 aligned crops of 68 people (data)", measured, StringComparison.Ordinal);
        var printed = ToolRun.Of(["compare", .. photos, "--aligned", "--model", _crops.File("mine.efw"), "--fmr", "1e-2"]).Output;
        var words = string.Join(' ', printed.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("68 people", words, StringComparison.Ordinal);
        // Less than the data support is not made up.
        ToolRun.Of(["compare", .. photos, "--aligned", "--model", _crops.File("mine.efw"), "--fmr", "1e-6"]).Fails(2, "1e-2");
    }

    [Fact]
    public void A_checkpoint_is_exported_with_what_was_stated_and_what_is_measured_then()
    {
        Assert.Equal(0, TrainTool.Run(Distil("out", "--card", _crops.File("card.json"))));
        // Without a card the second session keeps what the first one stated.
        Assert.Equal(0, TrainTool.Run(Distil("out")));
        using (var plain = ModelFile.Open(_crops.File("out/model.safetensors")))
            Assert.Equal(("front-door", 0, 0), (plain.Card.Name, plain.Card.Thresholds.Count, plain.Card.Measurements.Count));
        File.WriteAllText(_crops.File("later.json"), Stated.Replace("front-door", "back-door", StringComparison.Ordinal));
        Assert.Equal(0, TrainTool.Run(["export", _crops.File("out/checkpoint.safetensors"), _crops.File("mine.efw"), "--validation", _others.Data,
            "--card", _crops.File("later.json")]));
        using var model = ModelFile.Open(_crops.File("mine.efw"));
        Assert.Equal("back-door", model.Card.Name);
        Assert.Equal(["data", "start and teacher teacher"], model.Card.Sources!.Select(s => s.Name));
        Assert.NotEmpty(model.Card.Thresholds);
        Assert.Contains(model.WeightsSha256, model.Card.Training, StringComparison.Ordinal);
        // Other ranks are other weights: their figures are gone.
        Assert.Equal(0, TrainTool.Run(["export", _crops.File("mine.efw"), _crops.File("low.efw"), "--gamma", "0.3"]));
        using var low = ModelFile.Open(_crops.File("low.efw"));
        Assert.Equal((0, 0, null), (low.Card.Thresholds.Count, low.Card.Measurements.Count, low.Card.ThresholdSource));
        Assert.Equal(2, TrainTool.Run(["export", _crops.File("mine.efw"), _crops.File("mine.pt"), "--validation", _others.Data]));
    }

    [Theory]
    [InlineData("\"sources\"", "\"x\"", "says nothing of data")]
    [InlineData("\"data\"", "\"other\"", "says nothing of data")]
    [InlineData("recogniser", "detector", "kind is recogniser")]
    [InlineData("\"limits\"", "\"training\"", "training is what the program writes")]
    [InlineData("\"limits\"", "\"architecture\"", "architecture is what the program writes")]
    [InlineData("\"limits\"", "\"thresholdSource\"", "thresholdSource is what the program writes")]
    [InlineData("\"limits\"", "\"sourceSha256\"", "sourceSha256 is what the program writes")]
    [InlineData("\"limits\": \"adults\"", "\"thresholds\": [{ \"fmr\": 0.1, \"oneCrop\": 0, \"mirrorSum\": 0 }]", "thresholds is what")]
    [InlineData("\"limits\": \"adults\"", "\"measurements\": [{ \"set\": \"s\", \"protocol\": \"p\", \"value\": \"v\" }]", "measurements is what")]
    [InlineData("\"name\": \"front-door\", ", "", "a model card")]
    [InlineData("}", "", "a model card")]
    public void What_a_user_cannot_state_is_refused(string part, string instead, string word)
    {
        File.WriteAllText(_crops.File("card.json"), Stated.Replace(part, instead, StringComparison.Ordinal));
        var message = Assert.Throws<RecipeException>(() => TrainedCard.Read(_crops.File("card.json"), [_crops.Data])).Message;
        Assert.Contains(word, message, StringComparison.Ordinal);
        Assert.Contains("card.json", message, StringComparison.Ordinal);
        Assert.Equal(2, TrainTool.Run(Distil("out", "--card", _crops.File("card.json"))));
    }

    [Fact]
    public void What_a_teacher_forbids_a_card_cannot_allow()
    {
        var free = ModelCard.FromJson("""{ "name": "n", "kind": "recogniser", "licence": "MIT", "nonCommercial": false }"""u8, "card");
        var teacher = new ModelCard { Name = "t", Kind = "recogniser", NonCommercial = true };
        var refused = Assert.Throws<RecipeException>(() => TrainedCard.From(free, [("teacher", teacher, "00")]));
        Assert.Contains("t, the teacher, may not be used commercially", refused.Message, StringComparison.Ordinal);
        Assert.Equal("weights SHA-256 00", Assert.Single(TrainedCard.From(free, [("start", free, "00")]).Sources!).Origin);
    }
}
