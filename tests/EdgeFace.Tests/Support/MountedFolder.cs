using System.ComponentModel;

namespace EdgeFace.Tests.Support;

/// <summary>A folder on a file system of its own: one of a given size, or one that nobody can write, not even root. Needs root on Linux; elsewhere the test is skipped, visibly.</summary>
sealed class MountedFolder : IDisposable
{
    readonly TempFolder _folder = new();
    readonly string _type;

    MountedFolder(string type, params string[] arguments)
    {
        _type = type;
        Directory.CreateDirectory(Path);
        if (Run("mount", [.. arguments, Path]) is not { Length: > 0 } problem) return;
        _folder.Dispose();
        Assert.Skip($"needs the right to mount a file system: {problem}");
    }

    public string Path => _folder["mounted"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>An empty file system in memory.</summary>
    public static MountedFolder OfSize(int kilobytes) => new("tmpfs", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs");

    /// <summary>What another folder holds; writable until <see cref="Protect"/>.</summary>
    public static MountedFolder Of(string folder) => new("bind", "--bind", folder);

    public void Resize(int kilobytes) => Succeed("mount", "-o", $"remount,size={kilobytes}k", Path);

    /// <summary>Nothing can be written from now on.</summary>
    public void Protect() => Succeed("mount", "-o", _type == "bind" ? "remount,ro,bind" : "remount,ro", Path);

    /// <summary>Fills the file system but for some kilobytes; deleting the file makes room again.</summary>
    public string Fill(int left = 0)
    {
        var filler = this["filler"];
        using var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        try
        {
            for (var page = new byte[4096]; ;) file.Write(page);
        }
        catch (IOException)
        {
            file.SetLength(Math.Max(0, file.Length / 4096 * 4096 - left * 1024L));
        }
        return filler;
    }

    public void Dispose()
    {
        Run("umount", ["-l", Path]);
        _folder.Dispose();
    }

    static void Succeed(string program, params string[] arguments) => Assert.Equal("", Run(program, arguments));

    static string Run(string program, string[] arguments)
    {
        try
        {
            var run = ProcessRun.Of(program, arguments);
            return run.ExitCode == 0 ? "" : $"{program} {string.Join(' ', arguments)}: {run.Error.Trim()}";
        }
        catch (Win32Exception e)
        {
            return $"{program}: {e.Message}";
        }
    }
}
