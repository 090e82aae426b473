using System.Text;
using EdgeFace.Gallery;

namespace EdgeFace.App.Galleries;

/// <summary>A file that holds a key: never written over another, and for its owner alone where the system knows owners.</summary>
static class KeyFile
{
    public static void Write(string path, GalleryKey key)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, how);
        file.Write(Encoding.ASCII.GetBytes(key.ToBase64() + "\n"));
        file.Flush(flushToDisk: true);
    }
}
