using System.Text.Json;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

[Collection(nameof(EnvironmentVariable))]
public sealed class ModelsCommandTests : IDisposable
{
    readonly TempFolder _folder = new();
    readonly EnvironmentVariable _models;

    public ModelsCommandTests() => _models = new("EDGEFACE_MODELS", _folder["pulled"]);

    public void Dispose()
    {
        _models.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void List_names_the_embedded_and_the_official_models_with_their_state()
    {
        var models = ToolRun.Of("models", "list", "--json").Succeeds().Json.GetProperty("models").EnumerateArray()
            .ToDictionary(m => m.GetProperty("name").GetString()!, m => m.GetProperty("state").GetString());
        Assert.Equal(9, models.Count);
        Assert.Equal("embedded", models["edgeface-xs-distilled"]);
        Assert.Equal("can be pulled", models["edgeface_s_gamma_05"]);
        var text = ToolRun.Of("models", "list").Succeeds().Output;
        Assert.All(models.Keys, name => Assert.Contains(name, text));
        Assert.Contains(_folder["pulled"], text);
    }

    [Fact]
    public void Show_prints_the_card_with_licence_limits_and_thresholds()
    {
        var text = ToolRun.Of("models", "show").Succeeds().Output;
        foreach (var part in (string[])["edgeface-xs-distilled", "1,787,836", "non-commercial", "limits", "0.339", "1e-4",
            "FMR below 1e-5 is not supported"])
            Assert.Contains(part, text.Replace("\n              ", " ", StringComparison.Ordinal));
        var card = ToolRun.Of("models", "show", "edgeface-detector", "--json").Succeeds().Json.GetProperty("model").GetProperty("card");
        Assert.Equal("detector", card.GetProperty("kind").GetString());
        ToolRun.Of("models", "show", "nonsense").Fails(2, "nonsense");
    }

    // The specification's figures.
    [Theory]
    [InlineData("edgeface_s_gamma_05", 3_652_520, "3,652,520", 151.92)]
    [InlineData("edgeface_xs_gamma_06", 1_770_492, "1,770,492", 76.08)]
    [InlineData("edgeface_xxs", 1_244_744, "1,244,744", 46.76)]
    public void Show_prints_parameters_and_multiply_adds(string variant, long parameters, string printed, double millions)
    {
        var file = _folder["sizes.efw"];
        FormulaWeights.Write(EdgeFaceVariants.Find(variant)!, file);
        var model = ToolRun.Of("models", "show", file, "--json").Succeeds().Json.GetProperty("model");
        Assert.Equal(parameters, model.GetProperty("parameters").GetInt64());
        Assert.Equal(millions, Math.Round(model.GetProperty("multiplyAdds").GetInt64() / 1e6, 2));
        var text = ToolRun.Of("models", "show", file).Succeeds().Output;
        Assert.Contains(printed, text, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"{millions:f2} million multiply-adds"), text, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, ToolRun.Of("models", "show", "edgeface-detector", "--json").Succeeds().Json.GetProperty("model")
            .GetProperty("multiplyAdds").ValueKind);
    }

    [Fact]
    public void Show_says_what_a_model_was_made_from()
    {
        var file = _folder["made.efw"];
        using (var model = ModelFile.Open(TestData.Model("edgeface-detector.efw")))
            model.WithCard(model.Card with { Sources = [new("crops.rec", "our hall", "our own")] }).Save(file);
        Assert.Contains("crops.rec: our hall; licence: our own", ToolRun.Of("models", "show", file).Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_accepts_whole_models_and_names_what_is_wrong_with_others()
    {
        var valid = ToolRun.Of("models", "verify").Succeeds().Output;
        Assert.Equal(3, valid.TrimEnd().Split('\n').Length);
        var bytes = File.ReadAllBytes(TestData.Model("edgeface-refiner.efw"));
        bytes[^100] ^= 1;
        File.WriteAllBytes(_folder["damaged.efw"], bytes);
        var run = ToolRun.Of("models", "verify", TestData.Model("edgeface-detector.efw"), _folder["damaged.efw"], "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal([true, false], run.Json.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("valid").GetBoolean()));
        Assert.Contains("damaged", run.Error);
        Assert.Equal([null, "input"], run.Json.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("kind").GetString()));
        run = ToolRun.Of("models", "verify", _folder["missing.efw"], "--json");
        Assert.Equal((3, "request"), (run.ExitCode, run.Json.GetProperty("models")[0].GetProperty("kind").GetString()));
    }

    [Fact]
    public void Convert_goes_there_and_back_without_a_change_of_the_weights()
    {
        var card = TestData.Model("edgeface-xs-distilled.card.json");
        var there = ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["m.safetensors"], "--json").Succeeds().Json;
        var back = ToolRun.Of("models", "convert", _folder["m.safetensors"], _folder["m.efw"], "--card", card, "--json").Succeeds().Json;
        Assert.Equal(there.GetProperty("weightsSha256").GetString(), back.GetProperty("weightsSha256").GetString());
        Assert.Equal(File.ReadAllBytes(TestData.Model("edgeface-xs-distilled.efw")), File.ReadAllBytes(_folder["m.efw"]));
        ToolRun.Of("compare", TestData.Sample("adam-1.jpg"), TestData.Sample("adam-2.jpg"), "--model", _folder["m.safetensors"]).Succeeds();
    }

    [Theory]
    [InlineData("float16", "Float16", 0.55)]
    [InlineData("int8", "Int8", 0.32)]
    public void Convert_to_less_precision_is_smaller_and_leaves_out_thresholds_that_were_measured_otherwise(
        string precision, string storage, double share)
    {
        var json = ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["m.efw"], "--precision", precision, "--json").Succeeds().Json;
        Assert.Equal(storage, json.GetProperty("storage").GetString());
        Assert.InRange(json.GetProperty("bytes").GetInt64(), 1, (long)(share * new FileInfo(TestData.Model("edgeface-xs-distilled.efw")).Length));
        string[] compare = ["compare", TestData.Sample("adam-1.jpg"), TestData.Sample("adam-2.jpg"), "--model", _folder["m.efw"]];
        ToolRun.Of(compare).Fails(2, "no calibrated thresholds");
        ToolRun.Of([.. compare, "--threshold", "0.4"]).Succeeds();
    }

