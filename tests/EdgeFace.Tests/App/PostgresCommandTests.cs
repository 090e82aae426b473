using System.Text.Json;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>The commands on a gallery in PostgreSQL, and its queue.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class PostgresCommandTests(PostgresServer server) : IClassFixture<PostgresServer>, IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_workers_enrol_the_twelve_people_and_the_eight_of_the_group_photo_are_named()
    {
        var gallery = server.NewDatabase();
        string[] queue = ["enroll", TestData.Sample("people.csv"), "--gallery", gallery, "--queue", "--json"];
        var queued = ToolRun.Of(queue).Succeeds().Json;
        Assert.Equal((true, 12, 0), (queued.GetProperty("galleryCreated").GetBoolean(), queued.GetProperty("queued").GetInt32(),
            queued.GetProperty("gallery").GetProperty("samples").GetInt32()));
        var again = ToolRun.Of(queue).Succeeds().Json;
        Assert.Equal((0, 12), (again.GetProperty("queued").GetInt32(), again.GetProperty("alreadyQueued").GetInt32()));
        var workers = await Task.WhenAll(Enumerable.Range(0, 2)
            .Select(_ => Task.Run(() => ToolRun.Of("enroll", "--work", "--gallery", gallery, "--json"))));
        Assert.All(workers, w => Assert.Equal(0, w.ExitCode));
        Assert.Equal(12, workers.Sum(w => w.Json.GetProperty("done").GetInt32()));
        Assert.Equal(12, workers.Sum(w => w.Json.GetProperty("enrolled").GetInt32()));
        Assert.All(workers, w => Assert.Empty(w.Json.GetProperty("resemblances").EnumerateArray()));
        var faces = ToolRun.Of("identify", TestData.Sample("group.jpg"), "--gallery", gallery, "--json").Succeeds().Json
            .GetProperty("faces").EnumerateArray();
        Assert.Equal(["Adam", "Chidi", "Dalia", "Eiji", "Fumiko", "Hema", "Igor", "Karl"],
            faces.Select(f => f.GetProperty("person").GetProperty("name").GetString()).Order());
        var info = ToolRun.Of("gallery", "info", "--gallery", gallery, "--json").Succeeds().Json;
        Assert.Equal((12, 12), (info.GetProperty("persons").GetInt32(), info.GetProperty("samples").GetInt32()));
        Assert.True(ToolRun.Of("gallery", "check", "--gallery", gallery, "--json").Succeeds().Json.GetProperty("sound").GetBoolean());
        var empty = ToolRun.Of("enroll", "--work", "--gallery", gallery).Succeeds().Output;
        Assert.Contains("0 pictures done here", empty, StringComparison.Ordinal);
        Assert.Contains("12 done, 0 failed", empty, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_enrolled_is_listed_and_can_be_tried_again()
    {
        var gallery = server.NewDatabase();
        var photo = TestData.Sample("adam-1.jpg");
        File.WriteAllText(_folder["list.csv"], $"name,image\nAdam,{photo}\nBella,later.jpg\nGroup,{TestData.Sample("group.jpg")}\n");
        ToolRun.Of("enroll", _folder["list.csv"], "--gallery", gallery, "--queue").Succeeds();
        ToolRun.Of("enroll", "--work", "--gallery", gallery, "--follow-links").Fails(2, "go with --queue");
        ToolRun.Of("enroll", TestData.Sample("people.csv"), "--queue", "--gallery", gallery, "--min-face", "40")
            .Fails(2, "--min-face goes with --work");
        var run = ToolRun.Of("enroll", "--work", "--gallery", gallery, "--json", "--report", _folder["report.json"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(1, run.Json.GetProperty("done").GetInt32());
        var failed = run.Json.GetProperty("failed").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.Equal(["Bella", "Group"], failed.Keys.Order());
        // A file may appear yet; a picture with eight faces stays one.
        Assert.Equal((3, 1), (failed["Bella"].GetProperty("attempts").GetInt32(), failed["Group"].GetProperty("attempts").GetInt32()));
        Assert.Contains("8 faces", failed["Group"].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains("later.jpg", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(File.ReadAllBytes(_folder["report.json"])).RootElement.GetProperty("failed").GetArrayLength());
        File.Copy(TestData.Sample("bella-1.jpg"), _folder["later.jpg"]);
        var retried = ToolRun.Of("enroll", "--work", "--retry", "--gallery", gallery, "--face", "largest", "--json").Json;
        Assert.Equal(2, retried.GetProperty("enrolled").GetInt32());
        Assert.Empty(retried.GetProperty("failed").EnumerateArray());
        var warning = Assert.Single(retried.GetProperty("warnings").EnumerateArray(), w => w.GetProperty("kind").GetString() == "group-photo");
        Assert.Equal("Group", warning.GetProperty("person").GetProperty("name").GetString());
    }

    [Fact]
    public void Queue_of_a_gallery_in_a_file_is_refused()
    {
        ToolRun.Of("enroll", TestData.Sample("people.csv"), "--gallery", _folder["people.db"], "--queue")
            .Fails(2, "--queue needs a gallery in PostgreSQL");
        ToolRun.Of("enroll", "--work", "--gallery", _folder["people.db"]).Fails(2, "--work needs a gallery in PostgreSQL");
        ToolRun.Of("enroll", "--gallery", _folder["people.db"]).Fails(2, "say what to enrol");
        ToolRun.Of("enroll", TestData.Sample("people.csv"), "--gallery", _folder["people.db"], "--retry").Fails(2, "--retry goes with --work");
        Assert.False(File.Exists(_folder["people.db"]));
    }
}
