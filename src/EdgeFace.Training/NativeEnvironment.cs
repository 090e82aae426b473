using System.Runtime.InteropServices;

namespace EdgeFace.Training;

/// <summary>The environment and memory of native libraries, which are not those that .NET changes.</summary>
static partial class NativeEnvironment
{
    // glibc's malloc.h.
    const int TrimThreshold = -1, MapThreshold = -3;

    /// <summary>Lets glibc keep freed memory: every step frees and allocates the same maps, and pages from the system are cleared anew.</summary>
    public static void KeepMemory()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Tune(MapThreshold, 32 << 20);
            _ = Tune(TrimThreshold, 1 << 30);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library: nothing to tune.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Tune(int parameter, int value);

    /// <summary>Sets a variable unless the user has.</summary>
    public static void Default(string name, string value)
    {
        if (!OperatingSystem.IsWindows()) _ = SetVariable(name, value, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
