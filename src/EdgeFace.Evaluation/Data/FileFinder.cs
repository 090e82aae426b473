using EdgeFace.Files;
using EdgeFace.Weights;

namespace EdgeFace.Evaluation.Data;

/// <summary>Finds the pictures that a list names below one folder, and nothing outside of it.</summary>
sealed class FileFinder
{
    readonly string _folder;
    readonly IReadOnlyList<string> _extensions;

    /// <exception cref="DataSetException">There is no such folder.</exception>
    public FileFinder(string folder, IReadOnlyList<string> extensions)
    {
        if (!Directory.Exists(folder)) throw DataSetException.NoFolder(folder, "a folder of images");
        var full = Path.GetFullPath(folder);
        _folder = Path.EndsInDirectorySeparator(full) ? full : full + Path.DirectorySeparatorChar;
        _extensions = extensions;
    }

    /// <summary>
    /// The file of a name; where there is none, one of that name with another of the endings. Names have forward slashes and no dot parts.
    /// <paramref name="name"/> becomes null where it leads out of the folder, <paramref name="path"/> where there is no file.
    /// </summary>
    public void Find(string listed, out string? name, out string? path)
    {
        (name, path) = (null, null);
        listed = listed.Replace('\\', '/');
        if (listed.Contains('\0', StringComparison.Ordinal)) return;
        var full = Path.GetFullPath(Path.Combine(_folder, listed));
        if (full.Length == _folder.Length || !full.StartsWith(_folder, StringComparison.Ordinal)) return;
        path = Existing(full);
        name = (path ?? full)[_folder.Length..].Replace('\\', '/');
    }

    string? Existing(string full)
    {
        if (IsRegular(full)) return full;
        var ending = Path.GetExtension(full);
        var stem = _extensions.Contains(ending, StringComparer.OrdinalIgnoreCase) ? full[..^ending.Length] : full;
        return _extensions.Select(e => stem + e).FirstOrDefault(IsRegular);
    }

    static bool IsRegular(string path) => FileStatus.Of(path).Kind == FileKind.Regular;
}
