namespace EdgeFace.Evaluation.Data;

/// <summary>How data sets are read.</summary>
public sealed record DataSetOptions
{
    /// <summary>The defaults: everything that can be used is used, everything else is reported.</summary>
    public static DataSetOptions Default { get; } = new();

    /// <summary>
    /// Whether a missing or unreadable file, a malformed line, a wrong count or a contradictory label ends the reading with a <see
    /// cref="DataSetException"/>.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// The endings of picture files, in any case: those that count in a folder, and those that are tried, in this order, where a list names no
    /// ending. By default all kinds that EdgeFace reads.
    /// </summary>
    public IReadOnlyList<string> Extensions { get; init; } = [".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".jpe", ".jfif", ".dib"];

    /// <summary>Whether folders that links lead to are read too. However many names lead to a file or folder, it is read once.</summary>
    public bool FollowLinks { get; init; }
}
