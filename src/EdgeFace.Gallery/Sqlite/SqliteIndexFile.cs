using EdgeFace.Files;
using EdgeFace.Gallery.Search;

namespace EdgeFace.Gallery;

/// <summary>The search's index beside a gallery's file, so that it need not be made anew at every opening. Deleting it loses nothing.</summary>
static class SqliteIndexFile
{
    public static string PathOf(string gallery) => gallery + "-index";

    /// <summary>The index, if the file is there, whole, and of the state that the tag names; else null.</summary>
    public static CompactIndex? Load(string gallery, int rank, byte[] tag)
    {
        try
        {
            if (!File.Exists(PathOf(gallery))) return null;
            using var file = new FileStream(PathOf(gallery), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 20);
            return CompactIndex.Load(file, rank, tag);
        }
        catch (Exception e) when (e is IndexFileException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the file, as private as the gallery's. What prevents it is no error: the next opening makes the index anew.</summary>
    public static void Save(string gallery, CompactIndex index, byte[] tag)
    {
        try
        {
            // A new file, whatever stood there: its rights are the gallery's of today.
            File.Delete(PathOf(gallery));
            AtomicFile.Write(PathOf(gallery), stream => index.Save(stream, tag), OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(gallery));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Removes the file, and what a process that was killed while writing it has left.</summary>
    public static void Delete(string gallery)
    {
        var full = Path.GetFullPath(PathOf(gallery));
        File.Delete(full);
        foreach (var partial in Directory.EnumerateFiles(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.*.partial")) File.Delete(partial);
    }
}
