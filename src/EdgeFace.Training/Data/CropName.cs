namespace EdgeFace.Training.Data;

/// <summary>What a crop is called.</summary>
/// <param name="Name">The source's file or folder, and the picture in it.</param>
/// <param name="Person">The person's name; null where nobody tells, or by a number of its source alone.</param>
/// <param name="Whose">A number that crops of one person in one source have in common; null where nobody tells.</param>
readonly record struct CropName(string Name, string? Person, long? Whose);
