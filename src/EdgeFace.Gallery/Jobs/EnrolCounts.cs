namespace EdgeFace.Gallery;

/// <summary>How many jobs there are.</summary>
/// <param name="Waiting">To be taken.</param>
/// <param name="Taken">Taken, also those whose lease has expired.</param>
/// <param name="Done">Enrolled.</param>
/// <param name="Dead">Given up.</param>
public sealed record EnrolCounts(long Waiting, long Taken, long Done, long Dead);
