namespace EdgeFace.Tests.Support;

/// <summary>Rights of files where the system knows them; elsewhere none.</summary>
static class Rights
{
    public static UnixFileMode Of(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    public static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, mode);
    }
}
