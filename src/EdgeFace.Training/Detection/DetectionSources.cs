namespace EdgeFace.Training.Detection;

/// <summary>What a detector's network is trained on and measured with, beside <see cref="RunOptions"/>, whose data are folders of pictures without
/// annotations, and whose validation is a list of annotated faces.</summary>
/// <param name="Faces">Lists of annotated faces, or folders with one.</param>
/// <param name="Partner">The model of the other network: of the refiner, or of stage 1; null where nothing is measured or mined with it.</param>
/// <param name="ValidationSet">The pictures of the validation list that are measured; null for all.</param>
sealed record DetectionSources(IReadOnlyList<string> Faces, string? Partner, string? ValidationSet);
