using System.CommandLine;
using System.Text.Json;
using EdgeFace.App;
using EdgeFace.Gallery;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

/// <summary>A result or message that cannot be written: an exit code and at most one line, never an abort.</summary>
[Collection(nameof(EnvironmentVariable))]
public sealed class LostResultTests : IDisposable
{
    // They need the network, or a data set that is not here; they print as the others do.
    static readonly string[] NotHere = ["models pull", "eval templates"];

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every command, in an order in which each finds what it needs; and what is done although nobody is told.</summary>
    static readonly (string Command, string Done)[] Commands =
    [
        ("compare adam-1.jpg adam-2.jpg", ""), ("embed adam-1.jpg", ""), ("detect adam-1.jpg", ""), ("align adam-1.jpg -o new/crops", ""),
        ("gallery new-key -o new/key", "wrote "), ("gallery new-key -o new/other", "wrote "),
        ("enroll adam-1.jpg --name Adam --gallery new/g.db --key-file new/key --keep-crops --report new/report.json",
            "1 sample enrolled, 1 person added"),
        ("identify adam-2.jpg --gallery new/g.db --key-file new/key", ""),
        ("gallery info --gallery new/g.db --key-file new/key", ""), ("gallery list --gallery new/g.db --key-file new/key", ""),
        ("gallery show --id 1 --gallery new/g.db --key-file new/key", ""), ("gallery audit --gallery new/g.db --key-file new/key", ""),
        ("gallery check --gallery new/g.db --key-file new/key", ""),
        ("gallery rename --id 1 --to Eve --gallery new/g.db --key-file new/key", "is now Eve"),
        ("gallery edit --id 1 --set-key eve --gallery new/g.db --key-file new/key", "key eve"),
        ("gallery export new/out --gallery new/g.db --key-file new/key", "wrote "),
        ("gallery import new/out --gallery new/h.db", "added 1 person"),
        ("gallery reembed --gallery new/h.db", "1 sample embedded anew"),
        ("gallery change-key --to new/other --gallery new/g.db --key-file new/key", "from now on"),
        ("verify adam-2.jpg --id 1 --gallery new/g.db --key-file new/other", ""),
        ("enroll bella-1.jpg --name Bella --gallery new/g.db --key-file new/other", "1 sample enrolled, 1 person added"),
        ("gallery merge --into 1 --from 2 --gallery new/g.db --key-file new/other", "merged person 2 into Eve"),
        ("gallery unmerge 2 --gallery new/g.db --key-file new/other", "Bella (2) is there again"),
        ("gallery move --sample 2 --to 1 --gallery new/g.db --key-file new/other", "sample 2 belongs to person 1"),
        ("gallery backup new/backup.db --gallery new/g.db --key-file new/other", "wrote "),
        ("gallery restore new/backup.db --gallery new/restored.db --key-file new/other", "restored "),
        ("completion bash", ""),
        ("gallery delete --id 1 --gallery new/g.db --key-file new/other", "deleted: 1 person"),
        ("cluster new/people --threshold 0.3", ""), ("eval pairs new/people --pairs new/pairs.csv", ""), ("eval identities new/people", ""),
        ("eval detection new/faces.csv", ""), ("calibrate new/people -o new/c.json", ""),
        ("models list", ""), ("models show edgeface-detector", ""), ("models verify edgeface-detector", ""),
        ("models convert edgeface-detector new/m.efw", "wrote "),
        ("info", ""), ("bench --seconds 0.05", ""), ("--help", ""), ("enroll --help", ""), ("--version", ""),
    ];

