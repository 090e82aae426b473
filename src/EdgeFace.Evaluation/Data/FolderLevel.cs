namespace EdgeFace.Evaluation.Data;

/// <summary>What one folder holds, each in the order of its characters.</summary>
/// <param name="Pictures">Regular files that end as pictures do that are read.</param>
/// <param name="Folders">Folders to go on with.</param>
/// <param name="Others">Regular files that do not look like pictures.</param>
sealed record FolderLevel(IReadOnlyList<string> Pictures, IReadOnlyList<string> Folders, IReadOnlyList<string> Others);
