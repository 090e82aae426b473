using System.Text;
using System.Text.Json;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>Pictures, folders and lists of both, for every command that takes many pictures.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class FolderInputTests : IDisposable
{
    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static MessyFolder Messy() => new(("a.jpg", "adam-1.jpg"), ("b.JFIF", "adam-2.jpg"), ("c.jpe", "bella-1.jpg"), ("sub/d.JPEG", "bella-2.jpg"));

    static string[] Texts(JsonElement list, string field) => [.. list.EnumerateArray().Select(
        e => e.GetProperty(field).GetString()!).Order(StringComparer.Ordinal)];

    /// <summary>The command with what it needs besides pictures, and the files that it tells of.</summary>
    (string[] Args, Func<JsonElement, string[]> Files) Command(string name) => name switch
    {
        "detect" => (["detect", "--json"], j => Texts(j.GetProperty("images"), "file")),
        "embed" => (["embed"], j => Texts(j.GetProperty("embeddings"), "file")),
        "align" => (["align", "--json", "-o", _folder["crops"]], j => Texts(j.GetProperty("crops"), "file")),
        _ => (["cluster", "--json"], j => [.. j.GetProperty("groups").EnumerateArray().SelectMany(
            g => Texts(g.GetProperty("faces"), "file")).Order(StringComparer.Ordinal)]),
    };

    public static TheoryData<string> Many => ["detect", "embed", "align", "cluster"];

    [Theory, MemberData(nameof(Many))]
    public void A_folder_is_searched_in_one_way_by_all_commands(string command)
    {
        using var messy = Messy();
        var (args, files) = Command(command);
        var run = ToolRun.Of([.. args, messy.Path]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(messy.Pictures, files(run.Json));
        Assert.Equal(messy.PassedOver.Order(StringComparer.Ordinal), Texts(run.Json.GetProperty("ignored"), "file"));
        Assert.Empty(run.Json.GetProperty("errors").EnumerateArray());
        var told = run.Error.TrimEnd().Split('\n');
        Assert.Equal(6, told.Length);
        Assert.All(told[..5], line => Assert.Contains("passed over: ", line, StringComparison.Ordinal));
        Assert.StartsWith($"edgeface: and {messy.PassedOver.Count - 5} more", told[5], StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Many))]
    public void Pictures_folders_and_lists_go_together(string command)
    {
        var (args, files) = Command(command);
        Directory.CreateDirectory(_folder["in/sub"]);
        foreach (var (sample, name) in ((string, string)[])[("adam-1.jpg", "in/1.jpg"), ("bella-1.jpg", "in/sub/2.jpg"), ("chidi-1.jpg", "3.jpg"),
            ("dalia-1.jpg", "with space.jpg")])
            File.Copy(TestData.Sample(sample), _folder[name]);
        string one = _folder["in/1.jpg"], two = _folder["in/sub/2.jpg"], three = _folder["3.jpg"], four = _folder["with space.jpg"];
        Assert.Equal([three, one, two], files(ToolRun.Of([.. args, _folder["in"], three]).Succeeds().Json));
        File.WriteAllText(_folder["list"], $"{_folder["in"]}\r\n\n{three}\n{four}");
        Assert.Equal([three, one, two, four], files(ToolRun.Of([.. args, "--files-from", _folder["list"]]).Succeeds().Json));
        Assert.Equal([three, one, four], files(ToolRun.WithInput(Encoding.UTF8.GetBytes($"{three}\0{four}\0"),
            [.. args, one, "--files-from", "-", "-0"]).Succeeds().Json));
        // Found in a folder it is taken once, and not again where it was named; named twice it is taken twice.
        var named = ToolRun.Of([.. args, _folder["in"], _folder["in"], one, one]);
        Assert.Contains("it is taken already", named.Error, StringComparison.Ordinal);
        Assert.Equal((0, 1), (named.ExitCode, named.Json.GetProperty("ignored").EnumerateArray().Count(
            i => i.GetProperty("file").GetString() == one)));
        Assert.Equal([one, one, two], files(named.Json));
    }

    [Theory, MemberData(nameof(Many))]
    public void What_is_wrong_with_a_list_is_told_entry_by_entry(string command)
    {
        var (args, files) = Command(command);
        var adam = TestData.Sample("adam-1.jpg");
        var run = ToolRun.WithInput([.. Encoding.UTF8.GetBytes(adam + "\nmissing.jpg\n"), .. "caf"u8, 0xE9, .. ".jpg\nx"u8, 0, .. "y\n"u8],
            [.. args, "--files-from", "-"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal([adam], files(run.Json));
        Assert.Equal(["missing.jpg", "the standard input", "the standard input"], Texts(run.Json.GetProperty("errors"), "file"));
        Assert.Contains("line 3: no path in UTF-8", run.Error, StringComparison.Ordinal);
        Assert.Contains("line 4: no path in UTF-8: it has zero bytes; say --null", run.Error, StringComparison.Ordinal);
        ToolRun.Of([.. args, "--files-from", _folder["none"]]).Fails(3, "none", "cannot be read");
        ToolRun.WithInput(new byte[40_000].Select(_ => (byte)'a').ToArray(), [.. args, "--files-from", "-"]).Fails(3, "no path");
        ToolRun.WithInput([], [.. args, "--files-from", "-"]).Fails(3, "no picture in the list");
        ToolRun.Of([.. args, adam, "--null"]).Fails(2, "--null goes with --files-from");
        ToolRun.Of(args).Fails(2, "say which pictures");
        Directory.CreateDirectory(_folder["empty"]);
        ToolRun.Of([.. args, _folder["empty"]]).Fails(3, "empty: there is no picture in it");
        Assert.Equal(_folder["empty"], Assert.Single(Texts(ToolRun.Of([.. args, _folder["empty"], adam]).Json.GetProperty("ignored"), "file")));
    }

    [Theory, MemberData(nameof(Many))]
    public void A_name_that_is_no_text_stops_nothing_but_itself(string command)
    {
        var (args, files) = Command(command);
        Directory.CreateDirectory(_folder["in"]);
        File.Copy(TestData.Sample("adam-1.jpg"), _folder["in/1.jpg"]);
        File.Copy(TestData.Sample("adam-2.jpg"), _folder["in/x"]);
        OddFiles.ToLatin1(_folder["in/x"], _folder["in/caf\u00E9.jpg"]);
        try
        {
            var run = ToolRun.Of([.. args, _folder["in"]]);
            Assert.Equal(3, run.ExitCode);
            Assert.Equal([_folder["in/1.jpg"]], files(run.Json));
            Assert.Contains("not UTF-8", Assert.Single(Texts(run.Json.GetProperty("errors"), "message")), StringComparison.Ordinal);
        }
        finally
        {
            OddFiles.FromLatin1(_folder["in/caf\u00E9.jpg"], _folder["in/x"]);
        }
    }

    [Fact]
    public void Enrolment_searches_folders_in_the_same_way()
    {
        using var messy = Messy();
        var one = ToolRun.Of("enroll", messy.Path, "--gallery", _folder["one.db"], "--name", "Somebody", "--json");
        Assert.Equal((0, 3), (one.ExitCode, one.Json.GetProperty("enrolled").GetInt32()));
        Assert.Equal(messy.PassedOver.Append(messy["sub"]).Order(StringComparer.Ordinal), Texts(one.Json.GetProperty("ignored"), "file"));
        using var people = new MessyFolder(("Adam/1.jfif", "adam-1.jpg"), ("Adam/2.JPE", "adam-2.jpg"), ("Bella/1.jpeg", "bella-1.jpg"));
        OddFiles.Pipe(people["Adam/pipe.jpg"]);
        Directory.CreateSymbolicLink(people["Bella/up"], people.Path);
        var all = ToolRun.Of("enroll", people.Path, "--gallery", _folder["all.db"], "--json");
        Assert.Equal((0, 3, 2), (all.ExitCode, all.Json.GetProperty("enrolled").GetInt32(), all.Json.GetProperty("peopleAdded").GetInt32()));
        var ignored = Texts(all.Json.GetProperty("ignored"), "file");
        foreach (var passed in (string[])[people["Adam/pipe.jpg"], people["Bella/up"], people["up"], people["one.heic"]]) Assert.Contains(passed,
            ignored);
        File.WriteAllText(_folder["list.csv"], $"name,image\nAdam,{people["Adam/1.jfif"]}\nBella,{people["pipe.jpg"]}\n");
        var list = ToolRun.Of("enroll", _folder["list.csv"], "--gallery", _folder["list.db"], "--json");
        Assert.Equal((3, 1), (list.ExitCode, list.Json.GetProperty("enrolled").GetInt32()));
        Assert.Contains("line 3", Assert.Single(Texts(list.Json.GetProperty("errors"), "message")), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_inputs_and_lists_are_enrolled_and_a_person_is_meant_by_number()
    {
        foreach (var (name, sample) in ((string, string)[])[("a/Adam/1.jpg", "adam-1.jpg"), ("b/Bella/1.jpg", "bella-1.jpg")])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
            File.Copy(TestData.Sample(sample), _folder[name]);
        }
        string gallery = _folder["people.db"];
        ToolRun.Of("enroll", "--gallery", gallery, "--id", "1", TestData.Sample("adam-2.jpg")).Fails(3, "no gallery");
        Assert.False(File.Exists(gallery));
        Assert.Contains("2 people added", ToolRun.Of("enroll", _folder["a"], _folder["b"], "--gallery", gallery).Succeeds().Output,
            StringComparison.Ordinal);
        ToolRun.Of("enroll", "--gallery", gallery, "--id", "2", TestData.Sample("bella-2.jpg")).Succeeds();
        ToolRun.WithInput(Encoding.UTF8.GetBytes(TestData.Sample("adam-2.jpg")), "enroll", "--gallery", gallery, "--id", "1", "--files-from",
            "-").Succeeds();
        foreach (var id in (string[])["1", "2"]) Assert.Equal(2, ToolRun.Of("gallery", "show", "--gallery", gallery, "--id", id,
            "--json").Succeeds().Json.GetProperty("samples").GetArrayLength());
        // Two of one name are told apart by number alone.
        ToolRun.Of("gallery", "rename", "--gallery", gallery, "--id", "2", "--to", "Adam");
        // Somebody else's face, which is said on stderr and enrolled all the same.
        Assert.Equal(0, ToolRun.Of("enroll", "--gallery", gallery, "--id", "2", TestData.Sample("group.jpg"), "--face", "0").ExitCode);
        Assert.Equal(3, ToolRun.Of("gallery", "show", "--gallery", gallery, "--id", "2",
            "--json").Succeeds().Json.GetProperty("samples").GetArrayLength());
        ToolRun.Of("enroll", "--gallery", gallery, "--id", "9", TestData.Sample("adam-2.jpg")).Fails(3, "no person 9");
        ToolRun.Of("enroll", "--gallery", gallery, "--id", "1", "--name", "Adam", TestData.Sample("adam-2.jpg")).Fails(2, "--id");
        ToolRun.Of("enroll", "--gallery", gallery, "--id", "1").Fails(2, "say what to enrol");
    }

    [Fact]
    public void Calibration_counts_each_picture_once()
    {
        using var people = new MessyFolder(("Adam/1.jpg", "adam-1.jpg"), ("Adam/deep/2.jpg", "adam-2.jpg"), ("Bella/1.JFIF", "bella-1.jpg"),
            ("Bella/2.jpg", "bella-2.jpg"));
        Directory.CreateSymbolicLink(people["Adam/up"], people.Path);
        OddFiles.Pipe(people["Adam/pipe.jpg"]);
        foreach (var links in (string[][])[[], ["--follow-links"]])
        {
            var run = ToolRun.Of(["calibrate", people.Path, "--nested", "-o", _folder["c.json"], "--json", .. links]);
            Assert.Equal(0, run.ExitCode);
            var data = run.Json.GetProperty("data");
            Assert.Equal((4, 2, 2, 4), (data.GetProperty("images").GetInt32(), data.GetProperty("people").GetInt32(),
                data.GetProperty("genuinePairs").GetInt32(), data.GetProperty("impostorPairs").GetInt32()));
            Assert.Contains("edgeface: and ", run.Error, StringComparison.Ordinal);
        }
        var eval = ToolRun.Of("eval", "identities", people.Path, "--nested", "--json");
        Assert.Equal((0, 4), (eval.ExitCode, eval.Json.GetProperty("images").GetInt32()));
        Assert.Contains(eval.Json.GetProperty("problems").EnumerateArray(), p => p.GetString()!.Contains("pipe.jpg", StringComparison.Ordinal));
    }

    [Fact]
    public void An_import_does_not_wait_for_pipes()
    {
        ToolRun.Of("enroll", TestData.Sample("adam-1.jpg"), "--name", "Adam", "--gallery", _folder["one.db"], "--keep-crops").Succeeds();
        foreach (var pattern in (string[])["gallery.json", "*.jsonl", "*.safetensors", "*.png"])
        {
            var export = _folder["export-" + pattern.Trim('*')];
            ToolRun.Of("gallery", "export", export, "--gallery", _folder["one.db"]).Succeeds();
            var file = Assert.Single(Directory.GetFiles(export, pattern, SearchOption.AllDirectories));
            File.Delete(file);
            OddFiles.Pipe(file);
            Assert.Equal(3, ToolRun.Of("gallery", "import", export, "--gallery", _folder["two.db"]).ExitCode);
        }
    }

    [Fact]
    public async Task A_pipe_that_is_named_is_read()
    {
        OddFiles.Pipe(_folder["pipe"]);
        var writing = Task.Run(() => File.WriteAllBytes(_folder["pipe"], File.ReadAllBytes(TestData.Sample("adam-1.jpg"))),
            TestContext.Current.CancellationToken);
        Assert.Contains("1 face", ToolRun.Of("detect", _folder["pipe"]).Succeeds().Output, StringComparison.Ordinal);
        await writing;
    }
}
