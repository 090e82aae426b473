using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

/// <summary>What cannot be recognised gets no answer: not enrolled, compared, named or grouped, unless that is asked for.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class GateCommandTests : IDisposable
{
    static readonly string Adam = TestData.Sample("adam-1.jpg");

    readonly TempFolder _folder = new();

    public GateCommandTests()
    {
        ImageCodec.SavePng(SampleCrop.Of(Adam), Crop);
        ImageCodec.SavePng(Spoilt.Turned(SampleCrop.Of(Adam), 2), Upside);
        ImageCodec.SavePng(Spoilt.Turned(SampleCrop.Of(TestData.Sample("bella-1.jpg")), 2), Other);
    }

    string Crop => _folder["crop.png"];

    string Upside => _folder["upside.png"];

    string Other => _folder["other.png"];

    string Gallery => _folder["people.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Compare_cannot_tell()
    {
        foreach (string[] pair in (string[][])[[Crop, Upside], [Upside, Crop]])
        {
            var run = ToolRun.Of(["compare", .. pair, "--aligned"]).Succeeds(4);
            Assert.StartsWith($"cannot tell: {Upside}: upside down\n", run.Output, StringComparison.Ordinal);
        }
        var json = ToolRun.Of("compare", Crop, Upside, "--aligned", "--json").Succeeds(4).Json;
        Assert.Equal(("edgeface.compare.v2", "cannot-tell"), (json.GetProperty("schema").GetString(), json.GetProperty("decision").GetString()));
        Assert.True(json.GetProperty("a").GetProperty("gate").GetProperty("recognisable").GetBoolean());
        var gate = json.GetProperty("b").GetProperty("gate");
        Assert.Equal(["score", "recognisable", "reasons"], gate.EnumerateObject().Select(p => p.Name));
        Assert.False(gate.GetProperty("recognisable").GetBoolean());
        Assert.Equal("upside down", Assert.Single(gate.GetProperty("reasons").EnumerateArray()).GetString());
        // Two people upside down look alike.
        json = ToolRun.Of("compare", Other, Upside, "--aligned", "--json", "--gate", "off").Succeeds(0).Json;
        Assert.Equal("same", json.GetProperty("decision").GetString());
        var warned = ToolRun.Of("compare", Other, Upside, "--aligned", "--gate", "warn");
        Assert.Equal(0, warned.ExitCode);
        Assert.Contains($"edgeface: {Upside}: the face cannot be recognised: upside down", warned.Error, StringComparison.Ordinal);
        Assert.Contains($"edgeface: {Other}: the face cannot be recognised: upside down", warned.Error, StringComparison.Ordinal);
        ToolRun.Of("compare", Other, Upside, "--aligned", "--gate", "maybe").Fails(2, "maybe");
    }

    [Fact]
    public void Enrolment_leaves_out_what_cannot_be_recognised()
    {
        string[] args = ["enroll", Crop, Upside, "--name", "Adam", "--gallery", Gallery, "--aligned"];
        var run = ToolRun.Of([.. args, "--json"]);
        Assert.Equal((4, 1), (run.ExitCode, run.Json.GetProperty("enrolled").GetInt32()));
        var left = Assert.Single(run.Json.GetProperty("unanswered").EnumerateArray());
        Assert.Equal(Upside, left.GetProperty("file").GetString());
        Assert.Contains("upside down", left.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(run.Json.GetProperty("errors").EnumerateArray());
        run = ToolRun.Of([.. args, "--json", "--gate", "warn"]);
        Assert.Equal((0, 1), (run.ExitCode, run.Json.GetProperty("enrolled").GetInt32()));
        Assert.Contains(run.Json.GetProperty("warnings").EnumerateArray(), w => w.GetProperty("kind").GetString() == "unrecognisable");
        run = ToolRun.Of("enroll", Other, "--name", "Bella", "--gallery", Gallery, "--aligned", "--json", "--gate", "off");
        Assert.Equal((0, 1), (run.ExitCode, run.Json.GetProperty("enrolled").GetInt32()));
        Assert.DoesNotContain(run.Json.GetProperty("warnings").EnumerateArray(), w => w.GetProperty("kind").GetString() == "unrecognisable");
    }

    [Fact]
    public void Identify_never_names_it()
    {
        ToolRun.Of("enroll", Upside, "--name", "Adam", "--gallery", Gallery, "--aligned", "--gate", "off").Succeeds();
        string[] args = ["identify", Other, "--gallery", Gallery, "--aligned"];
        var face = Assert.Single(ToolRun.Of([.. args, "--json"]).Succeeds(4).Json.GetProperty("faces").EnumerateArray());
        Assert.Equal("unrecognisable", face.GetProperty("decision").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, face.GetProperty("person").ValueKind);
        Assert.Empty(face.GetProperty("candidates").EnumerateArray());
        Assert.False(face.GetProperty("gate").GetProperty("recognisable").GetBoolean());
        var text = ToolRun.Of(args).Succeeds(4).Output;
        Assert.Contains("unrecognisable", text, StringComparison.Ordinal);
        Assert.Contains("upside down", text, StringComparison.Ordinal);
        face = Assert.Single(ToolRun.Of([.. args, "--json", "--gate", "off"]).Succeeds().Json.GetProperty("faces").EnumerateArray());
        Assert.Equal("Adam", face.GetProperty("person").GetProperty("name").GetString());
    }

    [Fact]
    public void Cluster_leaves_it_alone()
    {
        string[] args = ["cluster", Crop, Upside, Other, "--aligned"];
        var json = ToolRun.Of([.. args, "--json"]).Succeeds().Json;
        Assert.Equal("edgeface.cluster.v2", json.GetProperty("schema").GetString());
        Assert.Equal((1, 1), (json.GetProperty("faces").GetInt32(), json.GetProperty("groups").GetArrayLength()));
        Assert.Equal([Upside, Other], json.GetProperty("unrecognisable").EnumerateArray().Select(f => f.GetProperty("file").GetString()!));
        Assert.Contains($"{Upside}: face 0: upside down", ToolRun.Of(args).Succeeds().Output, StringComparison.Ordinal);
        ToolRun.Of("cluster", Upside, "--aligned", "--json").Succeeds(4);
        json = ToolRun.Of([.. args, "--json", "--gate", "off"]).Succeeds().Json;
        Assert.Equal((3, 2), (json.GetProperty("faces").GetInt32(), json.GetProperty("groups").GetArrayLength()));
    }

    [Fact]
    public void A_model_without_a_gate_judges_nothing_and_says_so_where_asked()
    {
        var model = _folder["plain.efw"];
        using (var file = DefaultModels.OpenRecogniser()) file.WithCard(file.Card with { Gate = null }).Save(model);
        string[] args = ["compare", Crop, Upside, "--aligned", "--model", model];
        var json = ToolRun.Of([.. args, "--json"]).Succeeds(1).Json;
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("b").GetProperty("gate").GetProperty("score").ValueKind);
        ToolRun.Of([.. args, "--gate", "off"]).Succeeds(1);
        ToolRun.Of([.. args, "--gate", "refuse"]).Fails(2, "--gate", "edgeface-xs-distilled");
    }
}