    [Fact]
    public void Every_command_says_so_in_one_line_and_ends_with_3()
    {
        Prepare();
        foreach (var (command, done) in Commands)
        {
            var run = ToolRun.Onto(new FullStream(), Arguments(command));
            Assert.True(run.ExitCode == 3, $"{command}: {run.ExitCode}, {run.Error}");
            var line = Assert.Single(run.Error.TrimEnd().Split('\n'),
                l => l.Contains("cannot be written to stdout: full", StringComparison.Ordinal));
            if (done.Length > 0)
                Assert.Contains(done, line[line.IndexOf("Done all the same: ", StringComparison.Ordinal)..], StringComparison.Ordinal);
            else Assert.DoesNotContain("Done all the same", line, StringComparison.Ordinal);
        }
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllBytes(_folder["report.json"])).RootElement.GetProperty("enrolled").GetInt32());
    }

    [Fact]
    public void The_table_has_every_command()
    {
        using var terminal = new Terminal(Stream.Null, TextWriter.Null);
        var all = Tool.Commands(terminal).Subcommands
            .SelectMany(c => c.Subcommands.Count == 0 ? [c.Name] : c.Subcommands.Select(sub => $"{c.Name} {sub.Name}"));
        Assert.All(all.Except(NotHere),
            name => Assert.Contains(Commands, c => c.Command.StartsWith(name + " ", StringComparison.Ordinal) || c.Command == name));
    }

    /// <summary>The program itself, as a shell starts it.</summary>
    [Theory]
    [InlineData("models list", ">/dev/full", 3, "No space left")]
    [InlineData("models list --json", ">/dev/full", 3, "No space left")]
    [InlineData("models list", ">&-", 3, "it is closed")]
    [InlineData("--help", ">/dev/full", 3, "No space left")]
    [InlineData("models list", ">/dev/full 2>/dev/full", 3, null)]
    [InlineData("models list", ">&- 2>&-", 3, null)]
    [InlineData("models list", "<&- >&- 2>&-", 3, null)]
    [InlineData("models nonsense", "2>/dev/full", 2, null)]
    [InlineData("models nonsense", "2>&-", 2, null)]
    [InlineData("models show missing.pt", "2>/dev/full", 3, null)]
    [InlineData("models list", "2>/dev/full", 0, null)]
    [InlineData("models list", "2>&-", 0, null)]
    [InlineData("embed adam-1.jpg adam-2.jpg", "2>/dev/full >/dev/null", 0, null)]
    // The warning about the kernels is lost, without which the result is not worth the same.
    [InlineData("info", "2>/dev/full >/dev/null", 3, null)]
    [InlineData("embed adam-1.jpg", "| true", 3, "")]
    public void Descriptors_that_cannot_be_written_end_nothing_by_force(string command, string redirection, int code, string? message)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the shell's redirections are of Unix");
        var piped = redirection.StartsWith('|');
        var line = piped ? $"{{ \"$0\" \"$@\"; echo $? >{_folder["code"]}; }} {redirection}" : $"\"$0\" \"$@\" {redirection}";
        // EDGEFACE_KERNELS makes info warn.
        var run = ProcessRun.Of("/bin/sh", ["-c", line, ChildProcess.ProgramOf("EdgeFace.App"), .. Arguments(command)],
            command == "info" ? [("EDGEFACE_KERNELS", "scalar")] : []);
        Assert.Equal(code, piped ? int.Parse(File.ReadAllText(_folder["code"]), null) : run.ExitCode);
        if (message is null) return;
        if (message.Length == 0) Assert.Equal("", run.Error);
        else Assert.Contains(message, Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_cannot_be_written_keeps_nobody_from_hearing_what_is_stored()
    {
        Directory.CreateDirectory(_folder["report"]);
        ToolRun.Of("enroll", TestData.Sample("adam-1.jpg"), "--name", "Adam", "--gallery", _folder["g.db"], "--report", _folder["report"])
            .Fails(3, "a folder stands there", "Done all the same: 1 sample enrolled");
    }

    [Fact]
    public void A_lost_warning_makes_a_failure_of_a_success_but_of_nothing_else()
    {
        Assert.Equal(3, Run("info"));
        Assert.Equal(2, Run("nonsense"));
        Assert.Equal(0, Run("models", "list"));

        static int Run(params string[] args)
        {
            using var scalar = new EnvironmentVariable("EDGEFACE_KERNELS", "scalar");
            using var error = new StreamWriter(new FullStream()) { AutoFlush = true };
            using var terminal = new Terminal(new MemoryStream(), error);
            return Tool.Run(args, terminal);
        }
    }

    [Fact]
    public async Task Ctrl_C_in_enrol_says_what_is_saved_and_the_same_command_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals are sent by kill");
        const int people = 400;
        var photo = File.ReadAllBytes(TestData.Sample("adam-1.jpg"));
        File.WriteAllLines(_folder["list.csv"], Enumerable.Range(0, people).Select(n => $"p{n},{n}.jpg").Prepend("name,image"));
        // What follows the end of a JPEG makes other bytes of the same picture.
        for (var n = 0; n < people; n++) File.WriteAllBytes(_folder[$"{n}.jpg"], [.. photo, (byte)n, (byte)(n >> 8)]);
        string[] enroll = ["enroll", _folder["list.csv"], "--gallery", _folder["g.db"], "--threshold", "1"];
        string[] shell = ["-c", $"echo $$ >{_folder["pid"]}; exec \"$0\" \"$@\"", ChildProcess.ProgramOf("EdgeFace.App"), .. enroll];
        var running = Task.Run(() => ProcessRun.Of("/bin/sh", shell), TestContext.Current.CancellationToken);
        Retry.Until(() => Saved() > 0, some => some);
        ProcessRun.Of("kill", ["-INT", File.ReadAllText(_folder["pid"]).Trim()]).Succeeds();
        var run = await running;
        Assert.Equal(130, run.ExitCode);
        var saved = Saved();
        Assert.InRange(saved, 1, people - 1);
        var line = Assert.Single(run.Error.Split('\n'), l => l.Contains("stopped after", StringComparison.Ordinal));
        Assert.Contains($"{saved} samples are saved. The same command goes on", line, StringComparison.Ordinal);
        using (var gallery = SqliteGallery.Open(_folder["g.db"], null, new())) Assert.Empty(gallery.Check().Problems);
        // A list of some that are there and some that are not.
        File.WriteAllLines(_folder["list.csv"], Enumerable.Range((int)saved - 3, 6).Select(n => $"p{n},{n}.jpg").Prepend("name,image"));
        var rest = ToolRun.Of([.. enroll, "--json"]).Json;
        Assert.Equal((3, 3, false),
            (rest.GetProperty("enrolled").GetInt32(), rest.GetProperty("alreadyThere").GetInt32(), rest.GetProperty("stopped").GetBoolean()));

        long Saved()
        {
            if (!File.Exists(_folder["g.db"])) return 0;
            using var gallery = SqliteGallery.Open(_folder["g.db"], null, new());
            return gallery.Info.Samples;
        }
    }

    string[] Arguments(string command) =>
        [.. command.Split(' ').Select(a => a.StartsWith("new/", StringComparison.Ordinal) ? _folder[a[4..]]
            : a.EndsWith(".jpg", StringComparison.Ordinal) ? TestData.Sample(a) : a)];

    void Prepare()
    {
        foreach (var person in (string[])["Adam", "Bella"])
        {
            Directory.CreateDirectory(_folder[$"people/{person}"]);
            foreach (var n in (int[])[1, 2]) File.Copy(TestData.Sample($"{person.ToLowerInvariant()}-{n}.jpg"), _folder[$"people/{person}/{n}.jpg"]);
        }
        File.WriteAllText(_folder["faces.csv"], "image,left,top,right,bottom\npeople/Adam/1.jpg,70,90,230,290\n");
        File.WriteAllText(_folder["pairs.csv"], "fold,same,a,b\n1,1,Adam/1.jpg,Adam/2.jpg\n1,0,Adam/1.jpg,Bella/1.jpg\n"
            + "2,1,Bella/1.jpg,Bella/2.jpg\n2,0,Adam/2.jpg,Bella/2.jpg\n");
    }

    /// <summary>A stream as /dev/full.</summary>
    sealed class FullStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("full");
    }
}
