using System.Text;
using EdgeFace.Gallery;

namespace EdgeFace.App.Galleries;

/// <summary>A file that holds a key: whole or not there, never written over another, and for its owner alone where the system knows owners.</summary>
static class KeyFile
{
    public static void Write(string path, GalleryKey key)
    {
        var full = Path.GetFullPath(path);
        if (Path.Exists(full)) throw new InputException($"{path} exists already: a key is never written over another file");
        var partial = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.partial");
        try
        {
            WriteWhole(partial, Encoding.ASCII.GetBytes(key.ToBase64() + "\n"));
            File.Move(partial, full, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e.Message.Replace(partial, full, StringComparison.Ordinal);
            throw new InputException($"{path}: the key cannot be written, and no file was left: {why}", e);
        }
        finally
        {
            if (File.Exists(partial)) File.Delete(partial);
        }
    }

    static void WriteWhole(string path, byte[] content)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, how);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }
}
