namespace EdgeFace.Gallery;

/// <summary>
/// The random key of a gallery's data, encrypted with the key that its owner holds: changing the latter leaves the data as they are.
/// </summary>
static class KeyWrap
{
    static readonly FieldPlace Place = new("data key", 0);

    public static byte[] Wrap(byte[] dataKey, GalleryKey key, byte[] gallery, int version)
    {
        using var cipher = new FieldCipher(key.Bytes.ToArray(), gallery, version);
        return cipher.Seal(dataKey, Place);
    }

    /// <summary>The data key, or null: another key wrapped it, or for another gallery.</summary>
    public static byte[]? Unwrap(byte[] wrapped, GalleryKey key, byte[] gallery, int version)
    {
        using var cipher = new FieldCipher(key.Bytes.ToArray(), gallery, version);
        try
        {
            return cipher.Open(wrapped, Place) is { Length: FieldCipher.KeyBytes } dataKey ? dataKey : null;
        }
        catch (GalleryException)
        {
            return null;
        }
    }
}
