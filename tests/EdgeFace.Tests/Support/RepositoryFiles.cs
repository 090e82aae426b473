using System.ComponentModel;
using System.Diagnostics;

namespace EdgeFace.Tests.Support;

/// <summary>The files of the repository as paths from its root with forward slashes: what git has or would take, so no build output.</summary>
static class RepositoryFiles
{
    static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea"];

    public static IReadOnlyList<string> All { get; } = [.. (FromGit() ?? FromDisk()).Where(f => File.Exists(Full(f))).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> Ending(string end) => All.Where(f => f.EndsWith(end, StringComparison.Ordinal));

    public static string Full(string path) => Path.Combine(TestData.Repository, path);

    public static string Read(string path) => File.ReadAllText(Full(path));

    static List<string>? FromGit()
    {
        var start = new ProcessStartInfo("git", ["-C", TestData.Repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            git.ErrorDataReceived += static (_, _) => { };
            git.BeginErrorReadLine();
            var names = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? [.. names.Split('\0', StringSplitOptions.RemoveEmptyEntries)] : null;
        }
        catch (Win32Exception)
        {
            return null; // no git: a source archive
        }
    }

    static IEnumerable<string> FromDisk()
    {
        var pending = new Stack<DirectoryInfo>([new DirectoryInfo(TestData.Repository)]);
        while (pending.TryPop(out var folder))
        {
            foreach (var sub in folder.EnumerateDirectories())
                if (!NotOurs.Contains(sub.Name)) pending.Push(sub);
            foreach (var file in folder.EnumerateFiles())
                yield return Path.GetRelativePath(TestData.Repository, file.FullName).Replace('\\', '/');
        }
    }
}
