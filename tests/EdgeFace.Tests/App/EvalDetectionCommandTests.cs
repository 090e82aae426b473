using System.Text.Json;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

/// <summary>eval detection on sample portraits and a blank picture, and on a part of the annotated photographs where they are there.</summary>
public sealed class EvalDetectionCommandTests : IDisposable
{
    static readonly string[] Portraits = ["adam", "bella", "chidi", "dalia"];

    readonly TempFolder _folder = new();

    /// <summary>Three portraits annotated where the face is, one in its corner, and a picture without a face.</summary>
    public EvalDetectionCommandTests()
    {
        var found = ToolRun.Of(["detect", .. Portraits.Select(p => TestData.Sample($"{p}-1.jpg")), "--json"]).Succeeds().Json.GetProperty("images")
            .EnumerateArray().ToArray();
        var lines = new List<string>();
        for (var i = 0; i < Portraits.Length; i++)
        {
            File.Copy(TestData.Sample($"{Portraits[i]}-1.jpg"), _folder[$"web-{i}.jpg"]);
            var face = found[i].GetProperty("faces")[0];
            var (width, height) = (found[i].GetProperty("width").GetInt32(), found[i].GetProperty("height").GetInt32());
            var annotated = i switch { 0 => Points(face), 3 => "\"boxes\": [[0, 0, 30, 30, \"none\"]]", _ => Box(face) };
            var set = i < 3 ? "test" : "train";
            lines.Add($$"""{"file": "web-{{i}}.jpg", "width": {{width}}, "height": {{height}}, "set": "{{set}}", {{annotated}}}""");
        }
        ImageCodec.SavePng(new RgbImage(200, 100, [.. Enumerable.Repeat((byte)128, 200 * 100 * 3)]), _folder["none-0.png"]);
        lines.Add("""{"file": "none-0.png", "set": "test"}""");
        File.WriteAllLines(_folder["faces.jsonl"], lines);
    }

    public void Dispose() => _folder.Dispose();

    string List => _folder["faces.jsonl"];

    static string Box(JsonElement face)
    {
        var box = face.GetProperty("box");
        var sides = ((string[])["left", "top", "right", "bottom"]).Select(s => box.GetProperty(s).GetRawText());
        return $"\"boxes\": [[{string.Join(", ", sides)}, \"bare\"]]";
    }

