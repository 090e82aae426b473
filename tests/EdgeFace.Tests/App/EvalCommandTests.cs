using System.Text.Json;
using EdgeFace.Models;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>eval and calibrate on a small data set of the sample people, and on a part of LFW where it is there.</summary>
public sealed class EvalCommandTests : IDisposable
{
    static readonly string[] People = ["adam", "bella", "chidi", "dalia", "eiji", "fumiko", "gopal", "hema", "igor", "julia", "karl", "lesedi"];

    readonly TempFolder _folder = new();

    public EvalCommandTests()
    {
        var list = new List<string> { "fold,same,a,b" };
        for (var i = 0; i < People.Length; i++)
        {
            Directory.CreateDirectory(_folder[$"people/{People[i]}"]);
            foreach (var photo in (int[])[1, 2]) File.Copy(TestData.Sample($"{People[i]}-{photo}.jpg"), _folder[$"people/{People[i]}/{photo}.jpg"]);
            var next = People[i / 6 * 6 + (i + 1) % 6];
            list.Add($"{1 + i / 6},1,{People[i]}/1.jpg,{People[i]}/2.jpg");
            list.Add($"{1 + i / 6},0,{People[i]}/1.jpg,{next}/2.jpg");
        }
        File.WriteAllLines(_folder["pairs.csv"], list);
    }

    public void Dispose() => _folder.Dispose();

    string Data => _folder["people"];

