using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using EdgeFace.Kernels;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFace.Bench;

/// <summary>A table on the console and, if asked for, in bench/results: what was measured, on what, by which command.</summary>
sealed partial class Report
{
    readonly StringBuilder _text = new();
    readonly string _name;

    public Report(string name)
    {
        _name = name.Replace(" --", "-", StringComparison.Ordinal);
        Line($"# {name}: {Processor}");
        Line("");
        Line($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, "
            + $"{Environment.ProcessorCount} processors, kernels {KernelSet.Default.Name}; "
            + $"EdgeFace {Version(typeof(FaceEmbedder))} at commit {Commit()}, Microsoft.ML.OnnxRuntime {Version(typeof(InferenceSession))}.");
        Line($"Command: `dotnet run -c Release --project bench/EdgeFace.Bench -- {name} --write`");
        Line("");
    }

    /// <summary>Name, family, model and stepping: a hypervisor may give processors of several generations one name.</summary>
    static string Processor { get; } = OperatingSystem.IsLinux() && CpuInfo("model name") is { } name
        ? $"{name} (family {CpuInfo("cpu family")}, model {CpuInfo("model")}, stepping {CpuInfo("stepping")})"
        : RuntimeInformation.ProcessArchitecture.ToString();

    static string? CpuInfo(string field)
        => File.ReadLines("/proc/cpuinfo").Select(l => l.Split(':', 2)).FirstOrDefault(l => l.Length == 2 && l[0].Trim() == field)?[1].Trim();

    /// <summary>The commit of the working tree, marked where files differ from it.</summary>
    static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git",
            ["-C", BenchData.Repository, "describe", "--always", "--dirty", "--abbrev=10"]) { RedirectStandardOutput = true });
        return git?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } commit ? commit : "unknown";
    }

    /// <summary>How many programs wanted to run in the last minute.</summary>
    public static string Load => OperatingSystem.IsLinux() ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    public void Line(string line)
    {
        Console.WriteLine(line);
        _text.Append(line).Append('\n');
    }

    public void Write()
    {
        var folder = Path.Combine(BenchData.Repository, "bench", "results", Folder());
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, _name + ".md"), _text.ToString());
    }

    /// <summary>The processor's name, and the vectors used where they are wider than 256 bits.</summary>
    static string Folder()
        => NotWord()
            .Replace(((CpuInfo("model name") ?? Processor) + (KernelSet.Default.Name == "vector512" ? " vector512" : "")).ToLowerInvariant(), "-")
            .Trim('-');

    static string Version(Type type)
        => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotWord();
}
