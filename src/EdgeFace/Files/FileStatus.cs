using System.Runtime.InteropServices;

namespace EdgeFace.Files;

/// <summary>What stands at a path, links followed. Elsewhere than on Linux only its kind is known.</summary>
readonly partial record struct FileStatus
{
    const int CurrentFolder = -100, BasicFacts = 0x7ff, Size = 256;

    const UnixFileMode Rights = (UnixFileMode)0x1ff;

    public FileKind Kind { get; private init; }

    /// <summary>With <see cref="Inode"/> one file of this machine, however it is spelt; both 0 where the system does not tell.</summary>
    public ulong Device { get; private init; }

    public ulong Inode { get; private init; }

    UnixFileMode Mode { get; init; }

    int User { get; init; }

    int Group { get; init; }

    /// <summary>Null where nothing stands, or nothing that may be looked at.</summary>
    public static FileStatus? Of(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)) return null;
        if (OperatingSystem.IsLinux()) return OfLinux(path);
        return Directory.Exists(path) ? new() { Kind = FileKind.Folder } : File.Exists(path) ? new() { Kind = FileKind.Regular } : null;
    }

    /// <summary>Gives an open file the rights of this one and, as far as the process may, its owner.</summary>
    public void ApplyTo(SafeHandle file)
    {
        if (!OperatingSystem.IsLinux()) return;
        // Who may not give a file away may still give it to a group.
        if (ChangeOwner(file, User, Group) != 0) _ = ChangeOwner(file, -1, Group);
        File.SetUnixFileMode((Microsoft.Win32.SafeHandles.SafeFileHandle)file, Mode);
    }

    // struct statx is laid out alike on every processor, which struct stat is not.
    static FileStatus? OfLinux(string path)
    {
        Span<byte> facts = stackalloc byte[Size];
        if (Look(CurrentFolder, path, 0, BasicFacts, ref facts[0]) != 0) return null;
        int user = MemoryMarshal.Read<int>(facts[20..]), group = MemoryMarshal.Read<int>(facts[24..]), mode = MemoryMarshal.Read<ushort>(facts[28..]);
        uint major = MemoryMarshal.Read<uint>(facts[136..]), minor = MemoryMarshal.Read<uint>(facts[140..]);
        return new()
        {
            Kind = (mode & 0xf000) switch { 0x8000 => FileKind.Regular, 0x4000 => FileKind.Folder, _ => FileKind.Special },
            Device = (ulong)major << 32 | minor,
            Inode = MemoryMarshal.Read<ulong>(facts[32..]),
            Mode = (UnixFileMode)mode & Rights,
            User = user,
            Group = group,
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(int folder, string path, int flags, uint wanted, ref byte facts);

    [LibraryImport("libc", EntryPoint = "fchown")]
    private static partial int ChangeOwner(SafeHandle file, int user, int group);
}
