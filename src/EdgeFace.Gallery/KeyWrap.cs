using System.Security.Cryptography;

namespace EdgeFace.Gallery;

/// <summary>The random key of a gallery's data, encrypted with the key that its owner holds: changing the latter leaves the data as they are.</summary>
static class KeyWrap
{
    public static byte[] Wrap(byte[] dataKey, GalleryKey key)
    {
        using var cipher = new FieldCipher(key.Bytes.ToArray());
        return cipher.Seal(dataKey, "data key", 0);
    }

    /// <summary>The data key, or null: another key wrapped it.</summary>
    public static byte[]? Unwrap(byte[] wrapped, GalleryKey key)
    {
        using var cipher = new FieldCipher(key.Bytes.ToArray());
        try
        {
            return cipher.Open(wrapped, "data key", 0);
        }
        catch (GalleryException)
        {
            return null;
        }
    }
}