    [Fact]
    public void Pairs_of_the_samples_are_told_rightly_and_rates_that_24_pairs_cannot_support_are_not_given()
    {
        var json = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["pairs.csv"], "--json").Succeeds().Json;
        Assert.Equal(("edgeface.eval.v1", "pairs", 24, 12), (json.GetProperty("schema").GetString(), json.GetProperty("protocol").GetString(), json.GetProperty("pairs").GetInt32(), json.GetProperty("people").GetInt32()));
        var model = Assert.Single(json.GetProperty("models").EnumerateArray());
        // The smallest threshold that is best on twelve pairs may miss one of the other twelve.
        Assert.InRange(model.GetProperty("accuracy").GetDouble(), 0.9, 1);
        Assert.Equal(1, model.GetProperty("auc").GetProperty("value").GetDouble());
        Assert.Equal(0, model.GetProperty("eer").GetProperty("value").GetDouble());
        Assert.Equal(2, model.GetProperty("folds").GetArrayLength());
        Assert.All(model.GetProperty("atFmr").EnumerateArray(), f => Assert.Equal(JsonValueKind.Null, f.GetProperty("fnmr").GetProperty("value").ValueKind));
        Assert.All(model.GetProperty("atFmr").EnumerateArray(), f => Assert.Contains("30", f.GetProperty("fnmr").GetProperty("unsupported").GetString()));
    }

    [Fact]
    public void Two_models_stand_side_by_side_and_the_report_is_one_page_that_loads_nothing()
    {
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _folder["formula.efw"]);
        var run = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["pairs.csv"], "--model", "edgeface-xs-distilled", "--model", _folder["formula.efw"], "--report", _folder["report.html"]).Succeeds();
        Assert.Contains("edgeface-xs-distilled", run.Output);
        Assert.Contains("1.00000", run.Output);
        var page = File.ReadAllText(_folder["report.html"]);
        foreach (var part in (string[])["DET", "ROC", "scores: formula", "Folds", "Different people with the highest scores", "data:image/png;base64,", "adam/1.jpg", "99.73 %", "--model edgeface-xs-distilled", "similarity5-v1"])
            Assert.Contains(part, page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", page);
    }

    [Fact]
    public void Images_without_a_face_count_as_misses_and_missing_files_are_reported()
    {
        File.WriteAllText(_folder["people/adam/2.jpg"], "no picture");
        File.Delete(_folder["people/bella/1.jpg"]);
        var run = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["pairs.csv"], "--json");
        Assert.Equal(0, run.ExitCode);
        var model = run.Json.GetProperty("models")[0];
        Assert.Equal(1, model.GetProperty("failures").GetInt32());
        // adam's genuine pair cannot be compared; bella's two pairs are left out.
        Assert.Equal(22, run.Json.GetProperty("pairs").GetInt32());
        Assert.Equal(10, model.GetProperty("genuinePairs").GetInt32());
        Assert.True(model.GetProperty("accuracy").GetDouble() < 1);
        Assert.Contains(run.Json.GetProperty("problems").EnumerateArray(), p => p.GetString()!.Contains("bella/1.jpg", StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_pictures_of_different_people_are_pointed_out()
    {
        File.Copy(_folder["people/adam/1.jpg"], _folder["people/bella/2.jpg"], overwrite: true);
        var run = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["pairs.csv"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("likely a wrong label", run.Error);
    }

    [Fact]
    public void Rates_are_given_by_group()
    {
        var data = Subset(200);
        var people = Directory.GetDirectories(data).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray();
        File.WriteAllLines(_folder["labels.csv"], ["identity,half", .. people.Select((p, i) => $"{p},{(i % 2 == 0 ? "even" : "odd")}")]);
        var json = ToolRun.Of("eval", "identities", data, "--aligned", "--labels", _folder["labels.csv"], "--json").Succeeds().Json.GetProperty("models")[0];
        var groups = Assert.Single(json.GetProperty("groups").EnumerateArray());
        Assert.Equal(["even", "odd"], groups.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("group").GetString()).Order());
        Assert.True(groups.GetProperty("groups")[0].GetProperty("fmr").GetProperty("total").GetInt64() > 1000);
    }

    [Fact]
    public void A_calibration_decides_and_is_refused_for_another_model_or_a_rate_it_does_not_support()
    {
        var data = Subset(200);
        var file = _folder["calibration.json"];
        Assert.Contains("FMR 1e-6 is not supported", ToolRun.Of("calibrate", data, "--aligned", "-o", file).Succeeds().Output);
        var images = Directory.GetFiles(data, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        string[] compare = ["compare", images[0], images[0], "--aligned", "--calibration", file];
        var decided = ToolRun.Of([.. compare, "--fmr", "1e-2", "--json"]).Succeeds().Json;
        // About the card's threshold, which was found on twenty times as many people.
        Assert.InRange(decided.GetProperty("threshold").GetDouble(), 0.2, 0.3);
        ToolRun.Of([.. compare, "--fmr", "1e-6"]).Fails(3, "support no threshold");
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _folder["formula.efw"]);
        ToolRun.Of([.. compare, "--fmr", "1e-2", "--model", _folder["formula.efw"]]).Fails(3, "edgeface-xs-distilled", "formula");
        ToolRun.Of([.. compare, "--fmr", "1e-2", "--threshold", "0.3"]).Fails(2);
        ToolRun.Of("compare", images[0], images[0], "--aligned", "--calibration", _folder["missing.json"]).Fails(3, "missing.json");
        ToolRun.Of("compare", images[0], images[0], "--aligned", "--calibration", _folder["pairs.csv"]).Fails(3, "pairs.csv");
    }

    [Fact]
    public void Data_that_are_not_there_or_of_another_kind_are_named()
    {
        ToolRun.Of("eval", "pairs", _folder["nowhere"]).Fails(3, "nowhere");
        ToolRun.Of("eval", "pairs", Data).Fails(2, "--pairs");
        ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["nowhere.csv"]).Fails(3, "nowhere.csv");
        ToolRun.Of("eval", "pairs", _folder["pairs.csv"]).Fails(3, "pairs.csv");
        ToolRun.Of("eval", "identities", _folder["nowhere"]).Fails(3, "nowhere");
        ToolRun.Of("eval", "templates", Data).Fails(3, "people");
        ToolRun.Of("eval", "identities", Data, "--aligned").Fails(3, "no image gave an embedding");
        ToolRun.Of("calibrate", Data).Fails(2, "--output");
    }

    /// <summary>The first people of LFW's crops with all their images.</summary>
    string Subset(int people)
    {
        var lfw = TestData.Shared("lfw");
        foreach (var person in Directory.GetDirectories(lfw).Order(StringComparer.Ordinal).Take(people))
        {
            Directory.CreateDirectory(_folder[$"lfw/{Path.GetFileName(person)}"]);
            foreach (var image in Directory.GetFiles(person)) File.Copy(image, _folder[$"lfw/{Path.GetFileName(person)}/{Path.GetFileName(image)}"]);
        }
        return _folder["lfw"];
    }
}
