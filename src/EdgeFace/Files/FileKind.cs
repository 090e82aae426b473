namespace EdgeFace.Files;

/// <summary>What stands at a path, links followed.</summary>
enum FileKind
{
    /// <summary>Nothing, or nothing that may be looked at.</summary>
    Missing,

    Regular,
    Folder,

    /// <summary>A pipe, socket or device: opening or reading it may wait for ever.</summary>
    Special,
}
