using System.Text.Json;
using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

/// <summary>A picture without the face that is meant is a normal outcome: exit code 4, apart from faults, which are 3 and win.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class NoAnswerTests : IDisposable
{
    static readonly string Good = TestData.Sample("adam-1.jpg"), Group = TestData.Sample("group.jpg");

    readonly TempFolder _folder = new();

    public NoAnswerTests() => ImageCodec.SavePng(new RgbImage(50, 40, new byte[6000]), Black);

    string Black => _folder["black.png"];

    string Missing => _folder["missing.jpg"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_comparison_without_an_answer_is_no_fault_but_a_fault_beside_it_is()
    {
        ToolRun.Of("compare", Black, Good).Fails(4, Black, "no face");
        ToolRun.Of("compare", Good, Black).Fails(4, Black, "no face");
        ToolRun.Of("compare", Black, Black).Fails(4, "no face");
        ToolRun.Of("compare", Group, Good).Fails(4, "8 faces");
        ToolRun.Of("compare", Good, Group, "--face", "8").Fails(4, "no face 8");
        foreach (var nothing in (string[])[Black, Group])
        {
            ToolRun.Of("compare", nothing, Missing).Fails(3, Missing);
            ToolRun.Of("compare", Missing, nothing).Fails(3, Missing);
        }
    }

    [Fact]
    public void A_photo_without_a_face_is_identified_as_nobody()
    {
        var gallery = _folder["people.db"];
        ToolRun.Of("identify", Black, "--gallery", gallery).Fails(3, "people.db");
        ToolRun.Of("enroll", TestData.Sample("people.csv"), "--gallery", gallery).Succeeds();
        var json = ToolRun.Of("identify", Black, "--gallery", gallery, "--json", "--draw", _folder["out.png"]).Succeeds(4).Json;
        Assert.Equal(["schema", "file", "width", "height", "threshold", "fmr", "expectedFpir", "galleryPersons", "faces", "contract"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal((0, 50, 40, 12), (json.GetProperty("faces").GetArrayLength(), json.GetProperty("width").GetInt32(),
            json.GetProperty("height").GetInt32(), json.GetProperty("galleryPersons").GetInt32()));
        Assert.Equal(0.0011993, json.GetProperty("expectedFpir").GetDouble(), 1e-6);
        Assert.Equal((50, 40), (ImageCodec.Load(_folder["out.png"]).Width, ImageCodec.Load(_folder["out.png"]).Height));
        Assert.StartsWith($"{Black}: no face, ", ToolRun.Of("identify", Black, "--gallery", gallery).Succeeds(4).Output, StringComparison.Ordinal);
        ToolRun.Of("identify", Missing, "--gallery", gallery).Fails(3, Missing);
    }

    [Theory, InlineData("embed"), InlineData("align"), InlineData("cluster")]
    public void Of_many_pictures_those_without_an_answer_are_listed_apart(string command)
    {
        string[] args = [command, .. command == "embed" ? [] : (string[])["--json"], .. command == "align" ? (string[])["-o", _folder["crops"]]
            : []];
        Check(4, [Black], unanswered: [Black]);
        Check(0, [Good, Black], unanswered: [Black]);
        Check(3, [Good, Black, Missing], unanswered: [Black], Missing);
        Check(3, [Missing, Black], unanswered: [Black], Missing);
        Check(0, [Good], unanswered: []);
        if (command == "embed") Check(4, [Group], unanswered: [Group]);

        void Check(int code, string[] pictures, string[] unanswered, params string[] errors)
        {
            var run = ToolRun.Of([.. args, .. pictures]);
            Assert.Equal(code, run.ExitCode);
            Assert.Equal(unanswered, Files(run.Json, "unanswered"));
            Assert.Equal(errors, Files(run.Json, "errors"));
            Assert.Equal(unanswered.Length + errors.Length, run.Error.Split('\n').Length - 1);
        }
    }

    [Fact]
    public void An_array_without_names_is_not_written_with_gaps()
    {
        string[] args = ["embed", "--format", "npy", "-o", _folder["e.npy"], Good];
        Assert.Equal(4, ToolRun.Of([.. args, Black]).ExitCode);
        Assert.Equal(3, ToolRun.Of([.. args, Black, Missing]).ExitCode);
        Assert.False(File.Exists(_folder["e.npy"]));
    }

    [Fact]
    public void Enrolment_tells_of_pictures_that_are_left_out()
    {
        string[] args = ["enroll", "--gallery", _folder["people.db"], "--name", "Adam", "--json"];
        Check(4, 0, [Black], unanswered: [Black]);
        Check(4, 1, [Good, Black, Group], unanswered: [Black, Group]);
        Check(3, 0, [Missing, Black], unanswered: [Black], Missing);
        Check(0, 0, [Good], unanswered: []);
        Assert.Contains("0 samples enrolled, 0 people added, 0 pictures there already, 0 not usable, 1 without an answer",
            ToolRun.Of([.. args[..^1], Black]).Output, StringComparison.Ordinal);

        void Check(int code, int enrolled, string[] pictures, string[] unanswered, params string[] errors)
        {
            var run = ToolRun.Of([.. args, .. pictures]);
            Assert.Equal((code, enrolled), (run.ExitCode, run.Json.GetProperty("enrolled").GetInt32()));
            Assert.Equal(unanswered, Files(run.Json, "unanswered"));
            Assert.Equal(errors, Files(run.Json, "errors"));
        }
    }

    [Fact]
    public void Detection_answers_that_there_is_none() => ToolRun.Of("detect", Black).Succeeds(1);

    static string[] Files(JsonElement json, string list) => [.. json.GetProperty(list).EnumerateArray().Select(
        e => e.GetProperty("file").GetString()!)];
}
