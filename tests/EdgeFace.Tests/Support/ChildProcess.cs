using System.Diagnostics;

namespace EdgeFace.Tests.Support;

/// <summary>A program that the solution's build made beside this one, run from the root of the repository.</summary>
static class ChildProcess
{
    public static (int Code, string Output, string Error) Run(string project, string[] arguments,
        params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var program = ProgramOf(project);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = TestData.Repository,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output.ReplaceLineEndings("\n"), error.GetAwaiter().GetResult().ReplaceLineEndings(Environment.NewLine));
    }

    /// <summary>Where the build put it.</summary>
    public static string ProgramOf(string project)
    {
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, "release"));
        var program = Path.Combine(folder, project + (OperatingSystem.IsWindows() ? ".exe" : ""));
        Assert.True(File.Exists(program), $"{program} is missing: build the solution (./test.sh does)");
        return program;
    }
}
