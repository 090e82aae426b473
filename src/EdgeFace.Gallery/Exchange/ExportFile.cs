using EdgeFace.Files;

namespace EdgeFace.Gallery;

/// <summary>The files of an export, before they are opened: who made the export chose their names, not what lies there.</summary>
static class ExportFile
{
    /// <summary>
    /// Refuses what is no file of the folder's own: a link, also of the folder between, leads elsewhere, and a pipe would wait for ever.
    /// </summary>
    /// <returns>The path.</returns>
    public static string Require(string folder, string name, long mostBytes = long.MaxValue)
    {
        var path = Path.Combine(folder, name);
        var file = new FileInfo(path);
        var between = new DirectoryInfo(Path.GetDirectoryName(path)!);
        if (file.LinkTarget is not null || Path.GetDirectoryName(name) is { Length: > 0 } && between.LinkTarget is not null)
            throw new ExportDamagedException($"{path} is a link: an export has files of its own only");
        // Opening a pipe would wait for somebody to write into it.
        var kind = FileStatus.Of(path).Kind;
        if (kind == FileKind.Missing) throw new ExportDamagedException($"{path} is missing: the export is incomplete");
        if (kind != FileKind.Regular) throw new ExportDamagedException($"{path} is no regular file");
        return file.Length <= mostBytes ? path : throw new ExportDamagedException($"{path} has more than {mostBytes} bytes");
    }
}
