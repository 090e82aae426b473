using System.Text.Json;
using EdgeFace.App;
using EdgeFace.App.Commands;
using EdgeFace.Evaluation.Data;
using EdgeFace.Models;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

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
        Assert.Equal(("edgeface.eval.v1", "pairs", 24, 12), (json.GetProperty("schema").GetString(), json.GetProperty("protocol").GetString(),
            json.GetProperty("pairs").GetInt32(), json.GetProperty("people").GetInt32()));
        var model = Assert.Single(json.GetProperty("models").EnumerateArray());
        // The smallest threshold that is best on twelve pairs may miss one of the other twelve.
        Assert.InRange(model.GetProperty("accuracy").GetDouble(), 0.9, 1);
        Assert.Equal(1, model.GetProperty("auc").GetProperty("value").GetDouble());
        Assert.Equal(0, model.GetProperty("eer").GetProperty("value").GetDouble());
        Assert.Equal(2, model.GetProperty("folds").GetArrayLength());
        Assert.All(model.GetProperty("atFmr").EnumerateArray(),
            f => Assert.Equal(JsonValueKind.Null, f.GetProperty("fnmr").GetProperty("value").ValueKind));
        Assert.All(model.GetProperty("atFmr").EnumerateArray(),
            f => Assert.Contains("30", f.GetProperty("fnmr").GetProperty("unsupported").GetString()));
    }

    [Fact]
    public void Pairs_of_a_single_fold_give_everything_but_the_accuracy_over_folds()
    {
        var list = File.ReadAllLines(_folder["pairs.csv"]);
        File.WriteAllLines(_folder["one.csv"], [list[0], .. list.Skip(1).Select(l => "1" + l[1..])]);
        var json = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["one.csv"], "--json").Succeeds().Json;
        var model = Assert.Single(json.GetProperty("models").EnumerateArray());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null),
            (model.GetProperty("accuracy").ValueKind, model.GetProperty("referenceTar").ValueKind));
        Assert.Contains("one fold", model.GetProperty("accuracyUnsupported").GetString());
        Assert.Equal((1, 0, 0), (model.GetProperty("auc").GetProperty("value").GetDouble(),
            model.GetProperty("eer").GetProperty("value").GetDouble(), model.GetProperty("folds").GetArrayLength()));
        var text = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["one.csv"], "--report", _folder["one.html"]).Succeeds().Output;
        foreach (var shown in (string[])[text, File.ReadAllText(_folder["one.html"])]) Assert.Contains("one fold", shown);
    }

    [Fact]
    public void Two_models_stand_side_by_side_and_the_report_is_one_page_that_loads_nothing()
    {
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _folder["formula.efw"]);
        var run = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["pairs.csv"],
            "--model", "edgeface-xs-distilled", "--model", _folder["formula.efw"], "--report", _folder["report.html"]).Succeeds();
        Assert.Contains("edgeface-xs-distilled", run.Output);
        Assert.Contains("1.00000", run.Output);
        var page = File.ReadAllText(_folder["report.html"]);
        foreach (var part in (string[])["DET", "ROC", "scores: formula", "Folds", "Different people with the highest scores",
            "data:image/png;base64,", "adam/1.jpg", "--model edgeface-xs-distilled", "similarity5-v2"])
            Assert.Contains(part, page);
        foreach (var shown in (string[])[page, run.Output]) Assert.DoesNotContain("published", shown);
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
        var json = ToolRun.Of("eval", "identities", data, "--aligned", "--labels", _folder["labels.csv"], "--json").Succeeds().Json
            .GetProperty("models")[0];
        var groups = Assert.Single(json.GetProperty("groups").EnumerateArray());
        Assert.Equal(["even", "odd"], groups.GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("group").GetString()).Order());
        Assert.True(groups.GetProperty("groups")[0].GetProperty("fmr").GetProperty("total").GetInt64() > 1000);
    }

    [Fact]
    public void Discarding_by_quality_and_galleries_are_told_in_text_json_and_report()
    {
        var data = Subset(200);
        string[] images = [.. Directory.GetFiles(data, "*.jpg", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(data, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        File.WriteAllLines(_folder["quality.csv"], ["image,one,two", .. images.Select((f, i) => $"{f},{i % 10},{(i == 0 ? "" : "5")}")]);
        string[] eval = ["eval", "identities", data, "--aligned", "--quality", _folder["quality.csv"],
            "--gallery-size", "50", "--gallery-size", "2000"];
        var json = ToolRun.Of([.. eval, "--json", "--report", _folder["report.html"]]).Succeeds().Json.GetProperty("models")[0];
        var curves = json.GetProperty("errorVersusDiscard").EnumerateArray().ToArray();
        Assert.Equal(["gate score", "one", "two"], curves.Select(c => c.GetProperty("quality").GetString()));
        Assert.True(curves[0].GetProperty("points").GetArrayLength() > 3);
        Assert.All(curves[0].GetProperty("points").EnumerateArray(), p => Assert.InRange(p.GetProperty("quality").GetDouble(), 0, 1));
        var points = curves[1].GetProperty("points").EnumerateArray().ToArray();
        Assert.Equal(0, points[0].GetProperty("discarded").GetDouble());
        Assert.Equal(json.GetProperty("genuinePairs").GetInt64(), points[0].GetProperty("fnmr").GetProperty("total").GetInt64());
        Assert.InRange(points[^1].GetProperty("discarded").GetDouble(), 0.3, 0.5);
        // All images of one quality: nothing can be discarded. The first image has none.
        Assert.Single(curves[2].GetProperty("points").EnumerateArray());
        Assert.Equal(0, curves[1].GetProperty("withoutQuality").GetInt64());
        Assert.Equal(images.Count(f => Path.GetDirectoryName(f) == Path.GetDirectoryName(images[0])) - 1,
            curves[2].GetProperty("withoutQuality").GetInt64());
        var fpir = json.GetProperty("expectedFpir").EnumerateArray()
            .Select(e => (e.GetProperty("fmr").GetDouble(), e.GetProperty("people").GetInt64(), e.GetProperty("fpir").GetDouble())).ToArray();
        Assert.Contains((1e-2, 50L, SearchRates.Fpir(1e-2, 50)), fpir);
        Assert.Contains((1e-2, 2000L, SearchRates.Fpir(1e-2, 2000)), fpir);
        var page = File.ReadAllText(_folder["report.html"]);
        foreach (var part in (string[])["error versus discard", "Error versus discard by one", "FPIR to expect", "2,000 people"])
            Assert.Contains(part, page);
        var text = ToolRun.Of(eval).Succeeds().Output;
        foreach (var part in (string[])["lowest one are discarded", "mean over the first fifth", "FPIR to expect", "2,000 people", "39.50 %"])
            Assert.Contains(part, text);
    }

    [Fact]
    public void Faces_that_are_detected_bring_their_score_as_quality()
    {
        var json = ToolRun.Of("eval", "identities", Data, "--json").Succeeds().Json.GetProperty("models")[0];
        // 264 impostor pairs support no rate whose threshold could be kept, so there is no curve; scores are there all the same.
        Assert.Equal(0, json.GetProperty("errorVersusDiscard").GetArrayLength());
        Assert.Equal(0, json.GetProperty("expectedFpir").GetArrayLength());
        using var pipeline = FacePipeline.Open(new() { MinFaceSize = 24 });
        using var error = new StringWriter();
        using var terminal = new Terminal(new MemoryStream(), error);
        using var set = IdentityFolder.Read(Data);
        var images = DataSetEmbedding.Compute(terminal, "", set, pipeline, raw: false);
        Assert.All(Enumerable.Range(0, images.Count), i => Assert.InRange(images.FaceScore(i)!.Value, 0.5f, 1));
    }

    [Fact]
    public void Qualities_that_do_not_fit_are_refused()
    {
        string Quality(string text)
        {
            File.WriteAllText(_folder["q.csv"], text);
            return _folder["q.csv"];
        }

        string[] eval = ["eval", "identities", Data, "--quality"];
        ToolRun.Of([.. eval, Quality("person,q\nadam,1\n")]).Fails(3, "q.csv", "image as the first column");
        ToolRun.Of([.. eval, Quality("image,q\nadam/1.jpg,sharp\n")]).Fails(3, "adam/1.jpg", "'sharp'", "a finite number as q");
        ToolRun.Of([.. eval, Quality("image,q\nadam/1.jpg,NaN\n")]).Fails(3, "'NaN'");
        ToolRun.Of([.. eval, Quality("image,q\nnobody/1.jpg,1\n")]).Fails(3, "none of them");
        ToolRun.Of([.. eval, _folder["nowhere.csv"]]).Fails(3, "nowhere.csv");
        Assert.Contains("listed before with other groups", ToolRun.Of([.. eval, Quality("image,q\nadam/1.jpg,1\nadam/1.jpg,2\n")]).Error);
        ToolRun.Of("eval", "identities", Data, "--gallery-size", "0").Fails(2, "--gallery-size");
    }

    [Fact]
    public void Templates_are_aligned_by_the_landmarks_that_are_listed()
    {
        Directory.CreateDirectory(_folder["ijb/meta"]);
        Directory.CreateDirectory(_folder["ijb/loose_crop"]);
        var photos = People.SelectMany(p => (string[])[$"{p}-1.jpg", $"{p}-2.jpg"]).ToArray();
        for (var i = 0; i < photos.Length; i++) File.Copy(TestData.Sample(photos[i]), _folder[$"ijb/loose_crop/{i}.jpg"]);
        var faces = ToolRun.Of(["detect", .. photos.Select(TestData.Sample), "--json"]).Succeeds().Json.GetProperty("images").EnumerateArray()
            .Select(f => f.GetProperty("faces")[0].GetProperty("landmarks"));
        string[] points = ["leftEye", "rightEye", "nose", "leftMouth", "rightMouth"];
        string[] landmarks = [.. faces.Select(f => string.Join(' ',
            points.SelectMany(p => f.GetProperty(p).EnumerateArray().Select(v => v.GetRawText()))))];
        File.WriteAllLines(_folder["ijb/meta/ijbc_face_tid_mid.txt"], photos.Select((_, i) => $"{i}.jpg {i} {i}"));
        File.WriteAllLines(_folder["ijb/meta/ijbc_template_pair_label.txt"], Enumerable.Range(0, photos.Length)
            .SelectMany(a => Enumerable.Range(a + 1, photos.Length - a - 1).Select(b => $"{a} {b} {(a / 2 == b / 2 ? 1 : 0)}")));
        void List(Func<int, string> of)
            => File.WriteAllLines(_folder["ijb/meta/ijbc_name_5pts_score.txt"], photos.Select((_, i) => $"{i}.jpg {of(i)} 0.9"));
        (double Auc, int Failures, string Aligner) Run(params string[] options)
        {
            var model = ToolRun.Of(["eval", "templates", _folder["ijb"], "--json", .. options]) is { ExitCode: 0 } run
                ? run.Json.GetProperty("models")[0] : default;
            return (model.GetProperty("auc").GetProperty("value").GetDouble(), model.GetProperty("failures").GetInt32(),
                model.GetProperty("contract").GetProperty("aligner").GetString()!);
        }

        List(i => landmarks[i]);
        Assert.Equal((1, 0, "similarity5-v2+landmarks-listed"), Run());
        // Corners of the pictures show no faces: what is listed decides, and the detector only where it is asked.
        List(_ => "4 4 12 4 8 8 5 12 11 12");
        Assert.InRange(Run().Auc, 0, 0.95);
        var detected = Run("--detect");
        Assert.Equal((1, 0), (detected.Auc, detected.Failures));
        Assert.NotEqual("similarity5-v2+landmarks-listed", detected.Aligner);
        // One point five times is no face; a picture without landmarks is none either.
        List(i => i == 0 ? "4 4 4 4 4 4 4 4 4 4" : i == 1 ? "" : landmarks[i]);
        Assert.Equal((1, 2), (Run().Auc, Run().Failures));
        ToolRun.Of("eval", "templates", _folder["ijb"], "--detect", "--aligned").Fails(2, "--detect");
    }

    [Fact]
    public void Both_kinds_of_embeddings_from_one_pass_are_those_of_two_embedders()
    {
        using FacePipeline one = FacePipeline.Open(), sum = FacePipeline.Open(new() { Input = AnalyzerInput.Crops, MirrorSum = true });
        var crop = one.Crop(ImageCodec.Load(TestData.Sample("adam-1.jpg")), default, "adam").Crop;
        var both = new float[2 * EdgeFaceConfig.EmbeddingSize];
        DataSetEmbedding.EmbedBoth(one.Embedder, crop.Span, both);
        Assert.Equal(one.Embedder.Embed(crop.Span).Vector, both.AsSpan(0, EdgeFaceConfig.EmbeddingSize));
        Assert.Equal(sum.Embedder.Embed(crop.Span).Vector, both.AsSpan(EdgeFaceConfig.EmbeddingSize));
        Assert.NotEqual(one.Embedder.Embed(crop.Span).Vector.ToArray(), both[EdgeFaceConfig.EmbeddingSize..]);
    }

    [Fact]
    public void The_rule_of_the_reference_stands_beside_ours()
    {
        var run = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["pairs.csv"]).Succeeds();
        Assert.Matches("the same by the reference's rule +100.00 \\+- 0.00 % \\(unsupported\\)", run.Output);
        Assert.Matches("TAR at FAR 1e-3 +unsupported", run.Output);
        var tar = ToolRun.Of("eval", "pairs", Data, "--pairs", _folder["pairs.csv"], "--json").Succeeds().Json
            .GetProperty("models")[0].GetProperty("referenceTar");
        Assert.Equal((1e-3, 1.0), (tar.GetProperty("far").GetDouble(), tar.GetProperty("mean").GetDouble()));
        Assert.Contains("rule of 30", tar.GetProperty("unsupported").GetString());
    }

    [Fact]
    public void A_calibration_decides_and_is_refused_for_another_model_or_a_rate_it_does_not_support()
    {
        var data = Subset(200);
        var file = _folder["calibration.json"];
        var made = ToolRun.Of("calibrate", data, "--aligned", "-o", file, "--gallery-size", "2000").Succeeds().Output;
        foreach (var part in (string[])["measured on", "of 200 people", "children", "FMR 1e-6 is not supported", "FPIR to expect", "2,000 people"])
            Assert.Contains(part, made);
        var images = Directory.GetFiles(data, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        string[] compare = ["compare", images[0], images[0], "--aligned", "--calibration", file];
        var decided = ToolRun.Of([.. compare, "--fmr", "1e-2", "--json"]).Succeeds().Json;
        Assert.Contains("of 200 people", decided.GetProperty("measuredOn").GetString(), StringComparison.Ordinal);
        // About the card's threshold, which was found on twenty times as many people.
        Assert.InRange(decided.GetProperty("threshold").GetDouble(), 0.15, 0.25);
        ToolRun.Of([.. compare, "--fmr", "1e-6"]).Fails(3, "support no threshold");
        FormulaWeights.Write(EdgeFaceVariants.Xxs, _folder["formula.efw"]);
        ToolRun.Of([.. compare, "--fmr", "1e-2", "--model", _folder["formula.efw"]]).Fails(3, "edgeface-xs-distilled", "formula");
        ToolRun.Of([.. compare, "--fmr", "1e-2", "--threshold", "0.3"]).Fails(2);
        ToolRun.Of("compare", images[0], images[0], "--aligned", "--calibration", _folder["missing.json"]).Fails(3, "missing.json");
        ToolRun.Of("compare", images[0], images[0], "--aligned", "--calibration", _folder["pairs.csv"]).Fails(3, "pairs.csv");
    }

    [Fact]
    public void A_gate_is_fitted_for_a_recogniser_that_has_none()
    {
        string plain = _folder["plain.efw"], gated = _folder["gated.efw"], cal = _folder["cal.json"], data = Subset(160);
        using (var file = DefaultModels.OpenRecogniser())
            file.WithCard(file.Card with { Gate = null }).Save(plain, WeightPrecision.Int8);
        Assert.Contains("--gate-into", ToolRun.Of("models", "show", plain).Succeeds().Output, StringComparison.Ordinal);
        string[] args = ["calibrate", data, "--aligned", "-o", cal, "--model", plain];
        var gate = ToolRun.Of([.. args, "--gate-into", gated, "--json"]).Succeeds().Json.GetProperty("gate");
        Assert.Equal((gated, 120, 40),
            (gate.GetProperty("file").GetString(), gate.GetProperty("people").GetInt32(), gate.GetProperty("heldPeople").GetInt32()));
        double Refused(string change) => gate.GetProperty("changes").EnumerateArray().Single(c => c.GetProperty("change").GetString() == change)
            .GetProperty("refused").GetDouble();
        Assert.InRange(Refused("as it is"), 0, 0.1);
        foreach (var change in (string[])["blurred, sigma an 8th of the face", "upside down", "turned by 90 degrees", "6 pixels"])
            Assert.InRange(Refused(change), 0.9, 1);
        using ModelFile before = ModelFile.Open(plain), after = ModelFile.Open(gated);
        Assert.Equal((before.WeightsSha256, before.Storage), (after.WeightsSha256, after.Storage));
        Assert.Equal(before.Card.ToJson(), (after.Card with { Gate = null }).ToJson());
        Assert.Null(after.Card.Gate!.Fault());
        Assert.Equal(gate.GetProperty("limit").GetDouble(), after.Card.Gate.Limit);
        // It judges: what no model recognises gets no answer.
        var crop = Directory.GetFiles(data, "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        ImageCodec.SavePng(Spoilt.Turned(ImageCodec.Load(crop), 2), _folder["upside.png"]);
        ToolRun.Of("compare", crop, _folder["upside.png"], "--aligned", "--model", gated, "--threshold", "0.4").Succeeds(4);
        Assert.Contains("calibrate --gate-into", ToolRun.Of("models", "show", gated).Succeeds().Output, StringComparison.Ordinal);
        // A recogniser is not written over, and no two outputs are one.
        var kept = File.ReadAllBytes(plain);
        ToolRun.Of([.. args, "--gate-into", plain]).Fails(2, "--gate-into");
        ToolRun.Of([.. args, "--gate-into", _folder["gated.onnx"]]).Fails(2, ".efw");
        Assert.Equal(kept, File.ReadAllBytes(plain));
    }

    [Fact]
    public void A_gate_takes_many_people()
    {
        // So few that nothing of them is read.
        foreach (var person in Enumerable.Range(0, 149)) File.WriteAllText(Directory.CreateDirectory(_folder[$"few/{person}"]) + "/1.jpg", "");
        ToolRun.Of("calibrate", _folder["few"], "--aligned", "-o", _folder["few.json"], "--gate-into", _folder["few.efw"])
            .Fails(3, "--gate-into", "150 people or more", "these are 149");
        Assert.False(File.Exists(_folder["few.json"]) || File.Exists(_folder["few.efw"]));
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
