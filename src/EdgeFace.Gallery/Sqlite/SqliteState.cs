namespace EdgeFace.Gallery;

/// <summary>What a gallery's file counts of itself, its table <c>state</c>.</summary>
/// <param name="Stamp">Random; changes with every change of samples.</param>
/// <param name="Persons">People.</param>
/// <param name="Samples">Samples.</param>
/// <param name="Crops">Samples with a crop.</param>
/// <param name="Deletions">How often something was deleted.</param>
/// <param name="Cleared">So many of them have left no traces.</param>
readonly record struct SqliteState(byte[] Stamp, long Persons, long Samples, long Crops, long Deletions, long Cleared);
