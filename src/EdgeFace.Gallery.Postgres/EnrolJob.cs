namespace EdgeFace.Gallery.Postgres;

/// <summary>Work to be added to <see cref="EnrolJobs"/>: a picture of a person.</summary>
/// <param name="Person">Whose; with an external key.</param>
/// <param name="Source">Where the worker finds the picture, e.g. a path that means the same to all workers; 1 to 4096 characters.</param>
public sealed record NewEnrolJob(NewPerson Person, string Source);

/// <summary>Work that was taken from <see cref="EnrolJobs"/>.</summary>
/// <param name="Id">Number of the job.</param>
/// <param name="Person">Whose picture it is.</param>
/// <param name="Source">Where the picture is.</param>
/// <param name="Worker">Who took it.</param>
/// <param name="Attempt">How often it has been taken, from 1. Only the last taker can complete it.</param>
public sealed record EnrolJob(long Id, NewPerson Person, string Source, string Worker, int Attempt);

/// <summary>A job that was given up.</summary>
/// <param name="Id">Number of the job.</param>
/// <param name="Person">Whose picture it is.</param>
/// <param name="Source">Where the picture is.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">What was wrong, in the words of the last worker.</param>
public sealed record EnrolFailure(long Id, NewPerson Person, string Source, int Attempts, string Error);

/// <summary>How many jobs there are.</summary>
/// <param name="Waiting">To be taken.</param>
/// <param name="Taken">Taken, also those whose lease has expired.</param>
/// <param name="Done">Enrolled.</param>
/// <param name="Dead">Given up.</param>
public sealed record EnrolCounts(long Waiting, long Taken, long Done, long Dead);

/// <summary>
/// A worker no longer holds a job: its lease expired and another took it over, or the person was deleted. What it wanted to do was not done.
/// </summary>
/// <param name="job">The job.</param>
public sealed class LeaseLostException(EnrolJob job) : GalleryException(
    $"'{job.Worker}' no longer holds job {job.Id}: its lease expired and another worker took it over, or the person was deleted")
{
    /// <summary>Number of the job.</summary>
    public long JobId { get; } = job.Id;
}
