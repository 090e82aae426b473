namespace EdgeFace.Training;

/// <summary>Where a run takes its data from and leaves its results, and how much of the machine it may use: nothing here changes the result but
/// data and what of it is left out, people, teacher, start and the fit of its head and, in its last bits, the number of threads.</summary>
/// <param name="Data">Sources of crops.</param>
/// <param name="Teacher">The teacher's model file; null where nothing is learnt from one.</param>
/// <param name="Start">The model to start from; null for a fresh start.</param>
/// <param name="Validation">Sets to measure on, as <see cref="ValidationSets"/> takes them; empty for none.</param>
/// <param name="Out">The folder of checkpoints, tables and the model.</param>
/// <param name="Cache">The folder of decoded crops.</param>
/// <param name="Threads">Threads that train.</param>
/// <param name="Workers">Threads that make views and run the teacher.</param>
/// <param name="SaveMinutes">Time between checkpoints.</param>
/// <param name="ValidateViews">Views between validations.</param>
/// <param name="StopAfter">Ends this session once so many views are seen in all; null for the recipe's end.</param>
/// <param name="People">Only crops of the first so many people; null for all.</param>
/// <param name="FitHead">Fits the head, before training, to the teacher's embeddings of so many views; null to leave it.</param>
/// <param name="Beside">Sources of crops without people, which only the teacher's losses see.</param>
/// <param name="Without">A file with the names of crops that are not shown; null for none.</param>
/// <param name="Stated">What the user states of the model for its card; null where nothing is.</param>
sealed record RunOptions(IReadOnlyList<string> Data, string? Teacher, string? Start, IReadOnlyList<string> Validation, string Out,
    string Cache, int Threads, int Workers, double SaveMinutes, long ValidateViews, long? StopAfter = null, int? People = null,
    long? FitHead = null, IReadOnlyList<string>? Beside = null, ModelCard? Stated = null, string? Without = null);
