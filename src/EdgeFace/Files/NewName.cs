using System.Runtime.InteropServices;

namespace EdgeFace.Files;

/// <summary>Gives a file a name that nothing has yet: of several processes at once one succeeds, and no file is replaced.</summary>
static partial class NewName
{
    const int Exists = 17;

    /// <exception cref="IOException">The name is taken, or cannot be given.</exception>
    public static void Give(string from, string to)
    {
        // File.Move looks first and renames then, which replaces what another process has put there in between.
        if (OperatingSystem.IsWindows() || (Link(from, to) != 0 && Marshal.GetLastPInvokeError() != Exists)) File.Move(from, to, overwrite: false);
        else if (Marshal.GetLastPInvokeError() == Exists && !SameFile(from, to)) throw new IOException($"{to} exists already");
        else File.Delete(from);
    }

    static bool SameFile(string a, string b) => FileStatus.Of(a).Identity is { } one && one == FileStatus.Of(b).Identity;

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
