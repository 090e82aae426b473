namespace EdgeFace.Training;

/// <summary>What a model is worth on all sets of a validation.</summary>
/// <param name="First">Figures of the first set: a guard against forgetting goes by them.</param>
/// <param name="Lines">A line of text for each set.</param>
/// <param name="Values">The values of the table's columns.</param>
readonly record struct ValidationResult(ValidationFigures First, IReadOnlyList<string> Lines, IReadOnlyList<double?> Values);
