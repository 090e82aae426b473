using System.Runtime.InteropServices;

namespace EdgeFace.Training;

/// <summary>The environment that native libraries see, which is not the one that .NET changes.</summary>
static partial class NativeEnvironment
{
    /// <summary>Sets a variable unless the user has.</summary>
    public static void Default(string name, string value)
    {
        if (!OperatingSystem.IsWindows()) _ = SetVariable(name, value, overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
