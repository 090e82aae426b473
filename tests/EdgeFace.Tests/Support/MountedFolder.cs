using System.ComponentModel;

namespace EdgeFace.Tests.Support;

/// <summary>
/// A folder on a file system of its own: one of a given size, or one that nobody can write, not even root.
/// Needs root on Linux; elsewhere the test is skipped, visibly.
/// </summary>
sealed class MountedFolder : IDisposable
{
    const string Image = "IMAGE";

    readonly TempFolder _folder = new();
    readonly string _type;

    MountedFolder(string type, int imageKilobytes, params string[] arguments)
    {
        _type = type;
        Directory.CreateDirectory(Path);
        var problem = imageKilobytes > 0 ? MakeImage(imageKilobytes) : "";
        if (problem.Length == 0) problem = Run("mount", [.. arguments.Select(a => a == Image ? _folder["image"] : a), Path]);
        if (problem.Length == 0) return;
        _folder.Dispose();
        Assert.Skip($"needs the right to mount a file system: {problem}");
    }

    string MakeImage(int kilobytes)
    {
        using (var image = File.Create(_folder["image"])) image.SetLength(kilobytes * 1024L);
        return Run("mkfs.ext4", ["-q", "-O", "^has_journal", "-m", "0", "-N", "64", _folder["image"]]);
    }

    public string Path => _folder["mounted"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>An empty file system in memory.</summary>
    public static MountedFolder OfSize(int kilobytes) => new("tmpfs", 0, "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs");

    /// <summary>An empty ext4, which lies in a file.</summary>
    public static MountedFolder Ext4(int kilobytes) => new("ext4", kilobytes, "-t", "ext4", "-o", "loop", Image);

    /// <summary>What another folder holds; writable until <see cref="Protect"/>.</summary>
    public static MountedFolder Of(string folder) => new("bind", 0, "--bind", folder);

    /// <summary>Nothing can be written from now on.</summary>
    public void Protect() => Assert.Equal("", Run("mount", ["-o", _type == "bind" ? "remount,ro,bind" : "remount,ro", Path]));

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
