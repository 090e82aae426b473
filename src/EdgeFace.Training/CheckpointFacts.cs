namespace EdgeFace.Training;

/// <summary>What a checkpoint says beside its tensors.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Views">Views seen.</param>
/// <param name="Seconds">Time spent training.</param>
/// <param name="Data">What it was trained on: a resumed run must have the same.</param>
/// <param name="Recipe">The recipe.</param>
sealed record CheckpointFacts(long Steps, long Views, double Seconds, string Data, Recipe Recipe);
