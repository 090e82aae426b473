using System.Diagnostics;
using System.Globalization;

namespace EdgeFace.Tests.Support;

/// <summary>The program in a process of its own, and the most memory that it had resident.</summary>
static class PeakMemory
{
    public static (int Code, string Error, long Bytes) Of(params string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the peak of a process's memory is read from /proc");
        var folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "EdgeFace.App", "release"));
        var start = new ProcessStartInfo(Path.Combine(folder, "EdgeFace.App"), args) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        long peak = 0;
        while (!process.WaitForExit(5)) peak = Math.Max(peak, Peak(process.Id));
        output.GetAwaiter().GetResult();
        return (process.ExitCode, error.GetAwaiter().GetResult(), peak);
    }

    static long Peak(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) is { } line
                ? 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 0;
        }
    }
}
