namespace EdgeFace.Gallery;

/// <summary>The search's index beside a gallery's file, so that it need not be made anew at every opening. Deleting it loses nothing.</summary>
static class IndexFile
{
    public static string PathOf(string gallery) => gallery + "-index";

    /// <summary>Removes the file, and what a process that was killed while writing it has left.</summary>
    public static void Delete(string gallery)
    {
        var full = Path.GetFullPath(PathOf(gallery));
        File.Delete(full);
        foreach (var partial in Directory.EnumerateFiles(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.*.partial")) File.Delete(partial);
    }
}
