namespace EdgeFace.Evaluation.Data;

/// <summary>How data sets are read.</summary>
public sealed record DataSetOptions
{
    /// <summary>The defaults: everything that can be used is used, everything else is reported.</summary>
    public static DataSetOptions Default { get; } = new();

    /// <summary>Whether a missing file, a malformed line, a wrong count or a contradictory label ends the reading with a <see cref="DataSetException"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>The endings of picture files in the order in which they are tried, where a format names no ending, and those that count in a folder.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [".jpg", ".jpeg", ".png", ".bmp", ".webp"];
}
