namespace EdgeFace.Weights;

/// <summary>Writes a file so that it appears whole or not at all: beside its place, flushed to the disk, then renamed.</summary>
static class AtomicFile
{
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        var partial = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, full, overwrite: true);
        }
        catch (Exception e)
        {
            if (File.Exists(partial)) File.Delete(partial);
            if (e is IOException or UnauthorizedAccessException) throw new IOException($"{path}: cannot be written: {e.Message.Replace(partial, full, StringComparison.Ordinal)}", e);
            throw;
        }
    }
}
