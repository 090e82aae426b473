using System.Runtime.InteropServices;

namespace EdgeFace.Files;

/// <summary>What stands at a path. Links are followed; nothing is opened. Elsewhere than on Linux only its kind is known.</summary>
readonly partial record struct FileStatus
{
    const int CurrentFolder = -100, BasicFacts = 0x7ff, Size = 256;

    const UnixFileMode Rights = (UnixFileMode)0x1ff;

    public FileKind Kind { get; private init; }

    /// <summary>One file of this machine, however it is spelt; null where nothing is there, or on a system that does not tell.</summary>
    public (long Device, long Inode)? Identity { get; private init; }

    UnixFileMode Mode { get; init; }

    int User { get; init; }

    int Group { get; init; }

    public static FileStatus Of(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal)) return default;
        try
        {
            if (OperatingSystem.IsLinux()) return OfLinux(path);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before statx.
        }
        return new() { Kind = Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.Regular : FileKind.Missing };
    }

    /// <summary>Gives an open file the rights of this one and, as far as the process may, its owner.</summary>
    public void ApplyTo(SafeHandle file)
    {
        if (Identity is null || OperatingSystem.IsWindows()) return;
        // Who may not give a file away may still give it to a group.
        if (ChangeOwner(file, User, Group) != 0) _ = ChangeOwner(file, -1, Group);
        File.SetUnixFileMode((Microsoft.Win32.SafeHandles.SafeFileHandle)file, Mode);
    }

    // struct statx is laid out alike on every processor, which struct stat is not.
    static FileStatus OfLinux(string path)
    {
        Span<byte> facts = stackalloc byte[Size];
        if (Look(CurrentFolder, path, 0, BasicFacts, ref facts[0]) != 0) return default;
        int user = MemoryMarshal.Read<int>(facts[20..]), group = MemoryMarshal.Read<int>(facts[24..]),
            mode = MemoryMarshal.Read<ushort>(facts[28..]);
        uint major = MemoryMarshal.Read<uint>(facts[136..]), minor = MemoryMarshal.Read<uint>(facts[140..]);
        return new()
        {
            Kind = (mode & 0xf000) switch { 0x8000 => FileKind.Regular, 0x4000 => FileKind.Folder, _ => FileKind.Special },
            Identity = ((long)major << 32 | minor, MemoryMarshal.Read<long>(facts[32..])),
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
