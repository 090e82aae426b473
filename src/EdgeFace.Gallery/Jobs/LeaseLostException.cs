namespace EdgeFace.Gallery;

/// <summary>
/// A worker no longer holds a job: its lease expired and another took it over, or the person was deleted. What it wanted to do was not done.
/// </summary>
public sealed class LeaseLostException : GalleryException
{
    internal LeaseLostException(EnrolJob job) : base(
        $"'{job.Worker}' no longer holds job {job.Id}: its lease expired and another worker took it over, or the person was deleted")
        => JobId = job.Id;

    /// <summary>Number of the job.</summary>
    public long JobId { get; }
}
