using System.Text;
using EdgeFace.Files;
using EdgeFace.Gallery;

namespace EdgeFace.App.Galleries;

/// <summary>A file that holds a key: never written over another, and for its owner alone where the system knows owners.</summary>
static class KeyFile
{
    public static void Write(string path, GalleryKey key)
    {
        var text = Encoding.ASCII.GetBytes(key.ToBase64() + "\n");
        AtomicFile.WriteNew(path, stream => stream.Write(text), AtomicFile.Private);
    }
}
