using System.Diagnostics;
using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.App;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash", "complete -o default -F _edgeface edgeface")]
    [InlineData("zsh", "compdef _edgeface edgeface")]
    [InlineData("fish", "complete -c edgeface")]
    public void Each_shell_has_its_script(string shell, string ends)
    {
        var script = ToolRun.Of("completion", shell).Succeeds().Output;
        Assert.Contains(ends, script, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', script);
        ToolRun.Of("completion", "powershell").Fails(2, "powershell");
    }

    [Theory]
    [InlineData("edgeface comp", "compare", "completion")]
    [InlineData("edgeface gallery re", "reembed", "rename")]
    [InlineData("edgeface identify --gal", "--gallery")]
    [InlineData("edgeface identify --gate w", "warn")]
    [InlineData("edgeface completion z", "zsh")]
    public void The_program_offers_what_may_come(string line, params string[] offers)
    {
        var run = ToolRun.Of($"[suggest:{line.Length}]", line).Succeeds();
        var offered = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(offers, o => Assert.Contains(o, offered));
    }

    [Theory]
    [InlineData("edgeface comp", "compare completion")]
    [InlineData("edgeface identify photo.jpg --gal", "--gallery")]
    [InlineData("edgeface gallery sh", "show")]
    [InlineData("edgeface identify --gate ", "off refuse warn")]
    [InlineData("edgeface identify /no/such/file", "")]
    public void Bash_completes_a_word(string line, string expected)
    {
        if (!File.Exists("/bin/bash")) Assert.Skip("there is no bash here");
        using var folder = new TempFolder();
        // The program as a shell finds it.
        File.CreateSymbolicLink(folder["edgeface"], ChildProcess.ProgramOf("EdgeFace.App"));
        File.WriteAllText(folder["script"], ToolRun.Of("completion", "bash").Succeeds().Output);
        string[] words = line.Split(' ');
        var run = $"source '{folder["script"]}'; COMP_LINE='{line}'; COMP_POINT={line.Length}; COMP_WORDS=({line.TrimEnd()}); "
            + $"COMP_CWORD={words.Length - 1}; _edgeface; printf '%s\\n' \"${{COMPREPLY[@]}}\" | sort";
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["--norc", "-c", run])
        {
            RedirectStandardOutput = true,
            Environment = { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" },
        })!;
        var output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.Equal(expected, string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }
}
