using System.Diagnostics;
using System.Text;

namespace EdgeFace.Tests.Support;

/// <summary>One run of another program, from start to exit.</summary>
sealed record ProcessRun(int ExitCode, byte[] Bytes, string Error, TimeSpan Time)
{
    public string Output => Encoding.UTF8.GetString(Bytes);

    /// <summary>
    /// Runs it in the root of the repository. What the tests themselves were started with, a forced kernel set or switched-off instructions,
    /// does not reach it.
    /// </summary>
    public static ProcessRun Of(string program, IEnumerable<string> args, params ReadOnlySpan<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo(program, args)
        {
            WorkingDirectory = TestData.Repository, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var forced = start.Environment.Keys.Where(k => k == "EDGEFACE_KERNELS" || k.StartsWith("DOTNET_Enable", StringComparison.Ordinal));
        foreach (var name in forced.ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return new(process.ExitCode, output.ToArray(), error.GetAwaiter().GetResult(), clock.Elapsed);
    }

    public ProcessRun Succeeds()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}{Output}");
        return this;
    }

    public static bool IsThere(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
