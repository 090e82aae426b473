namespace EdgeFace.People;

/// <summary>What was asked for cannot be carried out as it was said.</summary>
sealed class UsageException(string message) : EdgeFaceException(message, ErrorKind.Request), IEndsAll;
