namespace EdgeFace.Files;

/// <summary>Which file a path means, whatever its spelling: paths of one file have one identity. What is not there yet is known by its folder and name.</summary>
readonly record struct FileIdentity(ulong Device, ulong Inode, string Name)
{
    public static FileIdentity Of(string path)
    {
        // No path of a file; it is itself and nothing else.
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)) return new(0, 0, path);
        var full = AtomicFile.Target(path);
        if (FileStatus.Of(full) is { Inode: not 0 } there) return new(there.Device, there.Inode, "");
        if (FileStatus.Of(Path.GetDirectoryName(full) ?? full) is { Inode: not 0 } folder) return new(folder.Device, folder.Inode, Path.GetFileName(full));
        return new(0, 0, OperatingSystem.IsWindows() ? full.ToUpperInvariant() : full);
    }
}
