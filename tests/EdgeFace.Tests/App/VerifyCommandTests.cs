using EdgeFace.Tests.Support;
using EdgeFace.Vision;

namespace EdgeFace.Tests.App;

[Collection(nameof(EnvironmentVariable))]
public sealed class VerifyCommandTests : IDisposable
{
    readonly TempFolder _folder = new();

    string Gallery => _folder["people.db"];

    public VerifyCommandTests()
    {
        foreach (var (name, key) in ((string, string)[])[("Adam", "a"), ("Bella", "b")])
            ToolRun.Of("enroll", Photo($"{name.ToLowerInvariant()}-1.jpg"), "--name", name, "--key", key, "--gallery", Gallery).Succeeds();
    }

    public void Dispose() => _folder.Dispose();

    static string Photo(string name) => TestData.Sample(name);

    ToolRun Verify(string photo, params string[] more) => ToolRun.Of(["verify", photo, "--gallery", Gallery, .. more]);

    [Theory]
    [InlineData("adam-2.jpg", "--name", "Adam", 0)]
    [InlineData("adam-2.jpg", "--id", "1", 0)]
    [InlineData("adam-2.jpg", "--key", "a", 0)]
    [InlineData("adam-2.jpg", "--name", "Bella", 1)]
    [InlineData("bella-2.jpg", "--key", "b", 0)]
    public void The_person_is_told_by_the_exit_code_of_compare(string photo, string how, string who, int code)
    {
        var run = Verify(Photo(photo), how, who).Succeeds(code);
        Assert.StartsWith(code == 0 ? "same person\n" : "different people\n", run.Output, StringComparison.Ordinal);
        foreach (var line in (string[])["  score ", "(FMR 1e-4: ", "  measured ", "  face ", "  person ", "  model "])
            Assert.Contains(line, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_the_documented_fields()
    {
        var json = Verify(Photo("adam-2.jpg"), "--id", "1", "--json").Succeeds().Json;
        Assert.Equal(["schema", "decision", "score", "threshold", "fmr", "photo", "person", "sampleId", "contract", "measuredOn", "limits"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("edgeface.verification.v1", "same", "Adam"), (json.GetProperty("schema").GetString(), json.GetProperty("decision").GetString(),
            json.GetProperty("person").GetProperty("name").GetString()));
        var best = ToolRun.Of("identify", Photo("adam-2.jpg"), "--gallery", Gallery, "--json").Succeeds().Json.GetProperty("faces")[0];
        Assert.Equal(best.GetProperty("score").GetDouble(), json.GetProperty("score").GetDouble(), 1e-3);
        Assert.Equal(best.GetProperty("sampleId").GetInt64(), json.GetProperty("sampleId").GetInt64());
    }

    [Fact]
    public void A_face_that_cannot_be_recognised_gives_no_answer()
    {
        ImageCodec.SavePng(Spoilt.Blurred(ImageCodec.Load(Photo("adam-2.jpg")), 9), _folder["blurred.png"]);
        Assert.StartsWith("cannot tell: ", Verify(_folder["blurred.png"], "--name", "Adam").Succeeds(4).Output, StringComparison.Ordinal);
        Assert.Equal("cannot-tell", Verify(_folder["blurred.png"], "--name", "Adam", "--json").Succeeds(4).Json.GetProperty("decision").GetString());
        var warned = Verify(_folder["blurred.png"], "--name", "Adam", "--gate", "warn");
        Assert.Contains("cannot be recognised", warned.Error, StringComparison.Ordinal);
        Assert.InRange(warned.ExitCode, 0, 1);
    }

    [Fact]
    public void What_does_not_go_is_said_in_one_line()
    {
        Verify(Photo("adam-2.jpg")).Fails(2, "--id, --key and --name");
        Verify(Photo("adam-2.jpg"), "--id", "1", "--name", "Adam").Fails(2, "one of");
        Verify(Photo("adam-2.jpg"), "--id", "9").Fails(3, "no person 9");
        Verify(Photo("adam-2.jpg"), "--name", "Nobody").Fails(3, "Nobody");
        Verify(_folder["none.jpg"], "--id", "1").Fails(3, "none.jpg");
        Verify(Photo("group.jpg"), "--id", "1").Fails(4, "--face largest");
        Verify(_folder.Write("black.png", ImageCodec.EncodePng(new RgbImage(64, 64, new byte[64 * 64 * 3]))), "--id", "1").Fails(4, "no face");
        Verify(Photo("adam-2.jpg"), "--id", "1", "--threshold", "0.4", "--fmr", "1e-3").Fails(2, "exclude each other");
        ToolRun.Of("verify", Photo("adam-2.jpg"), "--gallery", _folder["none.db"], "--id", "1").Fails(3, "none.db");
        Assert.InRange(Verify(Photo("group.jpg"), "--id", "1", "--face", "largest").ExitCode, 0, 1);
    }
}