    static string Points(JsonElement face)
    {
        var l = face.GetProperty("landmarks");
        float[] At(string name) => [.. l.GetProperty(name).EnumerateArray().Select(v => v.GetSingle())];
        float[] left = At("leftMouth"), right = At("rightMouth");
        float[] all = [.. At("leftEye"), .. At("rightEye"), .. At("nose"), (left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
        return FormattableString.Invariant($"\"points\": [[{string.Join(", ", all.Select(v => FormattableString.Invariant($"{v}")))}]]");
    }

    static double Value(JsonElement of, string name) => of.GetProperty(name).GetProperty("value").GetDouble();

    [Fact]
    public void Figures_are_those_of_three_faces_found_one_missed_and_one_found_that_nobody_annotated()
    {
        var json = ToolRun.Of("eval", "detection", List, "--by", "prefix", "--json").Succeeds().Json;
        Assert.Equal(("edgeface.eval-detection.v1", "prefix", 0L), (json.GetProperty("schema").GetString(), json.GetProperty("by").GetString(),
            json.GetProperty("problemCount").GetInt64()));
        var detector = Assert.Single(json.GetProperty("detectors").EnumerateArray());
        Assert.StartsWith(detector.GetProperty("name").GetString()!, detector.GetProperty("version").GetString());
        var all = detector.GetProperty("all");
        Assert.Equal((5, 1, 4L), (all.GetProperty("pictures").GetInt32(), all.GetProperty("picturesWithoutFaces").GetInt32(),
            all.GetProperty("faces").GetInt64()));
        var recommended = Assert.Single(all.GetProperty("atScores").EnumerateArray(), s => s.GetProperty("recommended").GetBoolean());
        Assert.Equal((0.75, 0.75, 0.2), (Value(recommended, "recall"), Value(recommended, "precision"),
            Value(recommended, "falsePositivesPerPicture")));
        Assert.Equal((3, 1, 0), (recommended.GetProperty("truePositives").GetInt32(), recommended.GetProperty("falsePositives").GetInt32(),
            recommended.GetProperty("onPicturesWithoutFaces").GetInt32()));
        Assert.InRange(Value(all, "averagePrecision"), 0.5, 0.75);
        // Annotated by what was found, rounded to hundredths of a pixel.
        Assert.Equal(1, all.GetProperty("landmarkError").GetProperty("faces").GetInt32());
        Assert.InRange(Value(all.GetProperty("landmarkError"), "mean"), 0, 1e-3);
        Assert.Equal(["bare", "none"], all.GetProperty("labels").EnumerateArray().Select(l => l.GetProperty("name").GetString()));
        Assert.Equal(["below 24", "24 to 48", "48 to 96", "96 and above"], all.GetProperty("sizes").EnumerateArray()
            .Select(l => l.GetProperty("name").GetString()));
        Assert.Equal([("none", 1), ("web", 4)], detector.GetProperty("groups").EnumerateArray()
            .Select(g => (g.GetProperty("name").GetString()!, g.GetProperty("pictures").GetInt32())));
        var noted = detector.GetProperty("highestFalse")[0];
        Assert.Equal("web-3.jpg", noted.GetProperty("file").GetString());
        Assert.True(noted.GetProperty("box").GetProperty("left").GetSingle() > 30);
    }

    [Fact]
    public void Text_and_report_say_the_same_and_the_report_loads_nothing()
    {
        var run = ToolRun.Of("eval", "detection", List, "--by", "prefix", "--report", _folder["report.html"]).Succeeds();
        foreach (var part in (string[])["5 pictures, 1 of them without faces; 4 faces, 0 ignored", "average precision",
            "at score 0.6, the recommended", "75.00 %", "by annotated width in pixels", "by label", "by prefix", "on pictures without faces"])
            Assert.Contains(part, run.Output);
        var page = File.ReadAllText(_folder["report.html"]);
        foreach (var part in (string[])["recall over false detections", "precision over recall", "75.00 %", "By annotated width", "By prefix",
            "data:image/png;base64,", "web-3.jpg", "--by prefix"]) Assert.Contains(part, page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", page);
    }

    [Fact]
    public void Sets_scores_and_options_choose_what_is_measured()
    {
        var test = ToolRun.Of("eval", "detection", List, "--set", "test", "--score", "0.9", "--min-face", "48", "--json")
            .Succeeds().Json.GetProperty("detectors")[0].GetProperty("all");
        Assert.Equal((4, 3L), (test.GetProperty("pictures").GetInt32(), test.GetProperty("faces").GetInt64()));
        Assert.Equal(1, Value(test, "averagePrecision"));
        Assert.Equal([0.6, 0.9], test.GetProperty("atScores").EnumerateArray().Select(s => s.GetProperty("score").GetDouble()));
        ToolRun.Of("eval", "detection", List, "--set", "validation").Fails(2, "--set validation", "test, train");
        ToolRun.Of("eval", "detection", List, "--by", "light").Fails(2, "--by light");
        ToolRun.Of("eval", "detection", List, "--min-score", "0").Fails(2, "--min-score");
        ToolRun.Of("eval", "detection", List, "--min-score", "NaN").Fails(2, "--min-score");
        ToolRun.Of("eval", "detection", List, "--min-score", "0.7", "--score", "0.8").Fails(2, "--min-score", "0.6");
        ToolRun.Of("eval", "detection", List, "--score", "0.01").Fails(2, "--score", "0.05");
        ToolRun.Of("eval", "detection", List, "--score", "NaN").Fails(2, "--score");
        ToolRun.Of("eval", "detection", List, "--min-iou", "1.5").Fails(2, "--min-iou");
        ToolRun.Of("eval", "detection", List, "--min-face", "0").Fails(2, "--min-face");
        ToolRun.Of("eval", "detection").Fails(2);
    }

    [Fact]
    public void All_three_formats_give_the_same_figures()
    {
        string[] names = ["web-1.jpg", "web-2.jpg", "none-0.png"];
        File.WriteAllLines(_folder["some.jsonl"], File.ReadAllLines(List).Where(l => names.Any(n => l.Contains(n, StringComparison.Ordinal))));
        var boxes = File.ReadAllLines(_folder["some.jsonl"]).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(l => l.TryGetProperty("boxes", out _))
            .ToDictionary(l => l.GetProperty("file").GetString()!, l => l.GetProperty("boxes")[0].EnumerateArray().Take(4)
                .Select(v => v.GetSingle()).ToArray());
        string Join(char separator, params float[] v) => string.Join(separator, v.Select(x => FormattableString.Invariant($"{x}")));
        File.WriteAllLines(_folder["some.csv"], ["image,left,top,right,bottom",
            .. names.Select(n => boxes.TryGetValue(n, out var b) ? $"{n},{Join(',', b)}" : $"{n},,,,")]);
        File.WriteAllLines(_folder["some.txt"], names.SelectMany(n => boxes.TryGetValue(n, out var b)
            ? (string[])[n, "1", Join(' ', b[0], b[1], b[2] - b[0], b[3] - b[1]) + " 0 0 0 0 0 0"] : [n, "0", "0 0 0 0 0 0 0 0 0 0"]));
        string Figures(string list) => ToolRun.Of("eval", "detection", _folder[list], "--json").Succeeds().Json.GetProperty("detectors")[0]
            .GetProperty("all").GetProperty("atScores").GetRawText();
        Assert.Contains("\"value\": 1", Figures("some.jsonl"));
        Assert.Equal(Figures("some.jsonl"), Figures("some.csv"));
        Assert.Equal(Figures("some.jsonl"), Figures("some.txt"));
    }

    [Fact]
    public void Pictures_that_cannot_be_used_are_told_and_count_nowhere()
    {
        File.WriteAllText(_folder["web-0.jpg"], "no picture");
        File.Copy(TestData.Sample("group.jpg"), _folder["web-1.jpg"], overwrite: true);
        File.Delete(_folder["web-2.jpg"]);
        var run = ToolRun.Of("eval", "detection", List);
        Assert.Equal(0, run.ExitCode);
        foreach (var part in (string[])["web-0.jpg", "web-1.jpg: annotated as", "'web-2.jpg' is not in"]) Assert.Contains(part, run.Error);
        Assert.Contains("2 pictures, 1 of them without faces; 1 faces", run.Output);
        Assert.Contains("2 pictures could not be used", run.Output);
        var json = ToolRun.Of("eval", "detection", List, "--json").Json;
        Assert.Equal(["web-0.jpg", "web-1.jpg"], json.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("file").GetString()));
        Assert.Contains("web-2.jpg", Assert.Single(json.GetProperty("problems").EnumerateArray()).GetString());
        File.WriteAllLines(_folder["broken.jsonl"], ["{\"file\": \"web-0.jpg\"}"]);
        ToolRun.Of("eval", "detection", _folder["broken.jsonl"]).Fails(3, "web-0.jpg");
        ToolRun.Of("eval", "detection", _folder["nowhere.jsonl"]).Fails(3, "nowhere.jsonl");
        ToolRun.Of("eval", "detection", List, "--images", _folder["nowhere"]).Fails(3, "nowhere", "no such folder");
        ToolRun.Of("eval", "detection", _folder["none-0.png"]).Fails(3, "none-0.png");
    }

    [Fact]
    public void Photographs_of_the_shared_test_data_are_measured()
    {
        var faces = TestData.Shared("faces/faces.jsonl");
        string[] Some(string file, int every, int count) => [.. File.ReadLines(file).Where(l => l.Contains("\"test\"", StringComparison.Ordinal))
            .Where((_, i) => i % every == 0).Take(count)];
        File.WriteAllLines(_folder["some.jsonl"], [.. Some(faces, 16, 30), .. Some(TestData.Shared("faces/none.jsonl"), 20, 10)]);
        var json = ToolRun.Of("eval", "detection", _folder["some.jsonl"], "--images", Path.GetDirectoryName(faces)!, "--by", "prefix", "--json")
            .Succeeds().Json;
        Assert.Equal((0, 0L), (json.GetProperty("errors").GetArrayLength(), json.GetProperty("problemCount").GetInt64()));
        var detector = json.GetProperty("detectors")[0];
        Assert.Equal((40, 10), (detector.GetProperty("all").GetProperty("pictures").GetInt32(), detector.GetProperty("all")
            .GetProperty("picturesWithoutFaces").GetInt32()));
        var web = detector.GetProperty("groups").EnumerateArray().Single(g => g.GetProperty("name").GetString() == "web");
        Assert.InRange(Value(web, "averagePrecision"), 0.6, 1);
        Assert.InRange(Value(web.GetProperty("landmarkError"), "mean"), 0.02, 0.25);
    }
}
