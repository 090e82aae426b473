namespace EdgeFace.Gallery;

/// <summary>How a connection uses a file.</summary>
enum SqliteReach
{
    /// <summary>Reads and writes it.</summary>
    Write,

    /// <summary>Reads it, and sees what others write: their log and their locks lie beside it.</summary>
    Read,

    /// <summary>Reads a file that nobody has open, without a log or locks. Should it be written after all, whatever is read is refused.</summary>
    ReadUnlocked,
}
