namespace EdgeFace.Files;

enum FileKind
{
    Regular,
    Folder,

    /// <summary>A device, a FIFO or a socket.</summary>
    Special,
}
