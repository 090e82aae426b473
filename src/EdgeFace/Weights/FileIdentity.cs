using System.Runtime.InteropServices;

namespace EdgeFace.Weights;

/// <summary>Which file a path leads to, however it is spelled, and of what kind it is. Links are followed; nothing is opened.</summary>
static unsafe partial class FileIdentity
{
    const int FromWorkingFolder = -100;
    const uint TypeAndInode = 0x101;

    /// <summary>Device and inode; null where nothing is there, or on a system that does not tell.</summary>
    public static (long Device, long Inode)? Of(string path) => Look(path).Identity;

    public static FileKind KindOf(string path) => Look(path).Kind;

    public static (FileKind Kind, (long Device, long Inode)? Identity) Look(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                return OnLinux(path);
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before statx.
            }
        }
        return (Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.Regular : FileKind.Missing, null);
    }

    static (FileKind, (long, long)?) OnLinux(string path)
    {
        Status status = default;
        if (path.Contains('\0', StringComparison.Ordinal)) return (FileKind.Missing, null);
        if (StatX(FromWorkingFolder, path, 0, TypeAndInode, &status) != 0) return (FileKind.Missing, null);
        var kind = (status.Mode & 0xF000) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            _ => FileKind.Special,
        };
        return (kind, ((long)status.DeviceMajor << 32 | status.DeviceMinor, (long)status.Inode));
    }

    /// <summary>The kernel's <c>struct statx</c>, alike on all processors and in all C libraries.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, Status* status);
}
