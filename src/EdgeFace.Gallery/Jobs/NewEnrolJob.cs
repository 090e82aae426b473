namespace EdgeFace.Gallery;

/// <summary>Work to be added to <see cref="IEnrolJobs"/>: a picture of a person.</summary>
/// <param name="Person">Whose; with an external key.</param>
/// <param name="Source">Where the worker finds the picture, e.g. a path that means the same to all workers; 1 to 4096 characters.</param>
public sealed record NewEnrolJob(NewPerson Person, string Source);
