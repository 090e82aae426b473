namespace EdgeFace.Files;

/// <summary>
/// Which file a path means, whatever its spelling: paths of one file have one place. What is not there yet is known by its folder and name.
/// </summary>
readonly record struct FilePlace((long Device, long Inode) Identity, string Name)
{
    public static FilePlace Of(string path)
    {
        // No path of a file; it is itself and nothing else.
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)) return new(default, path);
        var full = AtomicFile.Target(path);
        if (FileStatus.Of(full).Identity is { } there) return new(there, "");
        if (FileStatus.Of(Path.GetDirectoryName(full) ?? full).Identity is { } folder) return new(folder, Path.GetFileName(full));
        return new(default, OperatingSystem.IsWindows() ? full.ToUpperInvariant() : full);
    }
}
