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
        Line($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} processors, kernels {KernelSet.Default.Name}; "
            + $"EdgeFace {Version(typeof(FaceEmbedder))}, Microsoft.ML.OnnxRuntime {Version(typeof(InferenceSession))}.");
        Line($"Command: `dotnet run -c Release --project bench/EdgeFace.Bench -- {name} --write`");
        Line("");
    }

    static string Processor { get; } = OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"
        : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>How many programs wanted to run in the last minute.</summary>
    public static string Load => OperatingSystem.IsLinux() ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    public void Line(string line)
    {
        Console.WriteLine(line);
        _text.Append(line).Append('\n');
    }

    public void Write()
    {
        var folder = Path.Combine(BenchData.Repository, "bench", "results", NotWord().Replace(Processor.ToLowerInvariant(), "-").Trim('-'));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, _name + ".md"), _text.ToString());
    }

    static string Version(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotWord();
}
