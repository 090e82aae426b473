using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

[Collection(nameof(EnvironmentVariable))]
public sealed class CompareTests
{
    static string Photo(string name) => TestData.Sample(name);

    static ModelThreshold Threshold(double fmr)
    {
        using var model = DefaultModels.OpenRecogniser();
        return model.Card.ThresholdFor(fmr)!;
    }

    [Fact]
    public void Two_photos_of_a_person_are_the_same_person()
    {
        var run = ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg")).Succeeds();
        Assert.StartsWith("same person\n", run.Output, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"  {Threshold(1e-4).OneCrop:f3}  "), run.Output);
        Assert.Contains("FMR 1e-4", run.Output);
        Assert.Contains("non-commercial", run.Output);
        Assert.Equal(2, run.Output.Split('\n').Count(l => l.Contains(" px at ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Photos_of_two_people_are_different_people_with_exit_code_1()
        => Assert.StartsWith("different people\n", ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("bella-1.jpg")).Succeeds(1).Output,
            StringComparison.Ordinal);

    [Fact]
    public void Json_has_the_documented_fields()
    {
        var json = ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--json", "--fmr", "1e-3").Succeeds().Json;
        Assert.Equal(["schema", "decision", "score", "threshold", "fmr", "a", "b", "contract", "measuredOn", "limits"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("edgeface.compare.v2", json.GetProperty("schema").GetString());
        Assert.Equal("same", json.GetProperty("decision").GetString());
        Assert.Equal(Threshold(1e-3).OneCrop, json.GetProperty("threshold").GetDouble());
        Assert.Equal(1e-3, json.GetProperty("fmr").GetDouble());
        Assert.InRange(json.GetProperty("score").GetDouble(), 0.75, 1);
        var face = json.GetProperty("a").GetProperty("face");
        Assert.Equal(["left", "top", "right", "bottom"], face.GetProperty("box").EnumerateObject().Select(p => p.Name));
        Assert.Equal(["leftEye", "rightEye", "nose", "leftMouth", "rightMouth"],
            face.GetProperty("landmarks").EnumerateObject().Select(p => p.Name));
        Assert.Equal(512, json.GetProperty("contract").GetProperty("dimension").GetInt32());
    }

    [Fact]
    public void It_says_on_whom_the_threshold_was_measured_and_JSON_where_it_does_not_hold()
    {
        var json = ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--json").Succeeds().Json;
        var measured = json.GetProperty("measuredOn").GetString()!;
        Assert.Contains("2,086 people", measured, StringComparison.Ordinal);
        Assert.Contains("Children", json.GetProperty("limits").GetString(), StringComparison.Ordinal);
        var text = string.Join(' ', ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg")).Succeeds().Output
            .Split(' ', '\n').Where(word => word.Length > 0));
        Assert.Contains("measured " + measured, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Children", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_given_threshold_has_no_false_match_rate()
    {
        var json = ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--json", "--threshold", "0.99").Succeeds(1).Json;
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("measuredOn").ValueKind);
        Assert.DoesNotContain("  measured",
            ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--threshold", "0.99").Succeeds(1).Output);
        Assert.Equal(0.99, json.GetProperty("threshold").GetDouble());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("fmr").ValueKind);
    }

    [Fact]
    public void The_mirror_sum_has_thresholds_and_a_contract_of_its_own()
    {
        var json = ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--json", "--mirror-sum", "--fmr", "1e-5").Succeeds().Json;
        Assert.Equal(Threshold(1e-5).MirrorSum, json.GetProperty("threshold").GetDouble());
        Assert.Contains("mirror-sum", json.GetProperty("contract").GetProperty("preprocessing").GetString());
    }

    [Fact]
    public void A_picture_of_both_sides_can_be_written()
    {
        using var folder = new TempFolder();
        ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("bella-1.jpg"), "--draw", folder["out.png"]).Succeeds(1);
        var picture = ImageCodec.Load(folder["out.png"]);
        Assert.True(picture is { Width: > 600, Height: > 480 });
        Assert.Equal(["out.png"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_model_without_thresholds_says_so_and_takes_one()
    {
        using var folder = new TempFolder();
        FormulaWeights.Write(EdgeFaceVariants.Xxs, folder["plain.efw"]);
        string[] args = ["compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--model", folder["plain.efw"]];
        ToolRun.Of(args).Fails(2, "plain", "--threshold");
        Assert.InRange(ToolRun.Of([.. args, "--threshold", "0.2"]).ExitCode, 0, 1);
    }

    [Fact]
    public void One_of_several_faces_has_to_be_chosen()
    {
        ToolRun.Of("compare", Photo("group.jpg"), Photo("adam-1.jpg")).Fails(4, "group.jpg: 8 faces found", "--face largest, or --face 0 to 7");
        Assert.InRange(ToolRun.Of("compare", Photo("group.jpg"), Photo("adam-1.jpg"), "--face", "largest").ExitCode, 0, 1);
        ToolRun.Of("compare", Photo("group.jpg"), Photo("group.jpg"), "--face", "7").Succeeds();
        ToolRun.Of("compare", Photo("group.jpg"), Photo("adam-1.jpg"), "--face", "8").Fails(4, "no face 8");
        ToolRun.Of("compare", Photo("group.jpg"), Photo("adam-1.jpg"), "--face", "smallest").Fails(2, "'smallest'");
        ToolRun.Of("compare", Photo("group.jpg"), Photo("adam-1.jpg"), "--face", "-1").Fails(2);
    }

    [Fact]
    public void Crops_are_compared_as_they_are()
    {
        using var folder = new TempFolder();
        ToolRun.Of("align", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "-o", folder.Path).Succeeds();
        var json = ToolRun.Of("compare", folder["adam-1.png"], folder["adam-2.png"], "--aligned", "--json").Succeeds().Json;
        var photos = ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--json").Json;
        Assert.Equal(photos.GetProperty("score").GetDouble(), json.GetProperty("score").GetDouble(), 1e-6);
        Assert.Equal(FaceEmbedder.CropsGiven, json.GetProperty("contract").GetProperty("aligner").GetString());
        ToolRun.Of("compare", Photo("adam-1.jpg"), folder["adam-2.png"], "--aligned").Fails(3, "112 x 112", "300 x 360");
    }

    [Theory]
    [InlineData("--fmr", "1e-6", "1e-5")]
    [InlineData("--fmr", "0", "")]
    [InlineData("--fmr", "-1", "")]
    [InlineData("--fmr", "NaN", "")]
    [InlineData("--fmr", "often", "")]
    [InlineData("--threshold", "1.5", "between -1 and 1")]
    [InlineData("--threshold", "NaN", "between -1 and 1")]
    [InlineData("--min-face", "0", "above 0")]
    [InlineData("--model", "edgeface_xs_q", "models pull edgeface_xs_q")]
    [InlineData("--model", "nonsense", "edgeface-xs-distilled")]
    [InlineData("--colour", "red", "--help")]
    public void A_command_line_that_makes_no_sense_has_exit_code_2_and_says_why(string option, string value, string mention)
    {
        using var models = new EnvironmentVariable("EDGEFACE_MODELS", Path.Combine(Path.GetTempPath(), "edgeface-none"));
        ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), option, value).Fails(2, mention);
    }

    [Fact]
    public void Both_a_rate_and_a_threshold_are_too_much_and_one_photo_too_little()
    {
        ToolRun.Of("compare", Photo("adam-1.jpg"), Photo("adam-2.jpg"), "--fmr", "1e-4", "--threshold", "0.3").Fails(2, "--fmr", "--threshold");
        ToolRun.Of("compare", Photo("adam-1.jpg")).Fails(2, "edgeface compare --help");
        ToolRun.Of("nonsense").Fails(2);
        ToolRun.Of().Fails(2);
    }

    [Fact]
    public void Pictures_that_cannot_be_used_have_exit_code_3_and_say_why()
    {
        using var folder = new TempFolder();
        var good = Photo("adam-1.jpg");
        var jpeg = File.ReadAllBytes(good);
        File.WriteAllBytes(folder["cut.jpg"], jpeg[..(jpeg.Length / 2)]);
        File.WriteAllBytes(folder["empty.jpg"], []);
        File.WriteAllText(folder["text.jpg"], "this is no picture");
        foreach (var (file, mention) in ((string, string)[])[("cut.jpg", "cut off"), ("empty.jpg", "empty"), ("text.jpg", "not a JPEG"),
            ("missing.jpg", "no such file"), ("", "a directory")])
        {
            ToolRun.Of("compare", folder[file], good).Fails(3, folder[file], mention);
            ToolRun.Of("compare", good, folder[file]).Fails(3, folder[file], mention);
        }
        ToolRun.Of("compare", good, good, "--draw", Path.Combine(folder["cut.jpg"], "x.png")).Fails(3, "x.png: cannot be written");
        ToolRun.Of("compare", good, good, "--model", good).Fails(3, good, "expected");
    }

    [Fact]
    public void Kernels_that_there_are_not_have_exit_code_2()
    {
        var (code, output, error) = ChildProcess.Run("EdgeFace.App", ["info"], ("EDGEFACE_KERNELS", "avx9"));
        new ToolRun(code, System.Text.Encoding.UTF8.GetBytes(output), error).Fails(2, "avx9", "vector256");
    }

    [Fact]
    public void Help_explains_every_command_and_exits_with_0()
    {
        foreach (var args in (string[][])[["--help"], ["compare", "--help"], ["embed", "--help"], ["detect", "--help"], ["align", "--help"],
            ["models", "--help"], ["models", "pull", "--help"], ["info", "--help"], ["bench", "--help"]])
            Assert.Contains("Usage:", ToolRun.Of(args).Succeeds().Output);
        Assert.Matches(@"^\d+\.\d+\.\d+", ToolRun.Of("--version").Succeeds().Output);
    }
}
