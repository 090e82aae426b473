using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EdgeFace.Bench;

/// <summary>
/// A program from start to exit, many times. The peak of its memory is read in separate runs, so that reading it does not slow the timed ones.
/// </summary>
static class Start
{
    const int Runs = 31, MemoryRuns = 5;

    public static int Run(string[] command)
    {
        if (command.Length == 0 || !File.Exists(command[0])) throw new FileNotFoundException($"no program '{command.FirstOrDefault()}'");
        for (var i = 0; i < 3; i++) Once(command, _ => { });
        var times = Enumerable.Range(0, Runs).Select(_ => Once(command, p => p.WaitForExit())).ToArray();
        var peaks = Enumerable.Range(0, MemoryRuns).Select(_ => Peak(command)).ToArray();
        Console.WriteLine("| program | median | quartiles | peak memory |");
        Console.WriteLine("|---|---|---|---|");
        Console.WriteLine($"| {string.Join(' ', command)} | {Pairs.Quantile(times, 0.5):F1} ms "
            + $"| {Pairs.Quantile(times, 0.25):F1} to {Pairs.Quantile(times, 0.75):F1} ms "
            + $"| {(OperatingSystem.IsLinux() ? $"{Pairs.Quantile(peaks, 0.5):F1} MB" : "not measured")} |");
        return 0;
    }

    static double Once(string[] command, Action<Process> during)
    {
        var info = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(info) ?? throw new Win32Exception();
        // Its output is small enough for the pipe.
        during(process);
        process.WaitForExit();
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{command[0]}' ended with {process.ExitCode}: {process.StandardError.ReadToEnd()}");
        return elapsed;
    }

    /// <summary>Megabytes. The kernel keeps the high-water mark only while the process lives, so it is read again and again.</summary>
    public static double Peak(string[] command)
    {
        var most = 0.0;
        Once(command, process =>
        {
            while (OperatingSystem.IsLinux() && !process.HasExited)
            {
                try
                {
                    var line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
                    if (line is not null) most = Math.Max(most, double.Parse(line[6..^2], CultureInfo.InvariantCulture) / 1024);
                }
                catch (IOException)
                {
                    break;
                }
            }
        });
        return most;
    }
}
