using System.CommandLine;
using System.Text;
using EdgeFace.App;
using EdgeFace.App.Commands;
using EdgeFace.Files;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>Every output of every command: which places it spares, and how it writes.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class OutputPathTests : IDisposable
{
    readonly TempFolder _folder = new();

    public OutputPathTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "links, rights and FIFOs are of Linux");

    public void Dispose() => _folder.Dispose();

    /// <summary>A command with the name of its output, and {0} where that goes.</summary>
    static readonly (string Output, string Command)[] Writers =
    [
        ("compare --draw", "compare a.jpg b.jpg --draw {0}"),
        ("identify --draw", "identify a.jpg --gallery g.db --key-file key --threshold 0.3 --draw {0}"),
        ("detect --draw", "detect a.jpg --draw {0}"),
        ("embed --output", "embed a.jpg b.jpg --model m.efw -o {0}"),
        ("cluster --output", "cluster photos --threshold 0.3 -o {0}"),
        ("calibrate --output", "calibrate people -o {0}"),
        ("calibrate --gate-into", "calibrate people --model m.efw -o new.json --gate-into {0}"),
        ("eval pairs --report", "eval pairs people --pairs pairs.csv --labels labels.csv --report {0}"),
        ("eval identities --report", "eval identities people --quality quality.csv --report {0}"),
        ("eval templates --report", "eval templates people --report {0}"),
        ("eval detection --report", "eval detection faces.csv --report {0}"),
        ("enroll --report", "enroll list.csv --gallery g.db --key-file key --report {0}"),
        ("models convert to", "models convert m.efw {0} --card card.json"),
        ("gallery new-key --output", "gallery new-key -o {0}"),
        ("gallery export folder", "gallery export {0} --gallery g.db --key-file key"),
        ("gallery backup output", "gallery backup {0} --gallery g.db --key-file key"),
        ("align --output", "align a.jpg sub/x.png sub/y.1.png -o {0}"),
    ];

    /// <summary>Outputs that would destroy something of their own command.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "compare --draw", "a.jpg" }, { "compare --draw", "./photos/../b.jpg" }, { "compare --draw", "c.json" },
        { "identify --draw", "a.jpg" }, { "identify --draw", "g.db" },
        { "identify --draw", "g.db-wal" }, { "identify --draw", "g.db-shm" }, { "identify --draw", "g.db-index" },
        { "identify --draw", "key" }, { "identify --draw", "c.json" }, { "identify --draw", "link to g.db" }, { "identify --draw", "hard g.db" },
        { "detect --draw", "a.jpg" },
        { "embed --output", "b.jpg" }, { "embed --output", "m.efw" },
        { "cluster --output", "photos/a.jpg" }, { "cluster --output", "link to photos/b.jpg" },
        { "calibrate --output", "people/Adam/1.jpg" }, { "calibrate --gate-into", "m.efw" },
        { "eval pairs --report", "pairs.csv" }, { "eval pairs --report", "labels.csv" }, { "eval pairs --report", "people/Adam/1.jpg" },
        { "eval identities --report", "quality.csv" },
        { "eval detection --report", "faces.csv" }, { "eval detection --report", "a.jpg" }, { "eval detection --report", "link to a.jpg" },
        { "enroll --report", "list.csv" }, { "enroll --report", "a.jpg" },
        { "enroll --report", "g.db" }, { "enroll --report", "new.db" }, { "enroll --report", "key" },
        { "models convert to", "m.efw" }, { "models convert to", "link to m.efw" },
        { "align --output", "sub" },
    };

    [Fact]
    public void Pictures_that_embed_finds_in_a_folder_are_spared()
    {
        var folder = Directory.CreateDirectory(_folder["found"]).FullName;
        var picture = Path.Combine(folder, "a.jpg");
        File.Copy(TestData.Sample("adam-1.jpg"), picture);
        ToolRun.Of("embed", folder, "-o", picture).Fails(2, "--output");
        Assert.Equal(File.ReadAllBytes(TestData.Sample("adam-1.jpg")), File.ReadAllBytes(picture));
    }

    [Theory, MemberData(nameof(Refused))]
    public void An_output_that_is_an_input_is_refused_before_any_work(string output, string path)
    {
        Prepare(withGallery: false);
        File.WriteAllText(_folder["g.db"], "never opened");
        var isLink = path.StartsWith("link to", StringComparison.Ordinal) || path.StartsWith("hard", StringComparison.Ordinal);
        var command = Of(output, isLink ? Other(path) : _folder[path]);
        if (path == "c.json") command = [.. command.Where(a => a is not ("--threshold" or "0.3")), "--calibration", _folder[path]];
        if (path == "new.db") command = [.. command.Select(a => a == _folder["g.db"] ? _folder["new.db"] : a)];
        var before = Content();
        ToolRun.Of(command).Fails(2, output.Split(' ')[^1].TrimStart('-'), "write to another file");
        Assert.Equal(before, Content());
    }

    [Fact]
    public void Every_output_of_every_command_is_known_and_in_the_table()
    {
        using var terminal = new Terminal(Stream.Null, TextWriter.Null);
        var found = Leaves(Tool.Commands(terminal)).SelectMany(leaf => leaf.Command.Options.Cast<Symbol>().Concat(leaf.Command.Arguments)
            .Where(symbol => symbol is IOutput || symbol.Name is "--output" or "--draw" or "--report")
            .Select(symbol => (Name: $"{leaf.Name} {symbol.Name}", IsOutput: symbol is IOutput))).ToList();
        Assert.All(found, f => Assert.True(f.IsOutput, f.Name));
        Assert.Equal(found.Select(f => f.Name).Order(StringComparer.Ordinal), Writers.Select(w => w.Output).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_empty_output_is_a_mistake_of_the_command_line_that_is_named()
        => Assert.All(Writers, w => ToolRun.Of(Of(w.Output, "")).Fails(2, $"{Shown(w.Output)} is empty"));

    [Fact]
    public void Stdout_is_written_to_where_it_is_all_there_is_to_say_and_refused_elsewhere()
    {
        Prepare();
        foreach (var (output, _) in Writers)
        {
            if (output is "models convert to") ToolRun.Of(Of(output, "-")).Fails(2);
            else if (output is not ("embed --output" or "cluster --output" or "calibrate --output" or "gallery new-key --output"))
                ToolRun.Of(Of(output, "-")).Fails(2, $"{Shown(output)} is no place for stdout");
        }
        Assert.Equal("edgeface.embed.v1", ToolRun.Of(Of("embed --output", "-")).Succeeds().Json.GetProperty("schema").GetString());
        Assert.Equal("edgeface.calibration.v1", ToolRun.Of(Of("calibrate --output", "-")).Succeeds().Json.GetProperty("schema").GetString());
        Assert.StartsWith("group,file,face,left", ToolRun.Of(Of("cluster --output", "-")).Succeeds().Output, StringComparison.Ordinal);
        Assert.Equal(44, ToolRun.Of(Of("gallery new-key --output", "-")).Succeeds().Output.TrimEnd().Length);
        ToolRun.Of([.. Of("cluster --output", "-"), "--json"]).Fails(2, "--json");
    }

    [Theory]
    [InlineData("compare --draw"), InlineData("detect --draw"), InlineData("identify --draw")]
    [InlineData("embed --output"), InlineData("cluster --output"), InlineData("calibrate --output")]
    [InlineData("eval pairs --report"), InlineData("eval identities --report"), InlineData("eval detection --report")]
    [InlineData("enroll --report"), InlineData("models convert to")]
    public void A_file_keeps_its_rights_a_link_is_followed_a_fifo_is_written_and_what_is_new_is_private(string output)
    {
        Prepare();
        var end = output == "models convert to" ? ".efw" : "";
        Run(_folder["new" + end]);
        if (output is not ("calibrate --output" or "models convert to")) Assert.Equal(AtomicFile.Private, Rights.Of(_folder["new"]));
        const UnixFileMode mode = AtomicFile.Private | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        File.WriteAllText(_folder["old" + end], "old");
        Rights.Set(_folder["old" + end], mode);
        File.CreateSymbolicLink(_folder["link" + end], "old" + end);
        Run(_folder["link" + end]);
        Assert.Equal(mode, Rights.Of(_folder["old" + end]));
        Assert.Equal("old" + end, new FileInfo(_folder["link" + end]).LinkTarget);
        Assert.NotEqual("old", Start(File.ReadAllBytes(_folder["old" + end])));
        var fifo = new Fifo(_folder["fifo" + end]);
        Run(_folder["fifo" + end]);
        Assert.Equal(Start(File.ReadAllBytes(_folder["old" + end])), Start(fifo.Content));
        Assert.Equal(FileKind.Special, FileStatus.Of(_folder["fifo" + end]).Kind);

        void Run(string path) => Assert.InRange(ToolRun.Of(Of(output, path)).ExitCode, 0, 1);
    }

    static string Start(byte[] content) => Encoding.Latin1.GetString(content.AsSpan(0, Math.Min(4, content.Length)));

    [Fact]
    public void Folders_of_crops_and_pictures_are_private_and_crops_do_not_cover_their_pictures()
    {
        Prepare();
        ToolRun.Of(Of("align --output", _folder["crops"])).Succeeds();
        ToolRun.Of("detect", _folder["a.jpg"], _folder["b.jpg"], "--draw", _folder["drawn"]).Succeeds();
        foreach (var made in (string[])["crops", "drawn"])
        {
            Assert.Equal(AtomicFile.Private | UnixFileMode.UserExecute, Rights.Of(_folder[made]));
            Assert.All(Directory.GetFiles(_folder[made]), f => Assert.Equal(AtomicFile.Private, Rights.Of(f)));
        }
        Assert.Equal(3, Directory.GetFiles(_folder["crops"]).Length);
    }

    [Fact]
    public void A_key_is_never_written_over_another_and_is_private()
    {
        ToolRun.Of("gallery", "new-key", "-o", _folder["key"]).Succeeds();
        Assert.Equal(AtomicFile.Private, Rights.Of(_folder["key"]));
        File.CreateSymbolicLink(_folder["link"], "nowhere");
        foreach (var name in (string[])["key", "link"]) ToolRun.Of("gallery", "new-key", "-o", _folder[name]).Fails(3, name, "exists already");
        Assert.False(File.Exists(_folder["nowhere"]));
    }

    /// <summary>The command with full paths.</summary>
    string[] Of(string output, string path)
    {
        var command = Writers.Single(w => w.Output == output).Command;
        return [.. command.Split(' ').Select(a => a == "{0}" ? path : IsPath(a) ? _folder[a] : a)];

        static bool IsPath(string a) => a.Contains('.', StringComparison.Ordinal) && !a.StartsWith("0.", StringComparison.Ordinal)
            || a is "photos" or "people" or "key" || a.StartsWith("sub/", StringComparison.Ordinal);
    }

    static string Shown(string output) => output.Split(' ')[^1] is var name && name.StartsWith('-') ? name : $"<{name}>";

    /// <summary>Another name of a file.</summary>
    string Other(string path)
    {
        var isHard = path.StartsWith("hard ", StringComparison.Ordinal);
        var file = _folder[path[(isHard ? 5 : 8)..]];
        var other = _folder["other" + Path.GetExtension(file)];
        ProcessRun.Of("ln", isHard ? [file, other] : ["-s", file, other]).Succeeds();
        return other;
    }

    void Prepare(bool withGallery = true)
    {
        foreach (var sub in (string[])["photos", "people/Adam", "people/Bella", "sub"]) Directory.CreateDirectory(_folder[sub]);
        foreach (var (photo, names) in ((string, string[])[])[("adam-1.jpg", ["a.jpg", "photos/a.jpg", "people/Adam/1.jpg"]),
            ("adam-2.jpg", ["people/Adam/2.jpg"]),
            ("bella-1.jpg", ["b.jpg", "photos/b.jpg", "people/Bella/1.jpg"]), ("bella-2.jpg", ["people/Bella/2.jpg", "sub/x.png", "sub/y.1.png"])])
            foreach (var name in names) File.Copy(TestData.Sample(photo), _folder[name]);
        File.WriteAllText(_folder["pairs.csv"], "fold,same,a,b\n1,1,Adam/1.jpg,Adam/2.jpg\n1,0,Adam/1.jpg,Bella/1.jpg\n"
            + "2,1,Bella/1.jpg,Bella/2.jpg\n2,0,Adam/2.jpg,Bella/2.jpg\n");
        File.WriteAllText(_folder["labels.csv"], "identity,group\nAdam,x\nBella,y\n");
        File.WriteAllText(_folder["quality.csv"], "image,q\nAdam/1.jpg,1\nAdam/2.jpg,2\nBella/1.jpg,1\nBella/2.jpg,2\n");
        File.WriteAllText(_folder["faces.csv"], "image,left,top,right,bottom\na.jpg,70,90,230,290\n");
        File.WriteAllText(_folder["list.csv"], "name,image\nAdam,a.jpg\nBella,b.jpg\n");
        File.Copy(TestData.Model("edgeface-xs-distilled.efw"), _folder["m.efw"]);
        File.Copy(TestData.Model("edgeface-xs-distilled.card.json"), _folder["card.json"]);
        File.WriteAllText(_folder["key"], GalleryKey.Generate().ToBase64());
        File.WriteAllText(_folder["c.json"], "{}");
        if (withGallery)
            ToolRun.Of("enroll", _folder["a.jpg"], "--name", "Adam", "--gallery", _folder["g.db"], "--key-file", _folder["key"]).Succeeds();
    }

    string Content() => string.Join('\n', Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(f => $"{f} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}"));

    static IEnumerable<(string Name, Command Command)> Leaves(Command command, string prefix = "")
        => command.Subcommands.Count == 0 ? [(prefix.Trim(), command)] : command.Subcommands.SelectMany(sub => Leaves(sub, $"{prefix} {sub.Name}"));
}
