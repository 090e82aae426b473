namespace EdgeFace.Gallery;

/// <summary>What a gallery's file is opened for.</summary>
public enum GalleryAccess
{
    /// <summary>Reading and changing it. Refused where the file or its folder cannot be written.</summary>
    ReadWrite,

    /// <summary>
    /// As <see cref="ReadWrite"/> where that is possible, else as <see cref="ReadOnly"/>: on a read-only or full disk, and
    /// for users who may only read.
    /// </summary>
    ReadWriteIfPossible,

    /// <summary>
    /// Reading alone. No file is made or changed: an older version stays as it is, and traces of what was deleted stay, too. Where nobody else has
    /// the gallery open it is read without locks; should another process change it then, further calls are refused until it is opened anew.
    /// </summary>
    ReadOnly,
}