    [Fact]
    public void Convert_reads_the_official_checkpoints()
    {
        ToolRun.Of("models", "convert", TestData.Shared("models/edgeface_xs_q.pt"), _folder["q.efw"]).Succeeds();
        using ModelFile official = ModelFile.Open(TestData.Shared("models/edgeface_xs_q.pt")), converted = ModelFile.Open(_folder["q.efw"]);
        Assert.Equal(official.WeightsSha256, converted.WeightsSha256);
    }

    [Theory]
    [InlineData("float32", "Float32", 1.05)]
    [InlineData("int8", "Int8", 0.4)]
    public void Convert_writes_onnx(string precision, string storage, double share)
    {
        var json = ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["m.onnx"], "--precision", precision, "--json").Succeeds().Json;
        Assert.Equal(storage, json.GetProperty("storage").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("weightsSha256").ValueKind);
        Assert.InRange(json.GetProperty("bytes").GetInt64(), 1, (long)(share * new FileInfo(TestData.Model("edgeface-xs-distilled.efw")).Length));
    }

    [Theory]
    [InlineData("float32", "Float32")]
    [InlineData("float16", "Float16")]
    public void Convert_writes_pt_with_the_same_weights(string precision, string storage)
    {
        var pt = ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["m.pt"], "--precision", precision, "--json").Succeeds().Json;
        var efw = ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["m.efw"], "--precision", precision, "--json").Succeeds().Json;
        Assert.Equal(storage, pt.GetProperty("storage").GetString());
        Assert.Equal(efw.GetProperty("weightsSha256").GetString(), pt.GetProperty("weightsSha256").GetString());
    }

    [Fact]
    public void Convert_refuses_what_it_cannot_do()
    {
        ToolRun.Of("models", "convert", "edgeface-detector", _folder["m.bin"]).Fails(2, ".efw, .safetensors, .pt or .onnx");
        ToolRun.Of("models", "convert", "edgeface-detector", _folder["m.pt"]).Fails(3, "edgeface-detector", "an EdgeFace network");
        ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["m.pt"], "--int8").Fails(2, "m.pt", "float32 or float16");
        ToolRun.Of("models", "convert", "edgeface-detector", _folder["m.onnx"]).Fails(3, "edgeface-detector", "an EdgeFace network");
        ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["m.onnx"], "--precision", "float16").Fails(2, "m.onnx", "float32 or int8");
        ToolRun.Of("models", "convert", "edgeface-xs-distilled", _folder["missing/m.onnx"]).Fails(3, "missing/m.onnx");
        ToolRun.Of("models", "convert", _folder["missing.pt"], _folder["m.efw"]).Fails(3, "missing.pt", "no such file");
        ToolRun.Of("models", "convert", "edgeface-detector", _folder["m.efw"], "--card", _folder["missing.json"]).Fails(3, "missing.json");
        File.WriteAllText(_folder["card.json"], "{}");
        ToolRun.Of("models", "convert", "edgeface-detector", _folder["m.efw"], "--card", _folder["card.json"]).Fails(3, "card.json");
        File.WriteAllBytes(_folder["nan.efw"], []);
        ToolRun.Of("models", "convert", _folder["nan.efw"], _folder["m.efw"]).Fails(3, "nan.efw", "empty");
        Assert.Empty(Directory.GetFiles(_folder.Path, "m.*"));
    }

    [Fact]
    public void Info_reports_the_kernels_in_use_and_passes_its_self_test()
    {
        var json = ToolRun.Of("info", "--json").Json;
        Assert.True(json.GetProperty("selfTest").GetProperty("passed").GetBoolean());
        Assert.InRange(json.GetProperty("selfTest").GetProperty("cosine").GetDouble(), 0.99999, 1.00001);
        Assert.Equal(4, json.GetProperty("kernelSets").GetArrayLength());
        Assert.Equal("edgeface-xs-distilled", json.GetProperty("model").GetProperty("name").GetString());
        Assert.Contains("self-test   passed", ToolRun.Of("info").Output);
    }

    [Fact]
    public void Bench_measures_a_model()
    {
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _folder["xxs.efw"]);
        var json = ToolRun.Of("bench", "--model", _folder["xxs.efw"], "--seconds", "0.1", "--json").Succeeds().Json;
        var row = Assert.Single(json.GetProperty("rows").EnumerateArray());
        Assert.True(row.GetProperty("medianMs").GetDouble() > 0 && row.GetProperty("batchImagesPerSecond").GetDouble() > 0);
        ToolRun.Of("bench", "--seconds", "-1").Fails(2);
    }
}
